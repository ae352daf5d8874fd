"""A scratch lakehouse of delivered files: what the comparisons that go through our own tables share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.console import tell
from jobs.context import JobContext
from jobs.ingest import ingest
from jobs.refine import refine
from lakehouse.config import Settings, SourceSettings


@contextmanager
def delivered(source: SourceSettings, price_overrides: Path | None = None) -> Iterator[JobContext]:
    """Read all files of one source into a lakehouse of its own, refine them, and delete it afterwards."""
    with tempfile.TemporaryDirectory(prefix="observatory-truth-") as scratch:
        settings = Settings(home=Path(scratch), sources=(source,), price_overrides=price_overrides, driver_memory="4g")
        context = JobContext(settings, tell)
        ingest(context)
        refine(context)
        yield context
