"""One Spark session for each process of the suite, and lakehouses on it that each test module can have for itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.context import JobContext
from lakehouse.config import Settings
from lakehouse.io.catalog import provision
from lakehouse.io.session import get_session

# The better compiler of the JVM takes a third of all CPU before it gives any back.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=400m")
START = "from lakehouse.config import Settings; from lakehouse.io.session import get_session; get_session(Settings())"
TINY = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.databricks.delta.stats.skipping": "false",
}
MakeContext = Callable[[Settings], JobContext]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Fetch Spark's JARs once: where the cache is empty, two processes that fill it break each other's files."""
    if hasattr(session.config, "workerinput") or list(Path.home().glob(".ivy2*/jars/io.delta_delta-spark*")):
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"OBSERVATORY_HOME": folder}
        subprocess.run([sys.executable, "-c", START], check=True, env=environment, timeout=600)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home of the session; lakehouses have their own."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def spark(home: Path) -> Iterator[SparkSession]:
    """The one session, as the product makes it, but for what costs more than it gives with tiny tables."""
    session = get_session(Settings(home=home))
    for name, value in TINY.items():
        session.conf.set(name, value)
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
