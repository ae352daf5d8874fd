"""The Databricks bundle as data: read, resolved for a target, and judged before the vendor's tool sees it."""
