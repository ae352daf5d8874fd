"""What people see in a browser: pure functions from rows of the views to HTML; needs no Spark."""
