"""The LLM Performance Observatory's lakehouse: model, sources, transforms, prices, SQL and its edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


def open(home: str | Path = ".observatory") -> SparkSession:
    """Open a local lakehouse for reading.

    Args:
        home: The lakehouse's folder, as given to ``observatory --home``.

    Returns:
        A Spark session in UTC with every table and every ``analytics`` view registered.

    Raises:
        ConfigurationError: There is no lakehouse at `home`.
        JavaError: No Java 17 or 21 was found.
    """
    from lakehouse.io.catalog import open_lakehouse

    return open_lakehouse(home)
