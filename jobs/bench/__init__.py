"""How fast the pipeline is, beside DuckDB doing the same work on the same files."""
