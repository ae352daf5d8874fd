"""Charts draw the rows and nothing else: a null is no bar, a day without traffic is none either."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from lakehouse.web import charts
from lakehouse.web.figures import Figures, model_labels
from lakehouse.web.page import Chart


def series(chart: Chart) -> dict[str, list[Any]]:
    """Data by name; the texts at the ends of the bars have no name."""
    return {one["name"]: one["data"] for one in chart.option["baseOption"]["series"]}


def end_texts(chart: Chart) -> list[str]:
    """What stands at the ends of the bars."""
    return [point["label"]["formatter"] for point in series(chart)[""]]


def test_quantiles_say_what_is_missing(figures: Figures) -> None:
    """Seconds; no p95 and no median are words, not zeros."""
    chart = charts.quantiles(figures.latency)
    assert series(chart)["p50"] == [0.812, None, 0.0955]
    assert series(chart)["p95"] == [2.3456, None, None]
    texts = ["812 ms · 2.35 s · n 230", "n too small: 10", "95.5 ms · p95: n too small · n 150"]
    assert end_texts(chart) == texts


def test_speeds(figures: Figures) -> None:
    """A model that does not stream has one bar."""
    chart = charts.speeds(figures.throughput)
    assert series(chart)["over the whole request"] == [45.67]
    assert series(chart)["after the first token"] == [None]
    assert end_texts(chart) == ["45.7 · n 230"]


def test_error_ratios_stand_on_their_interval(figures: Figures) -> None:
    """Per cent; the interval of a line is two points and a gap."""
    chart = charts.error_ratios(figures.error_rate)
    assert series(chart)["failed attempts over attempts"] == [[70.0, 0], [1.25, 1]]
    found = series(chart)["95 % Wilson interval"]
    assert found[0::3] == [[pytest.approx(39.68), 0], [pytest.approx(0.43), 1]]
    assert found[1::3] == [[pytest.approx(89.22), 0], [pytest.approx(3.61), 1]]
    assert found[2::3] == [[None, 0], [None, 1]]


def test_error_classes_add_up_over_outcomes(figures: Figures) -> None:
    """Classes by number of failures; an unknown origin is a series of its own."""
    chart = charts.error_classes(figures.errors)
    assert chart.option["baseOption"]["yAxis"]["data"] == ["rate_limit", "timeout"]
    assert series(chart)["provider"] == [7, 1]
    assert series(chart)["origin unknown"] == [2, None]
    assert end_texts(chart) == ["9", "1"]


def test_components_add_up_to_the_cost(figures: Figures) -> None:
    """One series a component."""
    chart = charts.cost_components(figures.cost_models)
    found = series(chart)
    assert {name: values for name, values in found.items() if values != [None] and name} == {
        "fresh input": [1.0],
        "output": [0.25],
    }
    assert end_texts(chart) == ["$1.250"]


def test_traffic_keeps_untimed_apart(figures: Figures) -> None:
    """Every day from the first to the last; rows without a date are not drawn."""
    chart = charts.traffic(charts.newest(figures.traffic))
    assert chart.option["baseOption"]["xAxis"]["data"] == ["2026-01-05", "2026-01-06", "2026-01-07"]
    assert series(chart) == {"gateway": [86, None, 150], "gateway, no time of day": [10, None, None]}


def test_cost_per_day_keeps_the_rest_together(figures: Figures) -> None:
    """The null model is all others, in their own colour."""
    chart = charts.cost_per_day(figures.cost_daily)
    assert series(chart) == {"acme · alpha": [0.25, None, 0.75], "all other models": [None, None, 0.25]}
    assert chart.legend[-1] == ("all other models", "var(--other)")


def test_newest_days() -> None:
    """Two years fit; what is older is left out, and a note says so."""
    last = date(2026, 1, 5)
    rows = [{"event_date": last - timedelta(days=age)} for age in (0, charts.MAX_DAYS - 1)]
    assert charts.newest(rows) == rows
    assert charts.newest_note(rows) == ()
    older = [*rows, {"event_date": last - timedelta(days=charts.MAX_DAYS)}, {"event_date": None}]
    assert charts.newest(older) == rows
    assert charts.newest_note(older) == ("The newest 731 days; the headline numbers hold all.",)
    assert charts.newest([]) == []


def test_labels_tell_models_apart() -> None:
    """The last part of a key is enough unless two models of a provider share it."""
    keys = [("p", "a/x"), ("p", "b/x"), ("q", "a/x"), (None, "(none)")]
    rows = [{"provider_name": provider, "model_key": model} for provider, model in keys]
    assert model_labels(rows) == ["p · a/x", "p · b/x", "q · x", "(none)"]
