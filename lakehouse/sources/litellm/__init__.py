"""LiteLLM proxy: the table LiteLLM_SpendLogs."""
