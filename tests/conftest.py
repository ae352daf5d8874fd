"""One Spark session for the whole suite, and lakehouses on it that each test module can have for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.context import JobContext
from lakehouse.config import Settings
from lakehouse.io.catalog import provision
from lakehouse.io.session import get_session

MakeContext = Callable[[Settings], JobContext]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home of the session; lakehouses have their own."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def spark(home: Path) -> Iterator[SparkSession]:
    """The one session, as the product makes it."""
    session = get_session(Settings(home=home))
    yield session
    session.stop()


@pytest.fixture(scope="session")
def make_context(spark: SparkSession) -> MakeContext:
    """Open a new, empty lakehouse in the one session; the one opened before is forgotten by the catalog."""

    def make(settings: Settings) -> JobContext:
        context = JobContext(settings, tell=lambda line: None)
        provision(spark, settings)
        context.__dict__["spark"] = spark  # what the cached property would make, but in the one session
        return context

    return make
