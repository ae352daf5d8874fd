"""Half-open windows of time in UTC, the unit of extraction, resume and recompute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise


@dataclass(frozen=True, order=True)
class TimeWindow:
    """The instants ``start <= t < end``; both bounds carry UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a TimeWindow needs bounds with a time zone")
        if self.start >= self.end:
            raise ValueError(f"a TimeWindow must not be empty: {self.start} .. {self.end}")

    def split(self, parts: int) -> list[TimeWindow]:
        """Cut into `parts` windows of equal length that cover this one without gap or overlap."""
        step = (self.end - self.start) / parts
        edges = [self.start + step * i for i in range(parts)] + [self.end]
        return [TimeWindow(a, b) for a, b in pairwise(edges) if a < b]

    def hours(self) -> TimeWindow:
        """Widen to whole hours."""
        end = floor_hour(self.end)
        return TimeWindow(floor_hour(self.start), end if end == self.end else end + timedelta(hours=1))


def floor_hour(instant: datetime) -> datetime:
    """Give the full hour at or before `instant`, in UTC."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def pack(counts: Iterable[tuple[datetime, int]], rows: int, end: datetime) -> list[tuple[TimeWindow, int]]:
    """Pack consecutive time slots into windows of about `rows` rows.

    Args:
        counts: Start and row count of each slot, ascending.
        rows: A window is closed before it would exceed this; a single fuller slot is a window of its own.
        end: Exclusive end of the last slot.

    Returns:
        Windows with their row counts, covering the first slot's start to `end` without gap.
    """
    packed: list[tuple[datetime, int]] = []
    for start, count in counts:
        if packed and packed[-1][1] + count <= rows:
            packed[-1] = (packed[-1][0], packed[-1][1] + count)
        else:
            packed.append((start, count))
    edges = [start for start, _ in packed] + [end]
    return [(TimeWindow(*bounds), count) for bounds, (_, count) in zip(pairwise(edges), packed, strict=True)]


def merge_hours(hours: Iterable[datetime]) -> list[TimeWindow]:
    """Join single hours into the fewest windows that cover just them."""
    hour, windows = timedelta(hours=1), list[TimeWindow]()
    for start in sorted(set(hours)):
        if windows and windows[-1].end == start:
            windows[-1] = TimeWindow(windows[-1].start, start + hour)
        else:
            windows.append(TimeWindow(start, start + hour))
    return windows
