"""Widgets with the rows that answer them → what stands in their boxes; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from lakehouse.web import formats
from lakehouse.web.dashboards.chart import NOT_KNOWN, Drawing, draw, title
from lakehouse.web.dashboards.colours import Colours
from lakehouse.web.dashboards.model import CHARTS, DRAWN, Widget
from lakehouse.web.dashboards.numbers import number_format
from lakehouse.web.page import Column, Table

Row = Mapping[str, Any]
Rows = Sequence[Row]
MOST_SHOWN = 100  # rows of a table


@dataclass(frozen=True)
class Box:
    """One widget as it is drawn.

    Attributes:
        widget: What is drawn.
        text: The number of a counter, or why there is none; the words of a text box.
        value: The exact number of a counter.
        chart: Of a chart that has something to draw.
        table: Rows of a table, or of a chart for those who cannot see it.
        note: What is left out.
        empty: Why there is nothing; empty where there is something.
    """

    widget: Widget
    text: str = ""
    value: Any = None
    chart: Drawing | None = None
    table: Table | None = None
    note: str = ""
    empty: str = ""


def box(widget: Widget, rows: Rows, colours: Colours, empty: str) -> Box:
    """Draw a widget.

    Args:
        widget: Of any kind; one that is not drawn says so.
        rows: Its answer, by the names of its fields.
        colours: That hold for all pages.
        empty: What to say where there are no rows.
    """
    if widget.kind == "text":
        return Box(widget, widget.text)
    if widget.kind not in DRAWN:
        return Box(widget, empty=f"Widgets of type “{widget.kind}” are not drawn here.")
    if widget.kind == "counter":
        return _counter(widget, rows)
    table, note = _table(widget, rows)
    if not rows:
        return Box(widget, empty=empty)
    if widget.kind not in CHARTS:
        return Box(widget, table=table, note=note)
    chart = draw(widget, rows, colours)
    nothing = "" if chart else "No row has enough to draw."
    return Box(widget, chart=chart, table=table, note=chart.note if chart else "", empty=nothing)


def _counter(widget: Widget, rows: Rows) -> Box:
    shown = widget.fields_of("value")[0]
    value = rows[0][shown["fieldName"]] if rows else None
    if value is None:
        return Box(widget, "–", None)
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return Box(widget, number_format(shown).text(value) if is_number else str(value), value)


def _table(widget: Widget, rows: Rows) -> tuple[Table, str]:
    encodings = [entry for channel in widget.encodings for entry in widget.fields_of(channel) if "fieldName" in entry]
    columns = tuple(_column(entry, rows) for entry in encodings)
    numbers = [column.name for column in columns if column.is_number]
    is_series = any(entry.get("scale", {}).get("type") == "temporal" for entry in encodings)
    if is_series:
        rows = sorted(rows, key=lambda row: str(row[encodings[0]["fieldName"]]), reverse=True)
    elif numbers and not widget.queries[0].disaggregated:  # groups have no order: the largest first
        rows = sorted(rows, key=lambda row: (-float(row[numbers[0]] or 0), str(row[columns[0].name])))
    note = f"The first {MOST_SHOWN} of {len(rows):,} rows." if len(rows) > MOST_SHOWN else ""
    return Table(columns, rows[:MOST_SHOWN]), note


def _column(entry: Mapping[str, Any], rows: Rows) -> Column:
    name = entry["fieldName"]
    found: Any = next((row[name] for row in rows if row[name] is not None), None)
    show: Callable[[Any], str] | None = None
    if isinstance(found, bool):
        return Column(title(entry), name, _yes, "open", lambda value: "good" if value else "bad")
    is_number = isinstance(found, int | float | Decimal) and entry.get("displayAs") != "string"
    if is_number or (found is None and entry.get("displayAs") == "number"):
        return Column(title(entry), name, number_format(entry).text, "–")
    if isinstance(found, datetime):
        show = formats.instant
    return Column(title(entry), name, show, NOT_KNOWN if found is not None else "–", breaks=True)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
