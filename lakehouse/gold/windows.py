"""Which windows of gold a set of rows belongs to, and the conditions that select them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.window import TimeWindow, merge_hours

RANGES = 40  # more of them cost more to plan than the rows between them cost to rebuild


def with_hour(interactions: DataFrame) -> DataFrame:
    """Add `hour_at`, the start of the UTC hour of event_at; null stays null."""
    return interactions.withColumn("hour_at", F.date_trunc("hour", "event_at"))


@dataclass(frozen=True)
class Touched:
    """Windows to rebuild: hours, dates of rows without an hour, and whether rows without any date are touched."""

    hours: tuple[TimeWindow, ...]
    dates: tuple[date, ...]
    dateless: bool

    def __bool__(self) -> bool:
        return bool(self.hours or self.dates or self.dateless)

    def where(self, time: str) -> str:
        """SQL condition that selects the touched windows.

        Args:
            time: `hour_at` on a gold table, `event_at` on silver.
        """
        parts = [f"({time} >= {_instant(w.start)} AND {time} < {_instant(w.end)})" for w in self.hours]
        if self.dates:
            dates = ", ".join(f"DATE'{day}'" for day in self.dates)
            parts.append(f"({time} IS NULL AND event_date IN ({dates}))")
        if self.dateless:
            parts.append(f"({time} IS NULL AND event_date IS NULL)")
        return " OR ".join(parts) or "false"


def touched(rows: Iterable[tuple[datetime | None, date | None]]) -> Touched:
    """Collect the windows of rows given as (hour_at, event_date), hours in UTC."""
    pairs = list(rows)
    hours = [hour.replace(tzinfo=UTC) for hour, _ in pairs if hour]
    dates = sorted({day for hour, day in pairs if hour is None and day})
    return Touched(tuple(_coarse(hours)), tuple(dates), any(hour is None and day is None for hour, day in pairs))


def _coarse(hours: list[datetime]) -> list[TimeWindow]:
    """Few ranges that cover the hours: the hours themselves, else whole days, else everything between."""
    windows = merge_hours(hours)
    if len(windows) <= RANGES:
        return windows
    days = [hour.replace(hour=0) + timedelta(hours=i) for hour in hours for i in range(24)]
    windows = merge_hours(days)
    return windows if len(windows) <= RANGES else [TimeWindow(windows[0].start, windows[-1].end)]


def _instant(instant: datetime) -> str:
    return f"TIMESTAMP'{instant:%Y-%m-%d %H:%M:%S}'"


def sum_where(condition: Column, value: Column | str) -> Column:
    """Sum of `value` over the rows that meet `condition`; null where none does."""
    return F.sum(F.when(condition, F.col(value) if isinstance(value, str) else value))


def sum_ms_where(condition: Column, milliseconds: Column) -> Column:
    """Sum of a time over the rows that meet `condition`, each rounded to a microsecond; null where none does.

    Summed as whole numbers: a sum of doubles depends on the order of its rows, and gold must not.
    """
    micros = F.round(milliseconds * 1000).try_cast("bigint")
    return F.sum(F.when(condition, micros)) / F.lit(1000.0)


def count_where(condition: Column) -> Column:
    """Number of rows that meet `condition`; a null condition counts as not met."""
    return F.count_if(condition)
