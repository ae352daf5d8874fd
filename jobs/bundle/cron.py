"""Quartz's cron expressions, which nothing checks before a workspace does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jobs.bundle.load import Problem

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS = (
    ("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12),
    ("day of week", 1, 7), ("year", 1970, 2099),
)  # fmt: skip
SPECIAL = {3: re.compile(r"L(-\d{1,2})?W?|\d{1,2}W"), 5: re.compile(r"([1-7]|[A-Z]{3})(L|#[1-5])|L")}
PART = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?")


def check_cron(expression: str, zone: str, where: str) -> Iterator[Problem]:
    """Yield why Quartz would refuse an expression (six or seven fields, one of the two days being ``?``) or zone."""
    words = expression.upper().split()
    if len(words) not in (6, 7):
        yield Problem(where, f"{expression!r} has {len(words)} fields; Quartz wants 6 or 7, seconds first")
        return
    if [words[3], words[5]].count("?") != 1:
        yield Problem(where, f"{expression!r}: just one of day of month and day of week must be ?")
    for number, word in enumerate(words):
        if not (word == "?" and number in (3, 5)) and not all(_fits(number, part) for part in word.split(",")):
            yield Problem(where, f"{expression!r}: {word} is no {FIELDS[number][0]}")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem(where, f"no time zone {zone!r}")


def _fits(number: int, part: str) -> bool:
    if number in SPECIAL and SPECIAL[number].fullmatch(part):
        return True
    found = PART.fullmatch(part)
    if not found or (found[1] == "*" and found[2]):
        return False
    values = [_number(number, word) for word in (found[1], found[2]) if word and word != "*"]
    _, low, high = FIELDS[number]
    return all(value is not None and low <= value <= high for value in values) and found[3] != "0"


def _number(number: int, word: str) -> int | None:
    names = {4: MONTHS, 5: DAYS}.get(number, ())
    if word in names:
        return names.index(word) + 1
    return int(word) if word.isdigit() else None
