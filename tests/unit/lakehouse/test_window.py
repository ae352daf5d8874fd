"""Windows of time: half-open, in UTC, without gap or overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import numpy as np
import pytest

from lakehouse.window import TimeWindow, floor_hour, merge_hours, pack
from tests.support.frames import at

START, END = at("2025-06-03T10:15:00"), at("2025-06-03T13:00:00")
HOUR = timedelta(hours=1)


def test_needs_a_zone_and_a_length() -> None:
    """A naive bound and an empty or reversed window are refused."""
    with pytest.raises(ValueError, match="time zone"):
        TimeWindow(START.replace(tzinfo=None), END)
    with pytest.raises(ValueError, match="empty"):
        TimeWindow(START, START)
    with pytest.raises(ValueError, match="empty"):
        TimeWindow(END, START)


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_split_covers_without_gap_or_overlap(parts: int) -> None:
    """Every part begins where the one before ends."""
    windows = TimeWindow(START, END).split(parts)
    assert len(windows) == parts
    assert (windows[0].start, windows[-1].end) == (START, END)
    assert all(a.end == b.start for a, b in pairwise(windows))


def test_split_of_a_single_microsecond_leaves_out_empty_parts() -> None:
    """A window may be shorter than the parts that are asked for."""
    tiny = TimeWindow(START, START + timedelta(microseconds=1))
    assert [(w.start, w.end) for w in tiny.split(3)] == [(tiny.start, tiny.end)]


def test_hours_widens_to_whole_hours() -> None:
    """A bound that is a full hour stays."""
    assert TimeWindow(START, END).hours() == TimeWindow(at("2025-06-03T10:00:00"), END)
    assert TimeWindow(START, START + timedelta(seconds=1)).hours().end == at("2025-06-03T11:00:00")


def test_floor_hour_is_in_utc() -> None:
    """India's half hour does not shift it."""
    india = timezone(timedelta(hours=5, minutes=30))
    assert floor_hour(datetime(2025, 6, 3, 12, 10, tzinfo=india)) == datetime(2025, 6, 3, 6, tzinfo=UTC)


def test_pack_closes_a_window_before_it_is_too_full() -> None:
    """A slot that is too full on its own is a window of its own; the windows cover everything to the end."""
    hours = [at("2025-06-03T00:00:00") + HOUR * i for i in range(6)]
    end = hours[0] + HOUR * 8
    packed = pack(zip(hours, (4, 5, 3, 50, 1, 2), strict=True), 10, end)
    assert [(w.start, rows) for w, rows in packed] == [(hours[0], 9), (hours[2], 3), (hours[3], 50), (hours[4], 3)]
    assert all(a.end == b.start for (a, _), (b, _) in pairwise(packed))
    assert packed[-1][0].end == end


def test_pack_of_nothing_is_nothing() -> None:
    """No slots, no windows."""
    assert pack([], 10, END) == []


def test_merge_hours_covers_just_the_hours_given() -> None:
    """Against a set of hours drawn at random, in any order and repeated."""
    drawn = np.random.default_rng(7).integers(0, 60, 40)
    hours = [at("2025-06-03T00:00:00") + HOUR * int(hour) for hour in drawn]
    windows = merge_hours(hours)
    covered = [w.start + HOUR * i for w in windows for i in range(int((w.end - w.start) / HOUR))]
    assert covered == sorted(set(hours))
    assert all(a.end < b.start for a, b in pairwise(windows))
