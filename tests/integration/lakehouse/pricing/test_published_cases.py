"""The cases that genai-prices publishes: real usage of real responses and what it cost, by the same commit's prices."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pyspark.sql import Row

from lakehouse.pricing.book import Book, load_book
from lakehouse.pricing.match import Alias, match
from tests.integration.lakehouse.pricing.conftest import PriceAll

SET = Path(__file__).parents[4].parent / "shared" / "data" / "genai-prices"
pytestmark = pytest.mark.skipif(not SET.is_dir(), reason=f"the published cases are not at {SET}")

# A time at which most cases hold, found by asking genai-prices at every date and time of day that the set's prices
# depend on: from 2025-06-10 (o3) until 2026-08-31 (claude-sonnet-5), between 00:30 and 16:30 UTC (DeepSeek), 2,109 of
# 2,117 cases are its own; at any other time 1 to 16 fewer.
TIME = datetime(2026, 8, 20, 12, 0, tzinfo=UTC)

# Every case that the set's own prices reach at no time.
UNREACHED = {
    "37-0-0": "gemini-3-pro-image-preview: the set's prices lack the rate of text output that the case was made with",
    "41-0-0": "gemini-2.5-flash-image: likewise",
    "42-0-0": "gemini-2.5-flash-image: likewise",
    "54-0-0": "gemini-2.5-flash-image: likewise",
    "598-0-1": "aws openai.gpt-5.6-luna: the set's prices lack the model",
    "599-0-1": "aws openai.gpt-5.6-luna: likewise",
    "600-0-1": "aws openai.gpt-5.6-luna: likewise",
    "601-0-1": "aws openai.gpt-5.6-luna: likewise",
    "626-0-2": "cerebras qwen-3-coder-480b: listed without a rate, so genai-prices says 0 and we say unpriced",
}

# silver's counts in the set's words; other units of its usage (text, image and video tokens, tool tokens, searches)
# have no rate of their own in the set's prices
COUNTS = {
    "input_tokens": "input_tokens", "cache_read_input_tokens": "cache_read_tokens",
    "cache_write_input_tokens": "cache_write_tokens", "cache_write_1h_input_tokens": "cache_write_1h_tokens",
    "input_audio_tokens": "input_audio_tokens", "cache_audio_read_tokens": "cache_audio_read_tokens",
    "output_tokens": "output_tokens", "output_audio_tokens": "output_audio_tokens",
    "reasoning_output_tokens": "output_reasoning_tokens",
}  # fmt: skip


class Case(NamedTuple):
    """One usage, priced for one provider: body, extraction and extractor by number; no prices where not priced."""

    id: str
    provider: str
    model: str | None
    usage: dict[str, int]
    input_usd: str | None
    output_usd: str | None

    def request(self) -> dict[str, Any]:
        """The case as a request; the set leaves out a count that is 0."""
        counts = {name: self.usage.get(key, 0) for name, key in COUNTS.items()}
        named = {"interaction_id": self.id, "provider_raw": self.provider, "response_model": self.model}
        return named | {"event_at": TIME} | counts


def read_cases() -> Iterator[Case]:
    """Read all cases of the set."""
    with gzip.open(SET / "usages_with_expected_prices.jsonl.gz", "rt") as lines:
        for number, body in enumerate(map(json.loads, lines)):
            for i, extracted in enumerate(body["extracted"]):
                for j, by in enumerate(extracted["extractors"]):
                    costs = by.get("input_price"), by.get("output_price")
                    yield Case(f"{number}-{i}-{j}", by["provider_id"], body.get("model"), extracted["usage"], *costs)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """All cases."""
    return list(read_cases())


@pytest.fixture(scope="module")
def set_book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The book from the set's own price file."""
    file = tmp_path_factory.mktemp("book") / "prices_data.json"
    file.write_bytes(gzip.decompress((SET / "prices_data.json.gz").read_bytes()))
    return load_book(file)


@pytest.fixture(scope="module")
def aliases(cases: list[Case], set_book: Book) -> list[Alias]:
    """The spellings of all cases, matched."""
    return match({(case.provider, case.model) for case in cases}, set_book)


@pytest.fixture(scope="module")
def rows(price_all: PriceAll, cases: list[Case], set_book: Book, aliases: list[Alias]) -> dict[str, Row]:
    """All cases priced in one go."""
    return price_all([case.request() for case in cases], book=set_book, aliases=aliases)


def is_exact(row: Row, case: Case) -> bool:
    """Whether both sides are the published strings, as numbers without rounding."""
    if row.cost_usd is None or case.input_usd is None or case.output_usd is None:
        return False
    cost_input = row.cost_fresh_input_usd + row.cost_cache_read_usd + row.cost_cache_write_usd
    return (cost_input, row.cost_output_usd) == (Decimal(case.input_usd), Decimal(case.output_usd))


def test_every_published_cost_is_reached_exactly_but_for_the_named(cases: list[Case], rows: dict[str, Row]) -> None:
    """2,117 cases have a cost; 2,108 are exact to the last digit."""
    priced = [case for case in cases if case.input_usd is not None]
    missed = {case.id for case in priced if not is_exact(rows[case.id], case)}
    assert missed == set(UNREACHED)
    assert (len(priced), len(priced) - len(missed)) == (2117, 2108)


def test_a_case_without_a_cost_is_matched_only_by_another_spelling_of_the_same_model(
    cases: list[Case], aliases: list[Alias]
) -> None:
    """genai-prices takes names as they stand; we also take off a prefix that names the provider, or add its path."""
    unpriced = {(case.provider, case.model) for case in cases if case.input_usd is None}
    matched = [alias for alias in aliases if alias[:2] in unpriced and alias.is_matched]
    spelled = Counter(str(alias.response_model).rpartition("/")[2] for alias in matched)
    assert spelled.keys() == {
        "claude-3.7-sonnet:thinking", "claude-sonnet-4.5", "deepseek-v4-flash", "gemini-2.5-flash", "gemini-2.5-pro",
        "glm-4.6v", "glm-4.7", "gpt-4.1-mini", "gpt-4o-mini", "gpt-5-mini", "gpt-5-mini-2025-08-07",
        "gpt-5.1-codex-mini", "gpt-5.6-sol", "gpt-oss-120b",
    }  # fmt: skip
    assert len(matched) == 29
