"""Small tables that an analysis states anew each time: read as rows, written only where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from lakehouse.io.frames import local_frame
from lakehouse.io.write import stage
from lakehouse.tables.columns import MONEY_SUM
from lakehouse.tables.model import Table

Row = dict[str, Any]
DIGITS = 9  # significant ones of a float: the last bits of a sum depend on its order


def pandas_of(rows: DataFrame) -> pd.DataFrame:
    """Collect a small frame through Arrow."""
    return rows.toArrow().to_pandas()


def rows_of(spark: SparkSession, table: Table) -> list[Row]:
    """Every row of a small table; times carry UTC."""
    return rows_in(spark.table(table.full_name).select(*table.column_names))


def rows_in(rows: DataFrame) -> list[Row]:
    """Collect a small frame as rows; times carry UTC."""
    return [{name: _plain(value) for name, value in row.items()} for row in rows.toArrow().to_pylist()]


def state(spark: SparkSession, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Make the table hold these rows, unique by its key; what a row does not name is null.

    Returns:
        Rows written; 0 where the table held the same.
    """
    values = [tuple(_as(row.get(c.name), c.type) for c in table.columns) for row in rows]
    known = [tuple(row.values()) for row in rows_of(spark, table)]
    if sorted(map(repr, values)) == sorted(map(repr, known)):
        return 0
    stage(local_frame(spark, table, values), table)
    return len(values)


def _as(value: object, kind: str) -> object:
    if kind == MONEY_SUM and value is not None:
        return Decimal(str(value)).quantize(Decimal("1e-12"))
    return _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value
