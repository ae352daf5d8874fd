"""The three writers: a replay changes nothing, and nothing beside what was meant changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.io.write import (
    Commit,
    append_first,
    append_new,
    last_note,
    merge_by_key,
    missing,
    replace_windows,
    restore,
)
from lakehouse.tables.ddl import create_table
from lakehouse.tables.model import Column, Table
from tests.support.frames import Rows, assert_same, frame

COLUMNS = (
    Column("id", "STRING", "Id"),
    Column("part", "STRING", "Second half of the key; may be null"),
    Column("batch", "BIGINT", "Version"),
    Column("value", "STRING", "Value"),
)
NEWER = "source.batch > target.batch"


@pytest.fixture
def table(spark: SparkSession, tmp_path: Path) -> Iterator[Table]:
    """An empty table of its own."""
    made = Table("writers", "t", "One row per id and part", COLUMNS, key=("id", "part"))
    spark.sql("CREATE SCHEMA IF NOT EXISTS writers")
    spark.sql(create_table(made, str(tmp_path)))
    yield made
    spark.sql("DROP SCHEMA writers CASCADE")


def row(key: str, part: str | None, batch: int = 1, value: str = "old") -> dict[str, Any]:
    """One row."""
    return {"id": key, "part": part, "batch": batch, "value": value}


def rows(spark: SparkSession, *given: dict[str, Any]) -> DataFrame:
    """Rows to write."""
    return frame(spark, COLUMNS, given)


def holds(spark: SparkSession, table: Table, expected: Rows) -> None:
    """The table holds just these rows."""
    assert_same(spark.table(table.full_name), table.columns, expected, key=["id", "part", "batch"])


def test_append_new(spark: SparkSession, table: Table) -> None:
    """Only what is not there yet, null-safe; the facts of a commit lie in it; it can be taken back."""
    first = rows(spark, row("a", None), row("b", "x"))
    assert append_new(first, table, ("id", "part"), note={"batch_id": 1}) == Commit(1, 2)
    assert last_note(spark, table) == ({"batch_id": 1}, 1)
    assert append_new(first, table, ("id", "part")).rows == 0
    more = rows(spark, row("a", None, 2), row("a", "x", 2), row("c", None, 2))
    assert append_new(more, table, ("id", "part")).rows == 2
    holds(spark, table, [row("a", None), row("b", "x"), row("a", "x", 2), row("c", None, 2)])
    assert missing(first, table, ("id", "part"), near=F.col("id") == "a").collect() == [("b", "x", 1, "old")]
    restore(spark, table, 1)
    holds(spark, table, [row("a", None), row("b", "x")])


def test_append_brings_new_columns_along(spark: SparkSession, table: Table) -> None:
    """Older rows have null there; without a note there are no facts."""
    append_first(rows(spark, row("a", "x")), table)
    wider = replace(table, columns=(*COLUMNS, Column("extra", "BIGINT", "Since then")))
    append_first(frame(spark, wider.columns, [row("b", "x") | {"extra": 5}]), wider)
    holds(spark, wider, [row("a", "x"), row("b", "x") | {"extra": 5}])
    assert last_note(spark, table)[0] == {}


def test_merge_by_key(spark: SparkSession, table: Table) -> None:
    """New keys come in, newer versions replace, older and equal ones change nothing; null keys match."""
    assert merge_by_key(rows(spark, row("a", None), row("b", "x", 5)), table, NEWER).rows == 2
    later = rows(spark, row("a", None, 2, "new"), row("b", "x", 4, "late"), row("c", "x", 2, "new"))
    assert merge_by_key(later, table, NEWER).rows == 2
    stored = [row("a", None, 2, "new"), row("b", "x", 5), row("c", "x", 2, "new")]
    holds(spark, table, stored)
    assert merge_by_key(later, table, NEWER).rows == 0
    holds(spark, table, stored)
    assert not [found.name for found in spark.catalog.listTables() if found.name.startswith("merge_")]


def test_replace_windows(spark: SparkSession, table: Table) -> None:
    """What the condition selects is gone, also where nothing comes in its place; other windows stay."""
    append_first(rows(spark, row("a", "x"), row("a", "y"), row("b", "x"), row("c", None)), table)
    new = rows(spark, row("a", "z", 2, "new"))
    for _ in range(2):
        assert replace_windows(new, table, "id = 'a'").rows == 1
        holds(spark, table, [row("a", "z", 2, "new"), row("b", "x"), row("c", None)])
    replace_windows(rows(spark), table, "id = 'a' OR (id = 'c' AND part IS NULL)")
    holds(spark, table, [row("b", "x")])
    with pytest.raises((AnalysisException, PySparkException), match="REPLACE_WHERE_MISMATCH"):
        replace_windows(new, table, "id = 'b'")
    holds(spark, table, [row("b", "x")])
