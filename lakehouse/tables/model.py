"""What a column and a table are."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lakehouse.errors import TableDefinitionError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LAYERS = ("bronze", "silver", "gold", "analytics", "ops")


@dataclass(frozen=True)
class Column:
    """A column: `type` in Spark SQL's words, `enum` the only values it may hold, null only where said."""

    name: str
    type: str
    description: str
    unit: str | None = None
    enum: tuple[str, ...] = ()
    nullable: bool = True

    def required(self) -> Column:
        """Give the same column where it may not be null."""
        return replace(self, nullable=False)

    @property
    def comment(self) -> str:
        """Description, unit and allowed values in one line."""
        unit = f" Unit: {self.unit}." if self.unit else ""
        values = f" One of: {', '.join(self.enum)}." if self.enum else ""
        return f"{self.description}{unit}{values}"


@dataclass(frozen=True)
class Table:
    """A table: its grain, columns, key, clustering and the tables it is made from."""

    layer: str
    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    cluster_by: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Two-part name, as committed SQL uses it."""
        return f"{self.layer}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Look a column up.

        Raises:
            TableDefinitionError: The table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise TableDefinitionError(f"{self.full_name} has no column {name!r}; it has {', '.join(self.column_names)}")


def check(table: Table) -> Table:
    """Refuse a table that does not say what every table must say.

    Raises:
        TableDefinitionError: A grain, description, name, key or clustering column is missing or malformed.
    """
    problems = [] if table.grain.startswith("One row per ") else ["its grain must start with 'One row per '"]
    if table.layer not in LAYERS:
        problems.append(f"layer {table.layer!r} is none of {', '.join(LAYERS)}")
    for column in table.columns:
        if not column.description.strip():
            problems.append(f"column {column.name!r} has no description")
        if not NAME.fullmatch(column.name):
            problems.append(f"column name {column.name!r} is not an identifier")
    names = table.column_names
    problems += [f"column {name!r} stands twice" for name in {n for n in names if names.count(n) > 1}]
    problems += [
        f"unknown column {name!r} in key or clustering" for name in (*table.key, *table.cluster_by) if name not in names
    ]
    if not table.key:
        problems.append("it has no key")
    if len(table.cluster_by) > 4:
        problems.append("it clusters by more than 4 columns")
    if problems:
        raise TableDefinitionError(f"table {table.full_name}: {'; '.join(problems)}")
    return table
