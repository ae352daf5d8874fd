"""What a deployment in a Databricks workspace is asked and told, through the vendor's SDK."""
