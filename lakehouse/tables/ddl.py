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
        f"\nCOMMENT {quote(table.grain)}{place}"
    )
