"""All fixed tables by name; bronze tables are made per source by `bronze.bronze_table`."""

from __future__ import annotations

from functools import cache

from lakehouse.errors import TableDefinitionError
from lakehouse.tables import analyses, gold, ops, quality, silver
from lakehouse.tables.model import Table, check


@cache
def _tables() -> dict[str, Table]:
    found = [check(table) for module in (silver, gold, analyses, ops, quality) for table in module.TABLES]
    by_name = {table.full_name: table for table in found}
    if len(by_name) != len(found):
        raise TableDefinitionError("two tables have the same name")
    return by_name


def all_tables() -> tuple[Table, ...]:
    """Every fixed table of silver, gold and ops, checked."""
    return tuple(_tables().values())


def table(full_name: str) -> Table:
    """Look a table up by its two-part name.

    Raises:
        TableDefinitionError: There is no such table.
    """
    if full_name not in _tables():
        raise TableDefinitionError(f"no table {full_name!r}; there are {', '.join(_tables())}")
    return _tables()[full_name]
