"""AI/BI dashboard files (`*.lvdash.json`), read, checked and drawn without a workspace."""
