"""SQL as package data: views by subject, and what reads and publishes them."""
