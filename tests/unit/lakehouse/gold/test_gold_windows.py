"""Which windows of gold are rebuilt, and what selects them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pyspark.sql import SparkSession

from lakehouse.gold.windows import RANGES, Touched, touched, with_hour
from lakehouse.tables.columns import pick
from lakehouse.window import TimeWindow
from tests.support.frames import assert_same, at, frame

MIDNIGHT, HOUR, DAY = at("2025-06-03T00:00:00"), timedelta(hours=1), date(2025, 6, 3)
COLUMNS = pick("interaction_id", "event_at", "event_date")


def naive(hours: int) -> datetime:
    """An hour as Spark's collect gives it: in UTC, without saying so."""
    return (MIDNIGHT + HOUR * hours).replace(tzinfo=None)


def test_hour_is_that_of_the_event(spark: SparkSession) -> None:
    """The last microsecond of an hour is its own; null stays null."""
    rows = [
        {"interaction_id": "a", "event_at": at("2025-06-03T09:59:59.999999")},
        {"interaction_id": "b", "event_at": at("2025-06-03T10:00:00")},
        {"interaction_id": "c"},
    ]
    hours = {"a": at("2025-06-03T09:00:00"), "b": at("2025-06-03T10:00:00"), "c": None}
    expected = [row | {"hour_at": hours[str(row["interaction_id"])]} for row in rows]
    assert_same(with_hour(frame(spark, COLUMNS, rows)), (*COLUMNS, *pick("hour_at")), expected, key=["interaction_id"])


def test_nothing_touched() -> None:
    """Is false, and selects nothing."""
    assert not touched([])
    assert touched([]).where("hour_at") == "false"


def test_hours_dates_and_the_rest_are_told_apart() -> None:
    """Hours merge; a date counts only for rows without an hour."""
    found = touched([(naive(9), DAY), (naive(10), DAY), (naive(9), DAY), (None, DAY), (None, None)])
    assert found == Touched((TimeWindow(MIDNIGHT + HOUR * 9, MIDNIGHT + HOUR * 11),), (DAY,), True)


def test_many_scattered_hours_become_few_ranges_that_cover_them() -> None:
    """Whole days where hours are too many, everything between where days are too many too."""
    scattered = [(naive(2 * i), None) for i in range(RANGES + 1)]
    windows = touched(scattered).hours
    assert windows == (TimeWindow(MIDNIGHT, MIDNIGHT + HOUR * 24 * 4),)
    far = [(naive(48 * i + 5), None) for i in range(RANGES + 1)]
    windows = touched(far).hours
    assert windows == (TimeWindow(MIDNIGHT, MIDNIGHT + HOUR * (48 * RANGES + 24)),)


def test_condition_selects_just_the_touched_rows(spark: SparkSession) -> None:
    """Half-open hours; rows without an hour by their date, or by having none."""
    rows = {
        "before": (at("2025-06-03T08:59:59.999999"), DAY),
        "first": (at("2025-06-03T09:00:00"), DAY),
        "last": (at("2025-06-03T10:59:59.999999"), DAY),
        "after": (at("2025-06-03T11:00:00"), DAY),
        "date": (None, DAY),
        "other date": (None, date(2025, 6, 4)),
        "nothing": (None, None),
    }
    names = ("event_at", "event_date")
    stored = frame(
        spark,
        COLUMNS,
        [{"interaction_id": key} | dict(zip(names, values, strict=True)) for key, values in rows.items()],
    )
    hours = (TimeWindow(MIDNIGHT + HOUR * 9, MIDNIGHT + HOUR * 11),)
    cases = {
        Touched(hours, (), False): {"first", "last"},
        Touched((), (DAY,), False): {"date"},
        Touched((), (), True): {"nothing"},
        Touched(hours, (DAY, date(2025, 6, 5)), True): {"first", "last", "date", "nothing"},
        Touched((), (), False): set(),
    }
    for windows, expected in cases.items():
        found = stored.where(windows.where("event_at")).select("interaction_id").collect()
        assert {row[0] for row in found} == expected
