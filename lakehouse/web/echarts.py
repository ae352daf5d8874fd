"""ECharts options as plain JSON without functions; colours are variables of the page's style sheet.

The SVG renderer hands a colour to the browser as it is, so a theme, dark or printed, needs no second drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from lakehouse.web.page import Chart

Option = dict[str, Any]

TEXT, MUTED, GRID = "var(--text)", "var(--muted)", "var(--grid)"
STRONG, LIGHT, BAD, OTHER = "var(--strong)", "var(--light)", "var(--bad)", "var(--other)"
PALETTE = tuple(f"var(--c{number})" for number in range(1, 9))
SPLIT = {"lineStyle": {"color": GRID}}
MEDIUM = 900  # px; below it, as on paper, the texts at the ends of the bars need a larger part of the width
NARROW = 640  # px; below it a label stands above its bar


def bar(name: str, values: Iterable[float | None], color: str, stack: bool = False) -> Option:
    """One series of bars; a null draws nothing."""
    series = {"type": "bar", "name": name, "data": list(values), "color": color, "barMaxWidth": 18}
    return series | ({"stack": "all"} if stack else {"silent": True})


def points(name: str, values: Iterable[float], color: str) -> Option:
    """One point in each line."""
    data = [[value, line] for line, value in enumerate(values)]
    return {"type": "scatter", "name": name, "data": data, "symbolSize": 9, "color": color, "silent": True}


def whiskers(name: str, lows: Sequence[float], highs: Sequence[float]) -> Option:
    """One interval in each line: a line chart with a gap after every second point."""
    pairs = enumerate(zip(lows, highs, strict=True))
    data = [point for line, (low, high) in pairs for point in ([low, line], [high, line], [None, line])]
    shape = {"symbol": "rect", "symbolSize": [1.5, 9], "lineStyle": {"color": MUTED, "width": 1.5}}
    return {"type": "line", "name": name, "data": data, "color": MUTED, "silent": True} | shape


def texts(ends: Sequence[float | None], words: Sequence[str]) -> Option:
    """Numbers at the ends of the bars, so that a chart can be read on paper."""
    pairs = enumerate(zip(ends, words, strict=True))
    data = [{"value": [end or 0, line], "label": {"formatter": text}} for line, (end, text) in pairs]
    label = {"show": True, "position": "right", "color": TEXT, "fontSize": 11, "distance": 6}
    look = {"symbolSize": 1, "color": "transparent", "label": label, "z": 5, "clip": False}
    return {"type": "scatter", "name": "", "data": data, "silent": True, "tooltip": {"show": False}} | look


def lying(labels: list[str], series: list[Option], axis: str, unit: str = "") -> Chart:
    """Horizontal bars, one line a label.

    Args:
        labels: One a line, from above.
        series: What `bar`, `points`, `whiskers` and `texts` give.
        axis: Template of the axis labels, such as ``{value} s``.
        unit: `usd` or `count` gives a tooltip; without it the chart has none.
    """
    option = frame(series) | {
        "grid": {"left": 0, "right": 16, "top": 4, "bottom": 4},
        "xAxis": {"type": "value", "min": 0, "boundaryGap": [0, "28%"], "splitLine": SPLIT, "axisLabel": _label(axis)},
        "yAxis": {
            "type": "category", "data": labels, "inverse": True, "axisTick": {"show": False}, "axisLine": SPLIT,
            "axisLabel": {"color": TEXT, "width": 290, "overflow": "truncate", "interval": 0}, "z": 6,
        },
    }  # fmt: skip
    if unit:
        option["tooltip"] = tooltip("item")
    above = {"inside": True, "margin": 0, "width": 330, "align": "left", "verticalAlign": "bottom"}
    medium = {"xAxis": {"boundaryGap": [0, "65%"]}}
    narrow = {"xAxis": {"boundaryGap": [0, "75%"]}, "yAxis": {"axisLabel": above | {"padding": [0, 0, 12, 0]}}}
    media = [
        {"query": {"minWidth": NARROW, "maxWidth": MEDIUM}, "option": medium},
        {"query": {"maxWidth": NARROW}, "option": narrow},
    ]
    return Chart({"baseOption": option, "media": media}, _legend(series), len(labels), unit)


def standing(stacks: Mapping[str, tuple[Mapping[date, float], str]], axis: str, unit: str) -> Chart:
    """Stacked bars over every day from the first to the last; a day without a value has none.

    Args:
        stacks: Values by day, and the colour, of each name.
        axis: Template of the axis labels.
        unit: Of the values, `usd` or `count`.
    """
    every = _days({day for values, _ in stacks.values() for day in values})
    series = [
        bar(name, (values.get(day) for day in every), color, stack=True) for name, (values, color) in stacks.items()
    ]
    option = frame(series) | {
        "grid": {"left": 0, "right": 36, "top": 12, "bottom": 4},
        "tooltip": tooltip("axis"),
        "xAxis": {"type": "category", "data": [day.isoformat() for day in every], "axisLine": SPLIT,
                  "axisLabel": {"color": MUTED}},
        "yAxis": {"type": "value", "axisLabel": _label(axis), "splitLine": SPLIT},
    }  # fmt: skip
    return Chart({"baseOption": option}, _legend(series), 0, unit)


def _days(found: set[date]) -> list[date]:
    first = min(found, default=date.min)
    return [first + timedelta(days=number) for number in range((max(found, default=first) - first).days + bool(found))]


def frame(series: list[Option]) -> Option:
    """What every chart has."""
    font = {"fontFamily": "system-ui, sans-serif", "color": TEXT}
    return {"animation": False, "aria": {"enabled": True}, "textStyle": font, "series": series}


def _legend(series: list[Option]) -> tuple[tuple[str, str], ...]:
    return tuple((one["name"], one["color"]) for one in series if one["name"])


def _label(template: str) -> Option:
    return {"formatter": template, "color": MUTED, "hideOverlap": True, "alignMaxLabel": "right"}


def tooltip(trigger: str) -> Option:
    """A tooltip that is drawn as text of the picture: what comes from outside is never HTML."""
    look = {"backgroundColor": "var(--panel)", "borderColor": GRID, "textStyle": {"color": TEXT, "fontSize": 12}}
    return {"trigger": trigger, "confine": True, "renderMode": "richText", "axisPointer": {"type": "shadow"}} | look
