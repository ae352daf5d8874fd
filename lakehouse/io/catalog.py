"""Creates or registers schemas, tables and views; the local catalog forgets them with each process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from lakehouse.errors import ConfigurationError
from lakehouse.sql.loader import load_views
from lakehouse.tables import Table, all_tables
from lakehouse.tables.ddl import create_table, quote
from lakehouse.tables.model import LAYERS

AT_ONCE = 4  # tables made side by side: each waits for its catalog and its first commit
LOCAL = "spark_catalog"  # the only name that open-source Spark has for its own catalog

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from lakehouse.config import Settings


def provision(spark: SparkSession, settings: Settings) -> None:
    """Create what is missing and register what is there, bronze too; changes nothing on the second call.

    Args:
        spark: The session; its catalog is set.
        settings: Tells the home, whose folders are the tables' locations locally.
    """
    if settings.catalog == LOCAL:
        forget(spark)
    for layer in LAYERS:
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS {layer}")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda table: provision_table(spark, settings, table), all_tables()))
    if settings.catalog == LOCAL:
        for log in sorted((settings.home.resolve() / "bronze").glob("*/_delta_log")):
            register(spark, f"bronze.{log.parent.name}", log.parent)
    publish_views(spark)


def forget(spark: SparkSession) -> None:
    """Empty the local catalog, which may know another lakehouse; every table is external, so no file is touched."""
    for layer in LAYERS:
        spark.sql(f"DROP SCHEMA IF EXISTS {layer} CASCADE")


def provision_table(spark: SparkSession, settings: Settings, table: Table) -> None:
    """Create one table, or register it where it lies."""
    if settings.catalog != LOCAL:
        spark.sql(create_table(table))
        return
    folder = settings.home.resolve() / table.layer / table.name
    if (folder / "_delta_log").is_dir():
        register(spark, table.full_name, folder)
    else:
        spark.sql(create_table(table, str(folder)))


def register(spark: SparkSession, full_name: str, folder: Path) -> None:
    """Register a table that lies in `folder`; without a schema this reads no snapshot and takes 50 ms, not 1 s."""
    spark.sql(f"CREATE TABLE IF NOT EXISTS {full_name} USING DELTA LOCATION {quote(str(folder))}")


def publish_views(spark: SparkSession) -> int:
    """Create or replace every view of `analytics`; gives their number."""
    views = load_views()
    for view in views:
        spark.sql(view.statement)
    return len(views)


def open_lakehouse(home: str | Path) -> SparkSession:
    """See `lakehouse.open`."""
    from lakehouse.config import load_settings

    return open_settings(load_settings(home=Path(home)))


def open_settings(settings: Settings) -> SparkSession:
    """Open the lakehouse of the settings for reading: the catalog on Databricks, else the folder.

    Raises:
        ConfigurationError: There is no lakehouse in the folder.
        JavaError: Locally, no Java 17 or 21 was found.
    """
    from lakehouse.io.session import get_session

    if settings.catalog != LOCAL:  # tables and views are the catalog's, and stay from run to run
        return get_session(settings)
    if not (settings.home / "ops" / "batch" / "_delta_log").is_dir():
        raise ConfigurationError(
            f"no lakehouse at {settings.home.resolve()}: run `observatory demo` or `observatory run` first"
        )
    spark = get_session(settings)
    provision(spark, settings)
    return spark
