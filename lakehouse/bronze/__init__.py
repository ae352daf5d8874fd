"""Bronze: the source's rows as they came, in an envelope."""
