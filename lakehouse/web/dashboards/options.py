"""ECharts options of dashboards; the script adds what only functions can say: how numbers are written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from lakehouse.web.echarts import GRID, MUTED, SPLIT, TEXT, Option, frame, texts, tooltip

Data = tuple[str, str, Sequence[float | None]]
MOST_DAYS = 731
NARROW = 430  # px; below it a label stands above its bar
BESIDE = {
    "grid": {"top": 2},
    "xAxis": {"boundaryGap": [0, "24%"]},
    "yAxis": {"axisLabel": {"inside": False, "margin": 8, "width": 190, "align": "right", "verticalAlign": "middle",
                            "padding": 0}},
}  # fmt: skip
ABOVE = {
    "grid": {"top": 20},
    "xAxis": {"boundaryGap": [0, "45%"]},
    "yAxis": {"axisLabel": {"inside": True, "margin": 0, "width": 300, "align": "left", "verticalAlign": "bottom",
                            "padding": [0, 0, 17, 0]}},
}  # fmt: skip


def lying(
    labels: Sequence[str], data: Sequence[Data], ends: Sequence[float], words: Sequence[str], is_stacked: bool
) -> Option:
    """Horizontal bars.

    Args:
        labels: One a line, from above.
        data: Name, colour and values of each series.
        ends: Where the longest bar of each line ends.
        words: What stands behind it.
        is_stacked: Whether the series stand on each other.
    """
    series = [
        {"type": "bar", "name": name, "color": colour, "data": list(values), "barMaxWidth": 20 if is_stacked else 11,
         "barGap": "15%", "itemStyle": {"borderRadius": 0 if is_stacked else [0, 3, 3, 0]}}
        | ({"stack": "all"} if is_stacked else {})
        for name, colour, values in data
    ]  # fmt: skip
    option = frame([*series, texts(ends, words)]) | {
        "grid": {"left": 0, "right": 12, "top": 2, "bottom": 2},
        "tooltip": tooltip("axis"),
        "xAxis": {"type": "value", "min": 0, "splitLine": SPLIT, "splitNumber": 4,
                  "axisLabel": {"color": MUTED, "hideOverlap": True}},
        "yAxis": {"type": "category", "data": list(labels), "inverse": True, "axisTick": {"show": False},
                  "axisLine": SPLIT, "axisLabel": {"color": TEXT, "interval": 0, "overflow": "truncate"}, "z": 6},
    }  # fmt: skip
    return {"baseOption": option, "media": [{"query": {"maxWidth": NARROW}, "option": ABOVE}, {"option": BESIDE}]}


def standing(
    kind: str,
    along: Sequence[Any],
    data: Sequence[tuple[str, str, Mapping[Any, float | None]]],
    is_stacked: bool,
) -> Option:
    """Vertical bars, lines or areas along days or categories, in the order given."""
    option = frame([_standing(kind, one, along, is_stacked) for one in data]) | {
        "grid": {"left": 0, "right": 34, "top": 12, "bottom": 6},
        "tooltip": tooltip("axis") | {"axisPointer": {"type": "shadow" if kind == "bar" else "line"}},
        "xAxis": {"type": "category", "data": [str(place) for place in along], "axisLine": SPLIT,
                  "boundaryGap": kind == "bar", "axisTick": {"show": False},
                  "axisLabel": {"color": MUTED, "hideOverlap": True}},
        "yAxis": {"type": "value", "axisLabel": {"color": MUTED}, "splitLine": SPLIT, "splitNumber": 4},
    }  # fmt: skip
    return {"baseOption": option, "media": []}


def _standing(
    kind: str, one: tuple[str, str, Mapping[Any, float | None]], along: Sequence[Any], is_stacked: bool
) -> Option:
    name, colour, values = one
    empty = 0.0 if kind == "area" and is_stacked else None
    data = [values.get(place, empty) for place in along]
    series: Option = {"type": "bar" if kind == "bar" else "line", "name": name, "color": colour, "data": data}
    if kind == "bar":
        return series | {"barMaxWidth": 26} | ({"stack": "all"} if is_stacked else {})
    series |= {"lineStyle": {"width": 2 if kind == "line" else 1.2}, "symbol": "none", "data": _with_lone(data)}
    if kind == "area":
        series |= {"areaStyle": {"opacity": 0.55, "color": colour}}
    return series | ({"stack": "all"} if is_stacked else {})


def _with_lone(data: Sequence[float | None]) -> list[Any]:
    """A value between two gaps has no line: it gets a symbol."""
    around = [None, *data, None]
    alone = [before is None and after is None for before, after in zip(around, around[2:], strict=False)]
    lone = {"symbol": "circle", "symbolSize": 5}
    return [{"value": v} | lone if v is not None and gap else v for v, gap in zip(data, alone, strict=True)]


def round_(parts: Sequence[tuple[str, str, float]]) -> Option:
    """A ring of parts."""
    data = [{"name": name, "value": value, "itemStyle": {"color": colour}} for name, colour, value in parts]
    series = {
        "type": "pie", "radius": ["40%", "60%"], "center": ["50%", "50%"], "data": data, "minAngle": 2,
        "label": {"color": TEXT, "formatter": "{b}\n{d} %", "fontSize": 11, "lineHeight": 15},
        "labelLine": {"lineStyle": {"color": GRID}}, "itemStyle": {"borderColor": "var(--panel)", "borderWidth": 2},
    }  # fmt: skip
    return {"baseOption": frame([series]) | {"tooltip": tooltip("item")}, "media": []}


def days(found: Collection[date], step: int) -> list[date]:
    """Every `step`th day from the first to the last, at most the newest `MOST_DAYS` of them."""
    first, last = min(found), max(found)
    return [first + timedelta(days=step * number) for number in range((last - first).days // step + 1)][-MOST_DAYS:]
