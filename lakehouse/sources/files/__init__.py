"""A folder of delivered files: the columns are mapped in the configuration."""
