"""The cases that genai-prices publishes: real usage of real responses and what it cost, by the same commit's prices."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from jobs.bench.truth.frame import Outcome
from jobs.bench.truth.prices import SET, read_book, read_cases, run
from lakehouse.pricing.match import match

FOLDER = Path(__file__).parents[4].parent / "shared" / "data" / SET
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the published cases are not at {FOLDER}")


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """All cases priced in one go."""
    return run(FOLDER.parent)


def test_every_published_cost_is_reached_exactly_but_for_the_named(outcome: Outcome) -> None:
    """2,117 cases have a cost; 2,108 are exact to the last digit, and the set itself reaches no other."""
    assert outcome.reached
    assert (len(outcome.checks), outcome.failed) == (2117, 0)
    named = {check.subject.split()[0]: check.note for check in outcome.checks if check.note}
    assert named.keys() == {
        "37-0-0", "41-0-0", "42-0-0", "54-0-0", "598-0-1", "599-0-1", "600-0-1", "601-0-1", "626-0-2",
    }  # fmt: skip
    assert Counter(note.removeprefix("named: ").split()[0] for note in named.values()) == {
        "genai-prices'": 4, "the": 4, "listed": 1,
    }  # fmt: skip


def test_a_case_without_a_cost_is_matched_only_by_another_spelling_of_the_same_model() -> None:
    """genai-prices takes names as they stand; we also take off a prefix that names the provider, or add its path."""
    cases, book = list(read_cases(FOLDER)), read_book(FOLDER)
    aliases = match({(case.provider, case.model) for case in cases}, book)
    unpriced = {(case.provider, case.model) for case in cases if case.input_usd is None}
    matched = [alias for alias in aliases if alias[:2] in unpriced and alias.is_matched]
    spelled = Counter(str(alias.response_model).rpartition("/")[2] for alias in matched)
    assert spelled.keys() == {
        "claude-3.7-sonnet:thinking", "claude-sonnet-4.5", "deepseek-v4-flash", "gemini-2.5-flash", "gemini-2.5-pro",
        "glm-4.6v", "glm-4.7", "gpt-4.1-mini", "gpt-4o-mini", "gpt-5-mini", "gpt-5-mini-2025-08-07",
        "gpt-5.1-codex-mini", "gpt-5.6-sol", "gpt-oss-120b",
    }  # fmt: skip
    assert len(matched) == 29
