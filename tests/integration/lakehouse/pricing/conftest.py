"""Prices requests that a test writes as plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from lakehouse.io.frames import local_frame
from lakehouse.pricing.book import Book, PriceRow, load_book, price_rows
from lakehouse.pricing.cost import price
from lakehouse.pricing.match import Alias, match
from lakehouse.tables.columns import pick
from lakehouse.tables.gold import PRICES
from lakehouse.tables.silver import ALIASES
from tests.support.frames import at, frame

REQUEST = pick(
    "interaction_id", "provider_raw", "response_model", "service_tier", "event_at", "event_date", "gateway_cache_hit",
    "input_tokens", "cache_read_input_tokens", "cache_write_input_tokens", "cache_write_1h_input_tokens",
    "input_audio_tokens", "cache_audio_read_tokens", "output_tokens", "output_audio_tokens", "reasoning_output_tokens",
    "cost_reported_usd",
)  # fmt: skip
RECORDED = at("2026-11-20")

PriceFrame = Callable[..., DataFrame]
PriceAll = Callable[..., dict[str, Row]]


@pytest.fixture(scope="session")
def packaged_book() -> Book:
    """The book inside the installed package."""
    return load_book()


@pytest.fixture(scope="session")
def price_frame(spark: SparkSession, packaged_book: Book) -> PriceFrame:
    """Price requests (values by column) by the packaged book, its own rows and matching, unless others are given."""

    def run(
        requests: Sequence[dict[str, Any]],
        book: Book = packaged_book,
        aliases: Sequence[Alias] = (),
        prices: Sequence[PriceRow] = (),
    ) -> DataFrame:
        spellings = {(request.get("provider_raw"), request.get("response_model")) for request in requests}
        names = [alias._asdict() for alias in aliases or match(spellings, book)]
        rows = local_frame(spark, PRICES, prices or price_rows(book, RECORDED))
        return price(frame(spark, REQUEST, requests), frame(spark, ALIASES.columns, names), rows)

    return run


@pytest.fixture(scope="session")
def price_all(price_frame: PriceFrame) -> PriceAll:
    """Price requests in one go and give their rows by interaction_id."""

    def run(requests: Sequence[dict[str, Any]], **given: Any) -> dict[str, Row]:
        rows = price_frame(requests, **given).collect()
        assert len(rows) == len(requests)  # nothing is lost and nothing fans out
        return {row.interaction_id: row for row in rows}

    return run
