"""Frames from table definitions with only some columns given, and their comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from chispa import DataFramesNotEqualError, assert_df_equality
from pyspark.sql import DataFrame, SparkSession

from lakehouse.io.frames import local_frame
from lakehouse.tables.model import Column, Table

Rows = Sequence[dict[str, Any]]


def at(text: str) -> datetime:
    """Give an instant in UTC from ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def anonymous(columns: Sequence[Column]) -> Table:
    """Define a table that is nowhere, all of whose columns may be null: a test gives only what it is about."""
    return Table("test", "frame", "One row per case", tuple(replace(c, nullable=True) for c in columns), key=())


def frame(spark: SparkSession, columns: Sequence[Column], rows: Rows) -> DataFrame:
    """Make a frame with just `columns`, typed as defined; what a row does not name is null.

    Raises:
        KeyError: A row names a column that is not there.
    """
    names = [column.name for column in columns]
    if unknown := {name for row in rows for name in row} - set(names):
        raise KeyError(f"no such columns: {sorted(unknown)}")
    return local_frame(spark, anonymous(columns), [[row.get(name) for name in names] for row in rows])


def typed(**types: str) -> tuple[Column, ...]:
    """Columns by name and Spark SQL type, for frames that no table defines."""
    return tuple(Column(name, kind, "test") for name, kind in types.items())


def assert_same(actual: DataFrame, columns: Sequence[Column], rows: Rows, key: Sequence[str]) -> None:
    """Compare with rows written by hand: same columns in the same order, same types, same rows once sorted by `key`.

    Nullability is left out: Spark derives it from how an expression is written, and Delta enforces what tables promise.
    """
    expected = frame(actual.sparkSession, columns, rows)
    one, other = (rows.coalesce(1).sortWithinPartitions(*key) for rows in (actual, expected))  # cheaper than orderBy
    try:
        assert_df_equality(one, other, ignore_nullable=True, ignore_metadata=True)
    except DataFramesNotEqualError:  # its table of all cells cannot be read with fifty columns
        raise AssertionError("\n".join(_differences(one, other, key))) from None


def _differences(one: DataFrame, other: DataFrame, key: Sequence[str]) -> list[str]:
    """Cells that differ, a line each."""
    pairs = zip_longest(one.collect(), other.collect(), fillvalue=None)
    lines = []
    for actual, expected in pairs:
        if actual is None or expected is None:
            lines.append(f"row only on one side: actual {actual}, expected {expected}")
            continue
        cells = [name for name in expected.__fields__ if actual[name] != expected[name]]
        lines += [f"{[expected[k] for k in key]} {n}: {actual[n]!r}, expected {expected[n]!r}" for n in cells]
    return lines
