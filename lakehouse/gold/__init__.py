"""Gold: additive measures per window. Every module takes silver.llm_interactions and gives one table."""
