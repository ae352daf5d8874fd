"""Silver: the canonical model. Every module takes DataFrames and gives DataFrames."""
