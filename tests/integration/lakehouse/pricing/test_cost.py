"""Costs of requests: numbers by hand, and genai-prices itself for every model of the book."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices, Usage
from pyspark.sql import Row, SparkSession

from lakehouse.pricing.book import Book, models, price_rows
from lakehouse.pricing.cost import price
from lakehouse.pricing.match import Alias
from lakehouse.pricing.units import ANCESTORS, CONTEXTS, PLACES
from lakehouse.tables.gold import PRICES
from lakehouse.tables.silver import ALIASES, PRICED
from tests.integration.lakehouse.pricing.conftest import RECORDED, REQUEST, PriceAll, PriceFrame
from tests.support.frames import at, frame

COMPONENTS = ("fresh_input", "cache_read", "cache_write", "output", "other")
NOON = at("2026-08-20T12:00:00")


def usage(read: int | None = None, fresh: int | None = 1000, output: int | None = 100, **more: Any) -> dict[str, Any]:
    """A request of so many tokens; its input includes what was read from the cache."""
    tokens = {"input_tokens": fresh if fresh is None else fresh + (read or 0), "output_tokens": output}
    return {"event_at": NOON, "cache_read_input_tokens": read} | tokens | more


def million(model: str, when: str, **more: Any) -> dict[str, Any]:
    """A request of a million input tokens and no output."""
    return {"response_model": model, "event_at": at(when), "input_tokens": 1_000_000, "output_tokens": 0} | more


# Cost by hand from the providers' published prices.
BY_HAND: dict[str, tuple[dict[str, Any], str]] = {
    "o3 before June 2025": (million("o3", "2025-05-01"), "10"),
    "o3 after June 2025": (million("o3", "2025-07-01"), "2"),
    "o3 on a date": (million("o3", "2025-07-01", event_at=None, event_date=date(2025, 5, 1)), "10"),
    "gemini at the step": (usage(fresh=200_000, output=0, response_model="gemini-2.5-pro"), "0.25"),
    "gemini above the step": (usage(fresh=200_001, output=0, response_model="gemini-2.5-pro"), "0.5000025"),
    "cached claude": (
        {"response_model": "claude-sonnet-4-5", "event_at": at("2026-01-05"), "input_tokens": 1825,
         "cache_read_input_tokens": 1812, "output_tokens": 100},
        "0.0020826",
    ),
    "gpt-4o": (million("gpt-4o", "2026-11-01"), "2.5"),
    "gpt-4o in a batch": (million("gpt-4o", "2026-11-01", service_tier="batch"), "1.25"),
    "gpt-4o in a tier it does not have": (million("gpt-4o", "2026-11-01", service_tier="flex"), "2.5"),
    "gpt-4o at Azure in a batch": (million("azure/gpt-4o", "2026-11-01", service_tier="batch"), "2.5"),
    "deepseek by day": (million("deepseek/deepseek-chat", "2025-03-01T16:29:59"), "0.27"),
    "deepseek by night": (million("deepseek/deepseek-chat", "2025-03-01T16:30:00"), "0.135"),
    "deepseek before a change": (million("deepseek/deepseek-v4-flash", "2026-09-09T12:00:00"), "0.22"),
    "deepseek after it, off peak": (million("deepseek/deepseek-v4-flash", "2026-09-10T12:00:00"), "0.15"),
    "deepseek after it, in its window": (million("deepseek/deepseek-v4-flash", "2026-09-10T03:59:59"), "0.3"),
    "embedding without output": (
        usage(fresh=1_000_000, output=None, response_model="text-embedding-3-small"), "0.02",
    ),
    "cache written for an hour": (
        usage(response_model="claude-sonnet-4-5", fresh=1_000_000, output=0, event_at=at("2025-11-01"),
              cache_write_input_tokens=100_000, cache_write_1h_input_tokens=40_000),
        "6.33",  # above 200,000: 900,000 at 6, 60,000 at 7.5, 40,000 at 12 a million
    ),
    "smallest": (usage(fresh=1, output=0, response_model="gpt-4o-mini"), "0.00000015"),
    "whenever, at one price for ever": (million("gpt-4", "2026-01-01", event_at=None), "30"),
}  # fmt: skip

# Status of what has no cost, or none to pay.
WITHOUT: dict[str, tuple[dict[str, Any], str]] = {
    "unknown model": (usage(response_model="acme/llama"), "unpriced"),
    "unknown model, reported": (usage(response_model="acme/llama", cost_reported_usd=Decimal("0.01")), "reported_only"),
    "unknown model, reported 0": (usage(response_model="acme/llama", cost_reported_usd=Decimal(0)), "unpriced"),
    "no model": (usage(response_model=None), "unpriced"),
    "unknown time, two prices": (million("o3", "2026-01-01", event_at=None), "unpriced"),
    "date, but priced by the hour": (
        million("deepseek/deepseek-chat", "2026-01-01", event_at=None, event_date=date(2025, 3, 1)), "unpriced",
    ),
    "no counts": (usage(fresh=None, output=None, response_model="gpt-4o"), "no_usage"),
    "counts of nothing": (usage(fresh=0, output=0, response_model="gpt-4o"), "no_usage"),
    "no counts, reported": (
        usage(fresh=None, output=None, response_model="gpt-4o", cost_reported_usd=Decimal(1)), "no_usage",
    ),
    "output only": (usage(fresh=None, response_model="gpt-4o"), "no_usage"),
    "input only": (usage(output=None, response_model="gpt-4o"), "no_usage"),
    "more read than sent": (usage(response_model="gpt-4o", cache_read_input_tokens=1001), "unpriced"),
    "more kept than written": (
        usage(response_model="claude-sonnet-4-5", cache_write_1h_input_tokens=1), "unpriced",
    ),
    "negative": (usage(response_model="gpt-4o", output=-1), "unpriced"),
    "absurd": (usage(response_model="gpt-4o", fresh=2**62, output=2**62), "unpriced"),
    "absurd part": (usage(response_model="gpt-4o", input_audio_tokens=-(2**62)), "unpriced"),
}  # fmt: skip
FREE: dict[str, dict[str, Any]] = {
    "free model": usage(response_model="openrouter/deepseek/deepseek-chat-v3-0324:free"),
    "answered by the gateway": usage(response_model="gpt-4o", gateway_cache_hit=True),
    "unknown model, answered by the gateway": usage(response_model="acme/llama", gateway_cache_hit=True),
}


@pytest.fixture(scope="module")
def rows(price_all: PriceAll) -> dict[str, Row]:
    """All requests of this module written by hand, priced at once."""
    requests = {name: request for name, (request, _) in (BY_HAND | WITHOUT).items()} | FREE
    return price_all([{"interaction_id": name} | request for name, request in requests.items()])


def costs(row: Row) -> list[Decimal | None]:
    """Components of the cost."""
    return [row[f"cost_{component}_usd"] for component in COMPONENTS]


@pytest.mark.parametrize("name", BY_HAND)
def test_the_cost_is_the_published_price_times_the_tokens(rows: dict[str, Row], name: str) -> None:
    """To the last digit, with the set of rates named."""
    row = rows[name]
    assert (row.cost_usd, row.cost_status) == (Decimal(BY_HAND[name][1]), "priced")
    assert row.price_id is not None
    assert sum(cost for cost in costs(row) if cost is not None) == row.cost_usd


@pytest.mark.parametrize("name", WITHOUT)
def test_what_has_no_price_has_no_cost(rows: dict[str, Row], name: str) -> None:
    """NULL throughout, never 0, and no batch falls over an absurd count."""
    row = rows[name]
    assert row.cost_status == WITHOUT[name][1]
    assert [row.cost_usd, row.price_id, *costs(row)] == [None] * 7


@pytest.mark.parametrize("name", FREE)
def test_what_costs_nothing_costs_0(rows: dict[str, Row], name: str) -> None:
    """Only a model that is free has a price_id: what the gateway answered was bought from nobody."""
    row = rows[name]
    assert (row.cost_status, row.cost_usd, *costs(row)) == ("free", *[0] * 6)
    assert (row.price_id is not None) == (name == "free model")


def test_cached_tokens_are_counted_once(rows: dict[str, Row]) -> None:
    """13 fresh ones at 3, 1,812 cached ones at 0.3 and 100 of output at 15 USD a million."""
    expected = ["0.000039", "0.0005436", "0", "0.0015", "0"]
    assert costs(rows["cached claude"]) == [Decimal(cost) for cost in expected]


def test_the_model_is_named_even_where_it_is_not_priced(rows: dict[str, Row]) -> None:
    """In the price book's words, else the source's."""
    named = {name: (rows[name].provider_name, rows[name].model_key) for name in ("gpt-4o", "unknown model", "no model")}
    assert named == {
        "gpt-4o": ("openai", "gpt-4o"), "unknown model": (None, "acme/llama"), "no model": (None, "(none)"),
    }  # fmt: skip


def test_pricing_moves_no_rows(price_frame: PriceFrame, capsys: pytest.CaptureFixture[str]) -> None:
    """The price book is sent to the rows."""
    price_frame([usage(response_model="gpt-4o")]).explain()
    plan = capsys.readouterr().out
    assert "BroadcastHashJoin" in plan
    assert "hashpartitioning" not in plan


def test_pricing_again_replaces_what_was_priced(spark: SparkSession) -> None:
    """Each column stands once, those of pricing last and with the types that silver has."""
    columns = (*REQUEST, *PRICED)
    again = price(*(frame(spark, of, []) for of in (columns[::-1], ALIASES.columns, PRICES.columns)))
    assert again.columns == [column.name for column in (*REQUEST[::-1], *PRICED)]
    types = {column.name: column.type for column in PRICED}
    assert {field.name: field.dataType.simpleString().upper() for field in again.schema if field.name in types} == types


def test_a_spelling_without_an_alias_is_unpriced_and_one_with_two_is_priced_once(price_all: PriceAll) -> None:
    """A provider that is null and one that is empty are one spelling."""
    twice = [Alias(raw, "gpt-4o", None, "openai", "gpt-4o", True) for raw in (None, "")]
    requests = [usage(interaction_id=model, response_model=model) for model in ("gpt-4o", "gpt-5")]
    rows = price_all(requests, aliases=twice)
    assert (rows["gpt-4o"].model_key, rows["gpt-4o"].cost_status) == ("gpt-4o", "priced")
    assert (rows["gpt-5"].model_key, rows["gpt-5"].provider_name, rows["gpt-5"].cost_status) == (
        "gpt-5", None, "unpriced",
    )  # fmt: skip


def test_a_superseded_price_prices_nothing(price_all: PriceAll, packaged_book: Book) -> None:
    """The row stays in the table beside the one that stands."""
    rows = [row for row in price_rows(packaged_book, RECORDED) if row.provider_name == "openai"]
    wrong = [
        row._replace(price_id=f"x{row.price_id}", rate_usd=row.rate_usd * 2, superseded_at=RECORDED) for row in rows
    ]
    request = million("gpt-4o", "2026-11-01", interaction_id="one")
    assert price_all([request], prices=[*wrong, *rows])["one"].cost_usd == Decimal("2.5")


def random_usage(dice: random.Random) -> dict[str, int]:
    """Counts that agree with each other, in silver's words."""
    tokens, output = dice.choice((10, 5_000, 150_000, 600_000)) + dice.randrange(10), dice.randrange(1, 9_000)
    read, write, audio = (dice.randrange(tokens // 3) for _ in range(3))
    spoken = dice.randrange(output // 2 + 1)
    return {
        "input_tokens": tokens, "cache_read_input_tokens": read, "cache_write_input_tokens": write,
        "cache_write_1h_input_tokens": dice.randrange(write + 1), "input_audio_tokens": audio,
        "cache_audio_read_tokens": dice.randrange(min(read, audio) + 1), "output_tokens": output,
        "output_audio_tokens": spoken, "reasoning_output_tokens": dice.randrange(output - spoken + 1),
    }  # fmt: skip


# silver's counts in genai-prices' words
USAGE_KEYS = {
    "input_tokens": "input_tokens", "cache_read_input_tokens": "cache_read_tokens",
    "cache_write_input_tokens": "cache_write_tokens", "cache_write_1h_input_tokens": "cache_write_1h_tokens",
    "input_audio_tokens": "input_audio_tokens", "cache_audio_read_tokens": "cache_audio_read_tokens",
    "output_tokens": "output_tokens", "output_audio_tokens": "output_audio_tokens",
    "reasoning_output_tokens": "output_reasoning_tokens",
}  # fmt: skip


def is_whole(price: ModelPrice) -> bool:
    """Whether all rates are whole numbers of 1e-12 USD per token; some of the list are doubles."""
    stepped = [
        [v.base, *(t.price for t in v.tiers)] if isinstance(v, TieredPrices) else [v] for v in vars(price).values()
    ]
    return all(rate == rate.quantize(PLACES) for rates in stepped for rate in rates)


def test_every_model_costs_what_genai_prices_says(price_all: PriceAll, packaged_book: Book) -> None:
    """Oracle: genai-prices' own calculation, at random times, tiers and counts, for each model of each provider."""
    dice = random.Random(20261120)  # noqa: S311
    cases: dict[str, tuple[Provider, ModelInfo, str, datetime, dict[str, int]]] = {}
    aliases, requests = [], []
    for provider in packaged_book.providers:
        for model_key, (model, _) in models(provider, packaged_book).items():
            case, tier = f"{provider.id} {model_key}", dice.choice(list(CONTEXTS))
            moment = at("2024-01-01") + timedelta(seconds=dice.randrange(3 * 365 * 86_400))
            cases[case] = (provider, model, tier, moment, random_usage(dice))
            aliases.append(Alias(provider.id, model_key, None, provider.id, model_key, True))
            requests.append({"interaction_id": case, "provider_raw": provider.id, "response_model": model_key,
                             "event_at": moment, "service_tier": tier} | cases[case][4])  # fmt: skip
    rows, exact = price_all(requests, aliases=aliases), 0
    for case, (provider, model, tier, moment, tokens) in cases.items():
        counted = Usage(**{USAGE_KEYS[name]: count for name, count in tokens.items()})
        cost = model.calc_price(counted, provider, genai_request_timestamp=moment, price_context=CONTEXTS[tier])
        if not set(vars(cost.model_price)) & set(ANCESTORS):  # by the second, the page or not at all
            assert rows[case].cost_status == ("free" if case.endswith(":free") else "unpriced"), case
        elif is_whole(cost.model_price):
            assert rows[case].cost_usd == cost.total_price, case
            exact += 1
        else:
            assert abs(rows[case].cost_usd - cost.total_price) < Decimal("5e-13") * 700_000, case
    assert exact > 2000
