"""Any table of any database: the columns are mapped in the configuration."""
