"""The one factory of Spark sessions: small and silent locally, the workspace's own on Databricks."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lakehouse.errors import ConfigurationError, JavaError
from lakehouse.io.java import HELP, java_home

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from lakehouse.config import Settings

# The Delta artifact is named after Spark's minor version; the driver reads PostgreSQL.
PACKAGES = ("io.delta:delta-spark_4.1_2.13:4.4.0", "org.postgresql:postgresql:42.7.13")
DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.databricks.delta.snapshotPartitions": "2",  # the default of 50 doubles the time of every small commit
    "spark.sql.legacy.parameterSubstitution.constantsOnly": "true",  # else Delta 4.4 leaves :name markers unbound
}
# HotSpot leaves methods above 8,000 bytecodes to its interpreter; the code that Spark generates for our wide rows is.
JAVA_OPTIONS = "-Duser.timezone=UTC -XX:+UseSerialGC -XX:-DontCompileHugeMethods"
# Values that hardly repeat: Parquet would fill a dictionary with each and then throw it away.
UNIQUE = ("interaction_id", "source_record_id", "record_hash", "_source_key", "_record_hash", "request_id")
QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


def get_session(settings: Settings) -> SparkSession:
    """Give the session that all code runs on.

    Raises:
        ConfigurationError: The home is not writable, or the session is not in UTC.
        JavaError: Locally, no Java 17 or 21 starts, or Spark does not start with it.
    """
    _silence()
    os.environ["TZ"] = "UTC"  # collect() gives naive datetimes in the process's zone
    time.tzset()
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        from pyspark.sql import SparkSession

        spark: SparkSession = SparkSession.builder.getOrCreate()
        spark.sql(f"SET CATALOG {settings.catalog}")
    else:
        spark = _local_session(settings)
    if (zone := spark.conf.get("spark.sql.session.timeZone")) not in {"UTC", "Etc/UTC"}:
        raise ConfigurationError(f"the Spark session is in {zone}, not in UTC: set spark.sql.session.timeZone=UTC")
    return spark


def prepare_home(home: Path) -> Path:
    """Make the lakehouse's folder, readable by its owner alone.

    Raises:
        ConfigurationError: It cannot be made or written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (home / "logs").mkdir(exist_ok=True)
        (home / "logs" / ".writable").write_text("")
    except OSError as error:
        raise ConfigurationError(f"cannot write to {home}: {error.strerror}; choose another --home") from error
    return home.resolve()


def _local_session(settings: Settings) -> SparkSession:
    if sys.platform == "win32":
        raise ConfigurationError("Windows runs the observatory through WSL2: install it, then start there")
    home = prepare_home(settings.home)
    os.environ["JAVA_HOME"] = str(java_home())
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    log = home / "logs" / "spark.log"
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(settings.master).appName("observatory")
    for key, value in local_conf(settings, home).items():
        builder = builder.config(key, value)
    try:
        with _stderr_to(log):
            return builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise JavaError(f"Spark did not start with {os.environ['JAVA_HOME']}, see {log}: {HELP}") from error


def local_conf(settings: Settings, home: Path) -> dict[str, str]:
    """Settings of the local session."""
    return {
        **DELTA,
        **QUIET,
        **{f"spark.hadoop.parquet.enable.dictionary#{name}": "false" for name in UNIQUE},
        "spark.jars.packages": ",".join(PACKAGES),
        "spark.driver.memory": settings.driver_memory,
        "spark.driver.extraJavaOptions": JAVA_OPTIONS,
        # A run has some hundred plans, repeated by the next one; with the default of 100 most are compiled again.
        "spark.sql.codegen.cache.maxEntries": "4000",
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions),
        # VACUUM lists files with so many tasks; the default of 10,000 takes most of a minute for each small table
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": str(settings.shuffle_partitions),
        "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.local.dir": str(home / "tmp"),
    }


def _silence() -> None:
    """Keep values and secrets out of logs.

    PySpark prints each query error to stderr itself, a whole trace with values of the rows; Py4J writes every call at
    level DEBUG, and with one of them the source's password.
    """
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # `disabled` is undone by who configures logging later
    logging.getLogger("py4j").setLevel(logging.INFO)


@contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    """Let the JVM, which keeps the stderr it starts with, write to a file instead of the user's terminal."""
    sys.stderr.flush()
    kept = os.dup(2)
    with log.open("a") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
