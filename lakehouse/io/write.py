"""The three idempotent writers, append, merge and replace; nothing else writes to Delta."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from lakehouse.tables.model import Table

Note = Mapping[str, object]
NOTHING: Note = MappingProxyType({})
# Where each operation counts the rows it inserted or updated.
ROW_METRICS = ("numOutputRows", "numTargetRowsInserted", "numTargetRowsUpdated")
MARK = "write_id"  # in the commit's userMetadata: tells a write's commit from another writer's
LOOK_BACK = 20  # commits: files may be compacted, or another writer come, right after a write
HOUSEKEEPING = ("OPTIMIZE", "VACUUM START", "VACUUM END")


@dataclass(frozen=True)
class Commit:
    """What a write did; `rows` counts those written, `version` is None when nothing was committed."""

    version: int | None
    rows: int


def append_new(
    rows: DataFrame,
    table: Table,
    on: tuple[str, ...],
    near: Column | None = None,
    note: Note = NOTHING,
) -> Commit:
    """Append the rows whose `on` columns are not in the table yet; a replay appends nothing.

    Args:
        rows: With the table's columns, unique by `on`.
        table: Where to.
        on: Columns that tell rows apart, null-safe.
        near: Condition on the table that holds for every row that could match, so that history is not read.
        note: Facts kept in the commit's userMetadata.
    """
    return _append(missing(rows, table, on, near), table, note)


def missing(rows: DataFrame, table: Table, on: tuple[str, ...], near: Column | None = None) -> DataFrame:
    """Keep the rows that the table does not hold yet; arguments as for `append_new`."""
    known = rows.sparkSession.table(table.full_name)
    return absent(rows, known if near is None else known.where(near), on)


def absent(rows: DataFrame, known: DataFrame, on: tuple[str, ...]) -> DataFrame:
    """Keep the rows whose `on` columns, null-safe, are not in `known`."""
    same = reduce(lambda a, b: a & b, (F.col(f"new.{name}").eqNullSafe(F.col(f"known.{name}")) for name in on))
    return rows.alias("new").join(known.select(*on).alias("known"), same, "left_anti")


def append_first(rows: DataFrame, table: Table, note: Note = NOTHING) -> Commit:
    """Append rows of which the caller has made sure that the table holds none."""
    return _append(rows, table, note)


def append_all(rows: DataFrame, table: Table) -> None:
    """Append rows that are a record of what happened, each time anew; unlike a Commit, that costs no look back."""
    _write(rows, table, "append", {"mergeSchema": "true"}, NOTHING)


def merge_by_key(rows: DataFrame, table: Table, newer: str) -> Commit:
    """Insert rows with new keys and update those whose version is newer; a replay changes nothing.

    Args:
        rows: With the table's columns, unique by its key.
        table: Where to.
        newer: SQL condition over ``target`` and ``source`` that an update needs.
    """
    spark, view = rows.sparkSession, f"merge_{uuid.uuid4().hex}"
    before = version(spark, table)
    rows.select(*table.column_names).createOrReplaceTempView(view)
    same = " AND ".join(f"target.{name} <=> source.{name}" for name in table.key)
    try:
        spark.sql(
            f"MERGE INTO {table.full_name} AS target USING {view} AS source ON {same} "
            f"WHEN MATCHED AND {newer} THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
        )
    finally:
        spark.catalog.dropTempView(view)
    since = (commit for commit in _newest(spark, table) if commit["version"] > before)
    return _counted(next((commit for commit in since if commit["operation"] == "MERGE"), None))


def replace_windows(rows: DataFrame, table: Table, where: str) -> Commit:
    """Put `rows` in the place of everything that `where` selects; a replay leaves the same rows.

    Args:
        rows: With the table's columns; every row satisfies `where`.
        table: Where to.
        where: SQL condition over the table's columns.
    """
    return _commit(rows.sparkSession, table, _write(rows, table, "overwrite", {"replaceWhere": where}, NOTHING))


def remove(rows: DataFrame, table: Table, on: tuple[str, ...]) -> None:
    """Delete the rows of the table that have the same `on` columns as one of `rows`; a replay deletes none."""
    spark, view = rows.sparkSession, f"remove_{uuid.uuid4().hex}"
    rows.select(*on).distinct().createOrReplaceTempView(view)
    same = " AND ".join(f"target.{name} = source.{name}" for name in on)
    try:
        spark.sql(f"MERGE INTO {table.full_name} AS target USING {view} AS source ON {same} WHEN MATCHED THEN DELETE")
    finally:
        spark.catalog.dropTempView(view)


def stage(rows: DataFrame, table: Table) -> DataFrame:
    """Put `rows` in the place of all that the table holds and give them back as they lie there.

    What costs much to compute is computed once; every later pass reads columns from files.
    """
    rows.select(*table.column_names).writeTo(table.full_name).overwrite(F.lit(True))  # saveAsTable loses observations
    return rows.sparkSession.table(table.full_name)


def _append(rows: DataFrame, table: Table, note: Note) -> Commit:
    return _commit(rows.sparkSession, table, _write(rows, table, "append", {"mergeSchema": "true"}, note))


def _write(rows: DataFrame, table: Table, mode: str, options: Mapping[str, str], note: Note) -> str:
    """Write and give the mark by which the commit is known in the table's history."""
    mark = uuid.uuid4().hex
    writer = rows.select(*table.column_names).write.format("delta").mode(mode).options(**options)
    writer = writer.option("userMetadata", json.dumps({**note, MARK: mark}, default=str))
    writer.saveAsTable(table.full_name)
    return mark


def _commit(spark: SparkSession, table: Table, mark: str) -> Commit:
    """Find the commit that carries `mark`; a write that changed nothing made none."""
    marked = (commit for commit in _newest(spark, table) if mark in (commit["userMetadata"] or ""))
    return _counted(next(marked, None))


def _counted(commit: Row | None) -> Commit:
    if commit is None:
        return Commit(None, 0)
    metrics = commit["operationMetrics"]
    merged = [int(metrics[name]) for name in ROW_METRICS[1:] if name in metrics]
    return Commit(int(commit["version"]), sum(merged) if merged else int(metrics.get(ROW_METRICS[0], 0)))


def _newest(spark: SparkSession, table: Table, limit: int = LOOK_BACK) -> list[Row]:
    return spark.sql(f"DESCRIBE HISTORY {table.full_name} LIMIT {limit}").collect()


def version(spark: SparkSession, table: Table) -> int:
    """Newest Delta version of a table."""
    return int(_newest(spark, table, 1)[0]["version"])


def last_note(spark: SparkSession, table: Table) -> tuple[dict[str, object], int]:
    """Facts that the newest commit of rows carries, {} when it carries none, and its version; housekeeping is no such.

    Whoever takes that commit back by `restore` keeps what is older, whether files were compacted since or not.
    """
    for limit in (f" LIMIT {LOOK_BACK}", ""):  # the whole history is long, and hardly ever needed
        history = spark.sql(f"DESCRIBE HISTORY {table.full_name}{limit}").where(~F.col("operation").isin(*HOUSEKEEPING))
        if found := history.orderBy(F.desc("version")).select("version", "userMetadata").limit(1).collect():
            break
    newest = found[0]
    note = json.loads(newest["userMetadata"] or "{}")
    facts = {name: value for name, value in note.items() if name != MARK} if isinstance(note, dict) else {}
    return facts, int(newest["version"])


def restore(spark: SparkSession, table: Table, to: int) -> None:
    """Take a table back to an earlier version, as a new commit."""
    spark.sql(f"RESTORE TABLE {table.full_name} TO VERSION AS OF {to}")
