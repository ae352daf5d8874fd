"""The parts of a page: sections of panels, each with a table and maybe a chart of the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lakehouse.web import formats
from lakehouse.web.figures import Row, Rows


@dataclass(frozen=True)
class Cell:
    """One cell: the exact value and how it is shown."""

    value: Any
    text: str
    is_number: bool
    breaks: bool
    tone: str

    @property
    def is_missing(self) -> bool:
        """Whether the text says why there is no value."""
        return self.value is None


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        title: Its heading, with the unit where the cells do not carry one.
        name: Column of the view.
        show: Value to text; None for text columns.
        missing: What stands where the value is null; may look at the row.
        tone: Class of a cell by its value, such as `bad`.
        breaks: Whether a long text may break anywhere.
    """

    title: str
    name: str
    show: Callable[[Any], str] | None = None
    missing: str | Callable[[Row], str] = "–"
    tone: Callable[[Any], str] = lambda value: ""
    breaks: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is set flush right; times are not."""
        return self.show not in (None, formats.instant)

    def cell(self, row: Row) -> Cell:
        """Its cell of a row."""
        value = row[self.name]
        if value is None:
            text = self.missing if isinstance(self.missing, str) else self.missing(row)
        else:
            text = self.show(value) if self.show else str(value)
        return Cell(value, text, self.is_number, self.breaks, self.tone(value))


@dataclass(frozen=True)
class Table:
    """Rows under columns."""

    columns: tuple[Column, ...]
    rows: Rows

    def cells(self) -> list[list[Cell]]:
        """Cells by row."""
        return [[column.cell(row) for column in self.columns] for row in self.rows]


@dataclass(frozen=True)
class Chart:
    """A drawing.

    Attributes:
        option: ECharts option, JSON.
        legend: Names and colours of its series.
        lines: Number of horizontal bars; 0 for a chart over days.
        unit: What its tooltip shows, `usd` or `count`; empty where it has none.
    """

    option: dict[str, Any]
    legend: tuple[tuple[str, str], ...]
    lines: int
    unit: str


@dataclass(frozen=True)
class Panel:
    """A figure: what it says, what its numbers are, its chart (or none) and its table.

    Attributes:
        key: Its id in the page.
        title: What it shows.
        caption: Whether its numbers are means, ratios, sums or quantiles, and of what.
        table: The rows; folded where there is a chart.
        empty: What stands in place of an empty table and chart.
        chart: The same rows drawn.
        notes: What the reader must know to read it right.
        folded: Whether the table is folded though there is no chart.
    """

    key: str
    title: str
    caption: str
    table: Table
    empty: str
    chart: Chart | None = None
    notes: tuple[str, ...] = ()
    folded: bool = False


@dataclass(frozen=True)
class Section:
    """Panels under one heading."""

    key: str
    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Tile:
    """A headline number and what it is made of; `tone` is good, bad or nothing."""

    title: str
    text: str
    note: str
    tone: str = ""
