"""The single source of truth for every table and column: type, unit, enum, grain, key, clustering."""

from lakehouse.tables.model import Column, Table
from lakehouse.tables.registry import all_tables, table

__all__ = ["Column", "Table", "all_tables", "table"]
