"""What `observatory explain` is asked for: a column of a view, where conditions select one value; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lakehouse.errors import ConfigurationError
from lakehouse.sql.loader import load_views
from lakehouse.sql.pinned import columns

FIGURE = re.compile(r"(?:(sum|min|max)\()?(\w+)\.(\w+)\)?(?:\[(.*)\])?")
SYNTAX = "VIEW.COLUMN[column=value,…], such as sum(cost_daily.cost_usd)[event_date=2025-03-01]"


@dataclass(frozen=True)
class Figure:
    """One value: `column` of `view` over the rows that meet `where`, by `function` where there may be several."""

    view: str
    column: str
    where: tuple[tuple[str, str], ...] = ()
    function: str | None = None

    def query(self, source: str, limit: int = 2) -> str:
        """The query that gives the value.

        Args:
            source: Query of the view.
            limit: Rows to give at most: two tell that conditions are missing.
        """
        value = f"{self.function.upper()}({self.column})" if self.function else self.column
        tail = "" if self.function else f"\nLIMIT {limit}"
        return f"SELECT {value} AS value\nFROM (\n{source}\n) AS {self.view}\nWHERE {conditions(self.where)}{tail}"


def conditions(where: tuple[tuple[str, str], ...]) -> str:
    """One SQL condition; the value null selects rows without one."""
    parts = [f"{c} IS NULL" if v == "null" else f"CAST({c} AS STRING) = {literal(v)}" for c, v in where]
    return " AND ".join(parts) or "true"


def literal(text: str) -> str:
    """A text as SQL writes it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def parse_figure(text: str) -> Figure:
    """Read a figure.

    Raises:
        ConfigurationError: It is not written as a figure, or there is no such view or column.
    """
    if not (found := FIGURE.fullmatch(text.strip())):
        raise ConfigurationError(f"{text!r} is no figure: write {SYNTAX}")
    function, name, column, conditions_text = found.groups()
    view = next((view for view in load_views() if view.name == name), None)
    if view is None:
        known = ", ".join(sorted(view.name for view in load_views()))
        raise ConfigurationError(f"there is no view {name!r}; views are {known}")
    pairs = [part.partition("=") for part in (conditions_text or "").split(",") if part.strip()]
    where = tuple((left.strip(), right.strip()) for left, _, right in pairs)
    for used in (column, *(left for left, _ in where)):
        if used not in columns(view):
            raise ConfigurationError(f"{name} has no column {used!r}; it has {', '.join(columns(view))}")
    return Figure(name, column, where, function)
