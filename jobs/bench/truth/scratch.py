"""A Spark session for comparisons that need no lakehouse."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import SparkSession

from lakehouse.config import Settings
from lakehouse.io.session import get_session


@contextmanager
def scratch_session() -> Iterator[SparkSession]:
    """Give the one session, whose own files lie in a folder that is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="observatory-truth-") as scratch:
        yield get_session(Settings(home=Path(scratch)))
