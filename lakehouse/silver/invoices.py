"""silver.provider_invoice: what providers charge, from their own files."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.tables.silver import BILLED, INVOICE


def provider_invoice(bronze: DataFrame, delivered: DataFrame, mapping: Mapping[str, str]) -> DataFrame:
    """Give the lines of the newest delivery of each file: a provider corrects an invoice by delivering it again.

    Args:
        bronze: Every version of every line of one source.
        delivered: Rows of ops.delivered_row of the newest batch of each file, with its `file_name`.
        mapping: Column of silver.provider_invoice → Spark SQL expression over bronze's columns. A value that cannot be
            read as its type, and a column without an expression, is null.
    """
    lines = bronze.dropDuplicates(["_source_key", "_record_hash"])
    lines = lines.select(F.col("_source").alias("source_name"), "_source_key", "_record_hash", *billed(mapping))
    same = lines["_source_key"].eqNullSafe(delivered["source_record_id"])
    found = lines.join(delivered, same & (lines["_record_hash"] == delivered["record_hash"]))
    return found.withColumn("line_count", F.col("row_count")).select(*INVOICE.column_names)


def billed(mapping: Mapping[str, str]) -> list[Column]:
    """What fills each column of a line; see `provider_invoice`."""
    return [F.expr(mapping.get(column.name, "NULL")).try_cast(column.type).alias(column.name) for column in BILLED]
