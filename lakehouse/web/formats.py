"""Numbers as text: units, sensible digits, and words instead of a number that is not there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from math import floor, log10

Number = int | float | Decimal


def significant(value: Number, digits: int) -> str:
    """Round to `digits` significant digits, but never before the decimal point; thousands are separated."""
    if not value:
        return "0"
    size = abs(float(value))
    text = f"{abs(value):,.{max(0, digits - 1 - floor(log10(size)))}f}"
    return f"−{text}" if value < 0 else text


def count(value: Number) -> str:
    """A whole number with thousands separated."""
    return f"{int(value):,}"


def usd(value: Number) -> str:
    """Money to at least 4 significant digits, whole dollars from 1,000 on."""
    text = significant(value, 4)
    return f"−${text[1:]}" if text.startswith("−") else f"${text}"


def change(value: Number) -> str:
    """A difference in USD with its sign."""
    return f"+{usd(value)}" if value > 0 else usd(value)


def percent(value: Number) -> str:
    """A ratio as per cent with 3 significant digits."""
    return f"{significant(value * 100, 3)} %"


def percent_change(value: Number) -> str:
    """A relative difference as per cent with its sign."""
    return f"+{percent(value)}" if value > 0 else percent(value)


def milliseconds(value: Number) -> str:
    """A latency with 3 significant digits, which its 1 % error allows; in seconds from 1,000 ms on."""
    return f"{significant(value / 1000, 3)} s" if value >= 1000 else f"{significant(value, 3)} ms"


def seconds(value: Number) -> str:
    """A span of time with 3 significant digits, in hours from one hour on."""
    return f"{significant(value / 3600, 3)} h" if value >= 3600 else f"{significant(value, 3)} s"


def per_second(value: Number) -> str:
    """A speed with 3 significant digits; the unit stands in the column's title."""
    return significant(value, 3)


def instant(value: date) -> str:
    """A day, or a time in UTC to the minute; a time without zone is UTC already."""
    if not isinstance(value, datetime):
        return value.isoformat()
    return (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M UTC")
