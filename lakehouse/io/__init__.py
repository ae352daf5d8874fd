"""The only edges: session, catalog, database, write, secrets, lock."""
