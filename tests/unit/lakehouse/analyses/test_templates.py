"""Templates: masks, hand-worked groups, merging, and ids that do not move."""

from __future__ import annotations

import pytest

from lakehouse.analyses.templates import VALUE, masked, merge, mine, template_id, unwrapped

LINES = [f"Took {n} ms for request {n:032x} of 10.0.0.{n}:80" for n in range(20)] + ["Done", "Done at last", "Done"]
CASES = {
    "see https://host/x?y=1, please": "see <*> please",
    "file /a/b-c/d.txt missing": "file <*> missing",
    "key sk-abc123def456 for me@example.com": "key <*> for <*>",
    "id 123e4567-e89b-12d3-a456-426614174000 of 0xFF": "id <*> of <*>",
    "values 1, 2, 3 and 4.5": "values <*> and <*>",
    "plain words stay": "plain words stay",
    "model `gpt-4o` at Tue Jun 14 12:00:01": "model <*> at <*>",
}


@pytest.mark.parametrize("text", CASES)
def test_values_are_masked(text: str) -> None:
    """Neighbouring values are one."""
    assert " ".join(masked(text)) == CASES[text]


def test_groups() -> None:
    """Lines that differ in values are one template; words that differ beyond the leading ones become values."""
    found = mine([*LINES, "user alice has logged in", "user alice has logged out"])
    took = "Took <*> ms for request <*> of <*>"
    assert set(found.values()) == {took, "Done", "Done at last", f"user alice has logged {VALUE}"}


def test_order_and_partitions_change_nothing() -> None:
    """Neither order nor repetition, and parts that are merged give the templates of the whole."""
    whole = mine(LINES)
    assert mine(reversed(LINES * 2)) == whole
    assert merge([mine(LINES[::2]), mine(LINES[1::2])]) == whole
    assert mine(whole.values()) == {template: template for template in whole.values()}


def test_ids_are_stable() -> None:
    """By SHA-256, so that any machine gives the same."""
    assert template_id("Done") == "11a6767d5674c7e4"  # sha256sum


@pytest.mark.parametrize(
    "text",
    [
        "Error code: 400 - {'error': {'message': \"too long\", 'code': 'x'}}",
        '{"error":{"message":"too long","type":"y"}}',
        "openai.BadRequestError: 400 too long",
        "too long",
    ],
)
def test_wrappers_are_taken_off(text: str) -> None:
    """JSON around a message and names before it."""
    assert unwrapped(text) == "too long"
