"""Rows under a widget's encodings → an ECharts option without functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lakehouse.web.dashboards.colours import Colours
from lakehouse.web.dashboards.model import Widget
from lakehouse.web.dashboards.numbers import NumberFormat, number_format
from lakehouse.web.dashboards.options import days, lying, round_, standing
from lakehouse.web.dashboards.statement import PLAIN
from lakehouse.web.echarts import OTHER, PALETTE, Option

Row = Mapping[str, Any]
MOST_SERIES = len(PALETTE)
MOST_LINES = 14  # horizontal bars that a chart can show and still be read
MOST_BARS = 120  # days with a bar each; more are summed by week where that may be done
NOT_KNOWN = "not known"
SUM = re.compile(r"(SUM|COUNT)\([^()]*\)", re.IGNORECASE)


@dataclass(frozen=True)
class Series:
    """One series: values by what stands along the axis."""

    name: str
    colour: str
    values: Mapping[Any, float | None]

    @property
    def size(self) -> float:
        """By which the largest are chosen."""
        return sum(abs(value) for value in self.values.values() if value is not None)


@dataclass(frozen=True)
class Drawing:
    """A chart.

    Attributes:
        option: ECharts option, JSON.
        legend: Names and colours of its series.
        lines: Number of horizontal bars; 0 for another chart.
        format: Of its values.
        note: What is not drawn.
    """

    option: Option
    legend: tuple[tuple[str, str], ...]
    lines: int
    format: NumberFormat
    note: str = ""


def draw(widget: Widget, rows: Sequence[Row], colours: Colours) -> Drawing | None:
    """Draw a bar, line, area or pie chart; None where no row has a value."""
    if widget.kind == "pie":
        return _pie(widget, rows, colours)
    is_lying = _type(widget, "x") == "quantitative" and _type(widget, "y") != "quantitative"
    along, across = ("y", "x") if is_lying else ("x", "y")
    series = [one for one in _series(widget, rows, along, across, colours) if one.size or one.values]
    if not any(value is not None for one in series for value in one.values.values()):
        return None
    shown, note = _largest(series, widget.kind)
    form = number_format(widget.fields_of(across)[0])
    is_stacked = _is_stacked(widget, len(shown))
    if is_lying:
        return _lying(shown, form, is_stacked, note)
    return _standing(widget, along, shown, form, is_stacked, note)


def _type(widget: Widget, channel: str) -> str:
    fields = widget.fields_of(channel)
    return str(fields[0].get("scale", {}).get("type", "")) if fields else ""


def _is_stacked(widget: Widget, number: int) -> bool:
    layout = widget.spec.get("mark", {}).get("layout", "stack")
    return widget.kind in ("bar", "area") and layout == "stack" and number > 1


def _series(widget: Widget, rows: Sequence[Row], along: str, across: str, colours: Colours) -> list[Series]:
    place = widget.fields_of(along)[0]["fieldName"]
    measures = widget.fields_of(across)
    if not (by := widget.fields_of("color")):
        return [
            Series(title(one), colour, {_plain(row[place]): _number(row[one["fieldName"]]) for row in rows})
            for one, colour in zip(measures, PALETTE, strict=False)
        ]
    name, measure = by[0]["fieldName"], measures[0]["fieldName"]
    found: dict[Any, dict[Any, float]] = {}
    for row in rows:
        line = found.setdefault(row[name], {})
        if (value := _number(row[measure])) is not None:
            line[_plain(row[place])] = line.get(_plain(row[place]), 0.0) + value
    made = [Series(label(value), "", line) for value, line in found.items()]
    values = [value for value, _ in sorted(zip(found, made, strict=True), key=lambda pair: -pair[1].size)]
    chosen = dict(zip(values[:MOST_SERIES], colours.of(name, values[:MOST_SERIES]), strict=True))
    order = sorted(found, key=lambda value: (values.index(value), str(value)))
    return [Series(label(value), chosen.get(value, OTHER), found[value]) for value in order]


def _largest(series: list[Series], kind: str) -> tuple[list[Series], str]:
    """The largest series; of stacks the rest as one, of lines the rest not at all."""
    if len(series) <= MOST_SERIES:
        return series, ""
    shown, rest = series[: MOST_SERIES - 1], series[MOST_SERIES - 1 :]
    if kind == "line":
        return shown, f"The {len(shown)} largest of {len(series)} are drawn."
    total: dict[Any, float | None] = {}
    for one in rest:
        for place, value in one.values.items():
            total[place] = (total.get(place) or 0.0) + (value or 0.0)
    return [*shown, Series(f"{len(rest)} others", OTHER, total)], ""


def _lying(series: list[Series], form: NumberFormat, is_stacked: bool, note: str) -> Drawing:
    places = list(dict.fromkeys(place for one in series for place in one.values))
    totals = {place: [one.values.get(place) for one in series] for place in places}
    reach = {place: (sum if is_stacked else max)([v or 0.0 for v in values]) for place, values in totals.items()}
    kept = [place for place in places if any(value is not None for value in totals[place])]
    if len(kept) > len(over := [place for place in kept if reach[place]]) > 0:
        kept, note = over, f"{note} What is 0 is not drawn.".strip()
    kept.sort(key=lambda place: (-reach[place], label(place)))
    if len(kept) > MOST_LINES:
        note = f"{note} The {MOST_LINES} largest of {len(kept)} are drawn.".strip()
        kept = kept[:MOST_LINES]
    words = [_end(totals[place], reach[place], form, is_stacked) for place in kept]
    data = [(one.name, one.colour, [one.values.get(place) for place in kept]) for one in series]
    option = lying([label(place) for place in kept], data, [reach[place] for place in kept], words, is_stacked)
    return Drawing(option, _legend(series), len(kept), form, note)


def _end(values: Sequence[float | None], reach: float, form: NumberFormat, is_stacked: bool) -> str:
    if is_stacked:
        return form.text(reach)
    return " · ".join("–" if value is None else form.text(value) for value in values)


def _standing(
    widget: Widget, along: str, series: list[Series], form: NumberFormat, is_stacked: bool, note: str
) -> Drawing:
    places = {place for one in series for place in one.values}
    is_temporal = _type(widget, along) == "temporal"
    if is_temporal and None in places:
        places.discard(None)
        note = f"{note} What has no date is not drawn.".strip()
    step = 1
    if is_temporal and _adds_up(widget) and (max(places) - min(places)).days > MOST_BARS:
        step = 7
        series = [replace(one, values=_by_week(one.values)) for one in series]
        places = {place for one in series for place in one.values}
        note = f"{note} Summed by week, from Monday on.".strip()
    data = [(one.name, one.colour, one.values) for one in series]
    option = standing(widget.kind, days(places, step) if is_temporal else sorted(places, key=str), data, is_stacked)
    return Drawing(option, _legend(series), 0, form, note)


def _adds_up(widget: Widget) -> bool:
    """Whether every measure is a plain sum or count, and is no line: only then may days be summed to weeks."""
    expressions = [field.expression for field in widget.queries[0].fields]
    return widget.kind != "line" and all(PLAIN.fullmatch(text) or SUM.fullmatch(text) for text in expressions)


def _by_week(values: Mapping[Any, float | None]) -> dict[Any, float | None]:
    summed: dict[Any, float | None] = {}
    for day, value in values.items():
        if day is not None and value is not None:
            monday = day - timedelta(days=day.weekday())
            summed[monday] = (summed.get(monday) or 0.0) + value
    return summed


def _pie(widget: Widget, rows: Sequence[Row], colours: Colours) -> Drawing | None:
    angle, by = widget.fields_of("angle")[0], widget.fields_of("color")[0]
    found = {row[by["fieldName"]]: _number(row[angle["fieldName"]]) or 0.0 for row in rows}
    values = sorted((value for value in found if found[value] > 0), key=lambda value: -found[value])
    if not values:
        return None
    shown = list(zip(map(label, values), colours.of(by["fieldName"], values), strict=True))
    parts = [(name, colour, found[value]) for (name, colour), value in zip(shown, values, strict=True)]
    return Drawing(round_(parts), tuple(shown), 0, number_format(angle))


def _legend(series: Sequence[Series]) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, one.colour) for one in series) if len(series) > 1 else ()


def title(encoding: Mapping[str, Any]) -> str:
    """What a field is called."""
    return str(encoding.get("displayName") or encoding.get("title") or encoding["fieldName"])


def label(value: object) -> str:
    """A value of a dimension as text."""
    return NOT_KNOWN if value is None else str(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.date()
    return value if value is None or isinstance(value, date) else str(value)


def _number(value: float | Decimal | None) -> float | None:
    return None if value is None else float(value)
