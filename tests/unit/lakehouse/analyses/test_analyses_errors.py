"""The taxonomy of errors on texts in the words of providers' documentation, by Python's regular expressions."""

from __future__ import annotations

import re

import pytest

from lakehouse.analyses.errors import ORIGIN_PATTERNS, RULES, classify, originate
from tests.support.errors import PUBLISHED


@pytest.mark.parametrize("text", PUBLISHED)
def test_documented_texts(text: str) -> None:
    """By their words alone, as many sources know no status."""
    assert classify(None, text) == PUBLISHED[text]


def test_status_decides_where_words_do_not() -> None:
    """And words decide where providers reuse a status."""
    assert classify(429, "something odd") == "rate_limit"
    assert classify(429, "insufficient_quota") == "quota_billing"
    assert classify(400, "Provider returned error") == "invalid_request"
    assert classify(400, "context_length_exceeded") == "context_length"
    assert classify(None, None) == "other"


def test_origins() -> None:
    """Words of gateways come before what the class says."""
    assert originate("auth", "Virtual key expired") == "gateway"
    assert originate("auth", "Incorrect API key provided") == "client"
    assert originate("quota_billing", "Budget has been exceeded") == "budget"
    assert originate("connection", "ECONNRESET") is None


def test_patterns_are_for_all_three_engines() -> None:
    """No look-around, no back references, no inline flags, nothing in upper case: the text is lowered."""
    patterns = [pattern for _, pattern, _ in RULES if pattern] + [pattern for _, pattern in ORIGIN_PATTERNS]
    assert [p for p in patterns if re.search(r"\(\?|\\[1-9]|\\[A-Z]|[A-Z]", p)] == []
