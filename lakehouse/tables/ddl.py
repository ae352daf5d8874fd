"""DDL text from a table's definition."""

from __future__ import annotations

from lakehouse.tables.model import Column, Table


def quote(text: str) -> str:
    """Write `text` as a SQL string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def column_ddl(column: Column) -> str:
    """Write one column of a CREATE TABLE."""
    null = "" if column.nullable else " NOT NULL"
    return f"`{column.name}` {column.type}{null} COMMENT {quote(column.comment)}"


# What queries and writers select by; statistics of other columns cost a tenth of every write and skip no file.
SKIPPED_BY = (
    "event_date", "hour_at", "event_at", "batch_id", "source_name", "recorded_at", "_event_at", "_batch_id",
)  # fmt: skip


def statistics(table: Table) -> str:
    """Write the table property that says of which columns files keep minimum and maximum."""
    kept = dict.fromkeys((*table.cluster_by, *(name for name in SKIPPED_BY if name in table.column_names)))
    if not kept:
        return "'delta.dataSkippingNumIndexedCols' = '0'"
    return f"'delta.dataSkippingStatsColumns' = {quote(','.join(kept))}"


def create_table(table: Table, location: str | None = None) -> str:
    """Write CREATE TABLE IF NOT EXISTS.

    Args:
        table: The definition.
        location: Folder of an external table (the local lakehouse); None makes a managed one (Databricks).
    """
    columns = ",\n  ".join(column_ddl(column) for column in table.columns)
    cluster = f"\nCLUSTER BY ({', '.join(table.cluster_by)})" if table.cluster_by else ""
    place = f"\nLOCATION {quote(location)}" if location else ""
    return (
        f"CREATE TABLE IF NOT EXISTS {table.full_name} (\n  {columns}\n)\nUSING DELTA{cluster}"
        f"\nCOMMENT {quote(table.grain)}\nTBLPROPERTIES ({statistics(table)}){place}"
    )
