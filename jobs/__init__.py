"""Thin entry points: the command line and one module a task; all logic lies in lakehouse and quality."""
