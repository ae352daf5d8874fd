"""Source systems: what to select from each and how its rows become the canonical model."""
