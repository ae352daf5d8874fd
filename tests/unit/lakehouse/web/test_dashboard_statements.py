"""Statements, addresses, numbers and colours of dashboards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from lakehouse.errors import ChoiceError
from lakehouse.web.dashboards.address import chips, read_choice, written
from lakehouse.web.dashboards.answer import draw_page
from lakehouse.web.dashboards.boxes import box
from lakehouse.web.dashboards.colours import Colours
from lakehouse.web.dashboards.numbers import number_format
from lakehouse.web.dashboards.statement import Choice, plan
from lakehouse.web.echarts import PALETTE
from lakehouse.web.pages import canvas, dashboards

MAX2 = {"type": "max", "places": 2}
EXACT2 = {"type": "exact", "places": 2}
COMPACT = {"type": "number-plain", "abbreviation": "compact", "decimalPlaces": {"type": "max", "places": 1}}
HOSTILE = "'; DROP TABLE gold.usage_hourly; --"
FIELDS = ("provider_name", "event_date")


def test_values_of_a_choice_never_stand_in_the_sql() -> None:
    """They go by markers, whatever is in them."""
    dashboard = dashboards()["overview"]
    page = canvas(dashboard)
    choice = Choice({"provider_name": (HOSTILE, "")}, {"event_date": (date(2026, 1, 1), None)})
    steps = plan(dashboard, [q for w in page.widgets for q in w.queries], dashboard.filters_of(page), choice)
    assert steps
    for step in steps.values():
        assert "DROP" not in step.statement.sql
        assert step.statement.values == (("v0", HOSTILE), ("v1", date(2026, 1, 1)))
        assert (
            "WHERE (`provider_name` IN (:v0) OR `provider_name` IS NULL) AND `event_date` >= :v1" in step.statement.sql
        )


def test_widgets_of_the_same_grouping_share_a_statement() -> None:
    """Six counters are one query."""
    dashboard = dashboards()["overview"]
    page = canvas(dashboard)
    steps = plan(dashboard, [q for w in page.widgets for q in w.queries], [], Choice())
    counters = {steps[w.queries[0]].statement for w in page.widgets if w.kind == "counter"}
    assert len(counters) == 1


def test_address_and_back() -> None:
    """What a page's links say is what was chosen; a chip takes one value away."""
    choice = Choice({"provider_name": ("a&b=c", "", HOSTILE)}, {"event_date": (date(2026, 1, 1), date(2026, 2, 1))})
    pairs = [("provider_name", v) for v in choice.values["provider_name"]]
    pairs += [("event_date.from", "2026-01-01"), ("event_date.to", "2026-02-01")]
    assert read_choice(pairs, FIELDS) == choice
    assert written(choice).startswith("?provider_name=a%26b%3Dc&provider_name=&")
    assert [chip.title for chip in chips("/", choice)] == ["a&b=c", "not known", HOSTILE, "2026-01-01 – 2026-02-01"]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("nonsense", "1")], "no filter 'nonsense'"),
        ([("event_date.from", "yesterday")], "is no day"),
        ([("event_date.from", "2026-02-01"), ("event_date.to", "2026-01-01")], "comes after"),
        ([("provider_name", "x" * 501)], "at most 200 values"),
        ([("provider_name", str(n)) for n in range(201)], "at most 200 values"),
        ([("provider_name", "a\0b")], "at most 200 values"),
    ],
)
def test_absurd_choices_are_refused(pairs: list[tuple[str, str]], said: str) -> None:
    """With what is wrong."""
    with pytest.raises(ChoiceError, match=said):
        read_choice(pairs, FIELDS)


@pytest.mark.parametrize(
    ("encoding", "value", "text"),
    [
        ({"format": {"type": "number-percent", "decimalPlaces": MAX2}}, 0.1234567, "12.35 %"),
        ({"format": {"type": "number-percent", "decimalPlaces": MAX2}}, 0.00001, "<0.01 %"),
        ({"format": {"type": "number-currency", "currencyCode": "USD", "decimalPlaces": EXACT2}}, 1234.5, "$1,234.50"),
        ({"format": {"type": "number-currency", "currencyCode": "CHF"}}, -2, "−CHF 2"),
        ({"format": COMPACT}, 7769, "7.8K"),
        ({"numberFormat": "0,0"}, 1234567, "1,234,567"),
        ({"numberFormat": "0.00%"}, 0.5, "50.00 %"),
        ({"numberFormat": "$0,0.0000"}, 0.00001, "<$0.0001"),
        ({}, 0, "0"),
        ({}, 2.5, "2.5"),
    ],
)  # fmt: skip
def test_numbers(encoding: dict[str, Any], value: float, text: str) -> None:
    """As the files ask; what would be rounded to nothing is not shown as nothing."""
    assert number_format(encoding).text(value) == text


def test_colours_stay_and_never_meet() -> None:
    """A value keeps its own colour where it is free, and two values of one chart never share one."""
    colours = Colours({"model_key": [f"m{n}" for n in range(20)]})
    assert colours.of("model_key", ["m1", "m0"]) == [PALETTE[1], PALETTE[0]]
    clash = colours.of("model_key", ["m0", "m8", "m3"])
    assert clash[0] == PALETTE[0]
    assert clash[2] == PALETTE[3]
    assert len(set(clash)) == 3
    assert len(set(colours.of("other", [f"x{n}" for n in range(8)]))) == 8


class Nothing:
    """A backend whose tables are empty."""

    def rows(self, sql: str, values: object) -> list[dict[str, Any]]:
        """Aggregates over nothing: one row of nulls, or no row."""
        if " AS o0" in sql:
            return [{f"o{n}": "[null, null]" for n in range(9)}]
        return [] if "model_key" in sql.split(" FROM ")[0] or "`" not in sql else [{f"f{n}": None for n in range(12)}]

    def version(self) -> str:
        """Never changes."""
        return ""


def test_page_without_data_says_so() -> None:
    """No box is blank, and another word is used when a filter is the reason."""
    dashboard = dashboards()["overview"]
    for choice, word in ((Choice(), "Nothing here yet"), (Choice({"model_key": ("x",)}), "Nothing matches")):
        drawn = draw_page(Nothing(), dashboard, canvas(dashboard), choice, Colours())
        assert all(box.text == "–" for box in drawn.boxes if box.widget.kind == "counter")
        assert all(box.empty.startswith(word) for box in drawn.boxes if box.widget.kind != "counter")


def test_raw_rows_keep_their_order_and_groups_are_sorted() -> None:
    """The dataset orders raw rows; groups come largest first."""
    quality, overview = (canvas(dashboards()[name]) for name in ("quality", "overview"))
    raw = next(w for w in quality.widgets if w.name == "conservation")
    grouped = next(w for w in overview.widgets if w.name == "glance")
    rows = [{field.name: at for field in raw.queries[0].fields} for at in (1, 3, 2)]
    drawn = box(raw, rows, Colours(), "").table
    assert drawn is not None
    assert [row["bronze_count"] for row in drawn.rows] == [1, 3, 2]
    rows = [{field.name: at for field in grouped.queries[0].fields} for at in (1, 3, 2)]
    drawn = box(grouped, rows, Colours(), "").table
    assert drawn is not None
    assert [row["sum(request_count)"] for row in drawn.rows] == [3, 2, 1]


def test_long_spans_are_summed_by_week_only_where_that_may_be_done() -> None:
    """Counts add up, ratios do not; the weeks hold what the days held."""
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(200)]
    page = canvas(dashboards()["errors"])
    counts = next(w for w in page.widgets if w.name == "errors_daily")
    ratios = next(w for w in page.widgets if w.name == "ratio_daily")
    rows = [{field.name: 1 for field in counts.queries[0].fields} | {"event_date": day} for day in days]
    weekly = box(counts, rows, Colours(), "").chart
    assert weekly is not None
    assert "Summed by week" in weekly.note
    assert sum(value or 0 for value in weekly.option["baseOption"]["series"][0]["data"]) == len(days)
    assert all(date.fromisoformat(day).weekday() == 0 for day in weekly.option["baseOption"]["xAxis"]["data"])
    rows = [{field.name: 0.5 for field in ratios.queries[0].fields} | {"event_date": day} for day in days]
    daily = box(ratios, rows, Colours(), "").chart
    assert daily is not None
    assert len(daily.option["baseOption"]["xAxis"]["data"]) == len(days)
