"""Quality gates: rules as YAML, compiled to Spark columns; the verdict is Great Expectations'."""
