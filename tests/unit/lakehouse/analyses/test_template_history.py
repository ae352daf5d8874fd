"""Templates over several runs: ids stay, counts are of the analysed days, new is told from old."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lakehouse.analyses.template_history import templates

NEWEST = datetime(2026, 3, 20, tzinfo=UTC)


def text(words: str, day: int, count: int = 1, model: str = "m") -> dict[str, Any]:
    """A masked text that was seen all of one day of March."""
    seen = datetime(2026, 3, day, tzinfo=UTC)
    row = {"text": words, "example": words, "request_count": count, "error_type": "timeout"}
    return row | {"providers": ["acme"], "models": [model], "first_seen_at": seen, "last_seen_at": seen}


def test_widening_keeps_the_id() -> None:
    """A second text widens the template that the first made, and the id stays the first one's."""
    first = templates([], [text("Request to shard alpha timed out", 1)], NEWEST)
    again = templates(first, [text("Request to shard beta timed out", 19, 3, "n")], NEWEST)
    assert [row["template"] for row in (*first, *again)] == [
        "Request to shard alpha timed out",
        "Request to shard <*> timed out",
    ]
    assert again[0]["template_id"] == first[0]["template_id"]
    assert (again[0]["request_count"], again[0]["models"]) == (3, ["n"])
    assert (again[0]["first_seen_at"].day, again[0]["last_seen_at"].day) == (1, 19)
    assert again[0]["is_new"] is False


def test_what_is_first_seen_in_the_last_week_is_new() -> None:
    """But not when the data begin then."""
    old, new = text("Request timed out after <*>", 2), text("Model is gone for good", 18)
    assert [(r["template"], r["is_new"]) for r in templates([], [old, new], NEWEST)] == [
        ("Model is gone for good", True),
        ("Request timed out after <*>", False),
    ]
    assert [row["is_new"] for row in templates([], [new], NEWEST)] == [False]


def test_a_replay_changes_nothing_and_silence_keeps_a_template() -> None:
    """With a count of none."""
    texts = [text("Request timed out after <*>", 2), text("Model is gone for good", 18, 4)]
    once = templates([], texts, NEWEST)
    assert templates(once, texts, NEWEST) == once
    silent = templates(once, [], NEWEST)
    assert [(r["template_id"], r["request_count"]) for r in silent] == [(r["template_id"], 0) for r in once]
