"""`python -m jobs.cli` is `observatory`."""

from __future__ import annotations

from jobs.cli import main

main()
