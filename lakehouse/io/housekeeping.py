"""Keeps Delta tables small and fast; no row of any table changes by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from lakehouse.tables.model import Table


def bronze_names(spark: SparkSession) -> list[str]:
    """Two-part names of the bronze tables, which the model does not list."""
    shown = spark.sql("SHOW TABLES IN bronze").where("NOT isTemporary").collect()  # a session's views are listed too
    return sorted(f"bronze.{row.tableName}" for row in shown)


def compact(spark: SparkSession, full_name: str) -> tuple[int, int]:
    """Rewrite many small files as few; gives how many were replaced, and by how many."""
    metrics = spark.sql(f"OPTIMIZE {full_name}").collect()[0]["metrics"]
    return int(metrics["numFilesRemoved"]), int(metrics["numFilesAdded"])


def vacuum(spark: SparkSession, full_name: str, keep_days: int) -> None:
    """Delete files that no version of the last `keep_days` days needs; Delta itself refuses less than seven."""
    spark.sql(f"VACUUM {full_name} RETAIN {keep_days * 24} HOURS")


def full_names(spark: SparkSession, tables: tuple[Table, ...]) -> list[str]:
    """Every table of the lakehouse: the model's and those of bronze."""
    return [*bronze_names(spark), *(table.full_name for table in tables)]
