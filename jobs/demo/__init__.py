"""Real requests and a database of their own, so that the whole thread runs on a machine that has neither."""
