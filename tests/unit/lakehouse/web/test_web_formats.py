"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from lakehouse.web import formats


@pytest.mark.parametrize(
    ("show", "value", "text"),
    [
        (formats.usd, Decimal("64.773315"), "$64.77"),
        (formats.usd, Decimal("0.00003150"), "$0.00003150"),
        (formats.usd, Decimal("1234567.89"), "$1,234,568"),
        (formats.usd, Decimal("-0.0099654"), "−$0.009965"),
        (formats.usd, Decimal("0E-12"), "$0"),
        (formats.change, Decimal("0.02027"), "+$0.02027"),
        (formats.change, Decimal("-2"), "−$2.000"),
        (formats.percent, 0.8666666, "86.7 %"),
        (formats.percent, 0.00241, "0.241 %"),
        (formats.percent, 0.0, "0 %"),
        (formats.percent, 1.0, "100 %"),
        (formats.percent_change, -0.5, "−50.0 %"),
        (formats.percent_change, 1.72, "+172 %"),
        (formats.milliseconds, 77.4858, "77.5 ms"),
        (formats.milliseconds, 999.4, "999 ms"),
        (formats.milliseconds, 18963.6, "19.0 s"),
        (formats.seconds, 173.9, "174 s"),
        (formats.seconds, 7200.0, "2.00 h"),
        (formats.per_second, 1234.5, "1,234"),
        (formats.count, 1234567, "1,234,567"),
        (formats.instant, date(2026, 1, 5), "2026-01-05"),
        (formats.instant, datetime(2026, 1, 5, 9, 30, 59), "2026-01-05 09:30 UTC"),
        (formats.instant, datetime(2026, 1, 5, 1, 30, tzinfo=timezone(timedelta(hours=2))), "2026-01-04 23:30 UTC"),
        (formats.instant, datetime(2026, 1, 5, 1, 30, tzinfo=UTC), "2026-01-05 01:30 UTC"),
    ],
)
def test_format(show: Callable[[Any], str], value: object, text: str) -> None:
    """Units, signs and significant digits."""
    assert show(value) == text
