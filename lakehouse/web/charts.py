"""Rows of the views as charts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from lakehouse.web import formats
from lakehouse.web.echarts import (
    BAD,
    LIGHT,
    OTHER,
    PALETTE,
    STRONG,
    bar,
    lying,
    points,
    standing,
    texts,
    whiskers,
)
from lakehouse.web.figures import Row, Rows, model_labels
from lakehouse.web.page import Chart

MAX_DAYS = 731  # days that one chart can show with a bar each
THIN = {"barMaxWidth": 9}  # two of them take the height of one
NO_TIME = "no time of day"
COMPONENTS = ("fresh_input", "cache_read", "cache_write", "output", "other")
SPEEDS = ("output_tokens_per_s", "generation_tokens_per_s")


def quantiles(rows: Rows) -> Chart:
    """Median and 95th percentile by model: bars in seconds; what is missing is said in words."""
    p50, p95 = ([_thousandth(row[name]) for row in rows] for name in ("p50_ms", "p95_ms"))
    ends = [high or low for low, high in zip(p50, p95, strict=True)]
    before = {"barGap": "-100%", "z": 3}  # the median stands before the 95th percentile, not beside it
    series = [bar("p50", p50, STRONG) | before, bar("p95", p95, LIGHT), texts(ends, list(map(_quantile_text, rows)))]
    return lying(model_labels(rows), series, "{value} s")


def speeds(rows: Rows) -> Chart:
    """Output tokens per second by model, over the whole request and after the first token."""
    whole, after = ([row[name] for row in rows] for name in SPEEDS)
    ends = [max(first or 0, second or 0) for first, second in zip(whole, after, strict=True)]
    series = [
        bar("over the whole request", whole, STRONG) | THIN,
        bar("after the first token", after, LIGHT) | THIN,
        texts(ends, list(map(_speed_text, rows))),
    ]
    return lying(model_labels(rows), series, "{value}")


def error_ratios(rows: Rows) -> Chart:
    """Error ratio by model as a point on its 95 % Wilson interval, in per cent."""
    low, ratio, high = ([row[f"error_ratio{end}"] * 100 for row in rows] for end in ("_low", "", "_high"))
    series = [
        points("failed attempts over attempts", ratio, BAD),
        whiskers("95 % Wilson interval", low, high),
        texts(high, list(map(_ratio_text, rows))),
    ]
    return lying(model_labels(rows), series, "{value} %")


def error_classes(rows: Rows) -> Chart:
    """Failures by class, stacked by origin."""
    counts = _pivot(rows, "error_type", "error_origin", "error_count")
    totals = {name: sum(found.values()) for name, found in counts.items()}
    classes = sorted(totals, key=lambda name: (-totals[name], name))
    origins = sorted({origin for found in counts.values() for origin in found}, key=lambda origin: origin or "~")
    series = [
        bar(origin or "origin unknown", [counts[name].get(origin) for name in classes], color, stack=True)
        for origin, color in zip(origins, PALETTE, strict=False)
    ]
    ends = [totals[name] for name in classes]
    return lying(classes, [*series, texts(ends, [f"{end:,}" for end in ends])], "{value}", "count")


def cost_components(rows: Rows) -> Chart:
    """Cost by model, stacked by component."""
    series = [
        bar(part.replace("_", " "), [_float(row[f"cost_{part}_usd"]) for row in rows], color, stack=True)
        for part, color in zip(COMPONENTS, PALETTE, strict=False)
    ]
    ends = texts([_float(row["cost_usd"]) for row in rows], [formats.usd(row["cost_usd"]) for row in rows])
    return lying(model_labels(rows), [*series, ends], "${value}", "usd")


def traffic(rows: Rows) -> Chart:
    """Attempts per day, stacked by source; attempts without a time of day stand apart."""
    split = [{**row, "timed_count": row["request_count"] - row["untimed_count"]} for row in rows]
    stacks: dict[str, Mapping[date, float]] = {}
    for name in sorted({row["source_name"] for row in rows}):
        own = [row for row in split if row["source_name"] == name]
        stacks[name] = {row["event_date"]: row["timed_count"] for row in own if row["timed_count"]}
        stacks[f"{name}, {NO_TIME}"] = {row["event_date"]: row["untimed_count"] for row in own if row["untimed_count"]}
    filled = {name: values for name, values in stacks.items() if values}
    return standing({name: (filled[name], PALETTE[at % 8]) for at, name in enumerate(filled)}, "{value}", "count")


def cost_per_day(rows: Rows) -> Chart:
    """Cost per day, stacked by model in the order of cost; models without a colour of their own stand together."""
    costs: dict[tuple[str | None, str | None], dict[date, float]] = {}
    for row in rows:
        costs.setdefault((row["provider_name"], row["model_key"]), {})[row["event_date"]] = float(row["cost_usd"])
    rest = costs.pop((None, None), None)
    keys = sorted(costs, key=lambda key: -sum(costs[key].values()))
    labels = model_labels([{"provider_name": provider, "model_key": model} for provider, model in keys])
    stacks = {label: (costs[key], color) for label, key, color in zip(labels, keys, PALETTE, strict=False)}
    return standing(stacks | ({"all other models": (rest, OTHER)} if rest else {}), "${value}", "usd")


def newest(rows: Rows) -> Rows:
    """Rows of the last `MAX_DAYS` days that have a date."""
    dated = [row for row in rows if row["event_date"] is not None]
    last = max((row["event_date"] for row in dated), default=None)
    return [row for row in dated if (last - row["event_date"]).days < MAX_DAYS] if last else []


def newest_note(rows: Rows) -> tuple[str, ...]:
    """Says that `newest` left days out, where it did."""
    dated = sum(row["event_date"] is not None for row in rows)
    return (f"The newest {MAX_DAYS} days; the headline numbers hold all.",) if len(newest(rows)) < dated else ()


def _pivot(rows: Rows, by: str, across: str, value: str) -> dict[str, dict[Any, int]]:
    found: dict[str, dict[Any, int]] = {}
    for row in rows:
        line = found.setdefault(row[by], {})
        line[row[across]] = line.get(row[across], 0) + row[value]
    return found


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _thousandth(value: float | None) -> float | None:
    return None if value is None else value / 1000


def _quantile_text(row: Row) -> str:
    if row["p50_ms"] is None:
        return f"n too small: {row['request_count']:,}"
    p95 = "p95: n too small" if row["p95_ms"] is None else formats.milliseconds(row["p95_ms"])
    return f"{formats.milliseconds(row['p50_ms'])} · {p95} · n {row['request_count']:,}"


def _speed_text(row: Row) -> str:
    found = [formats.per_second(row[name]) for name in SPEEDS if row[name] is not None]
    return f"{' · '.join(found)} · n {row['timed_count']:,}"


def _ratio_text(row: Row) -> str:
    return f"{formats.percent(row['error_ratio'])} · {row['error_count']:,} of {row['request_count']:,}"
