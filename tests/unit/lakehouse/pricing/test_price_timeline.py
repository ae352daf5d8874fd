"""The price book lays genai-prices' conditions out in time; genai-prices itself is the oracle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)

from lakehouse.errors import ConfigurationError
from lakehouse.pricing.book import PriceRow, load_book, models, price_rows
from lakehouse.pricing.timeline import Offer, rate_sets
from lakehouse.pricing.units import CONTEXTS, PLACES
from tests.support.frames import at

NOW = at("2026-11-20")
Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def rows() -> dict[Key, list[PriceRow]]:
    """All rows of the packaged book by provider, model and tier."""
    found = defaultdict(list)
    for row in price_rows(load_book(), NOW):
        found[row.provider_name, row.model_key, row.service_tier].append(row)
    return found


def holding(rows: Iterable[PriceRow], moment: datetime, tokens: int) -> list[PriceRow]:
    """Rows that hold for a request, by the words of the table's columns."""
    clock = moment.time().isoformat("seconds")
    return [
        row
        for row in rows
        if (row.tier_start_tokens is None or tokens > row.tier_start_tokens)
        and (row.tier_end_tokens is None or tokens <= row.tier_end_tokens)
        and (row.valid_from is None or moment >= row.valid_from)
        and (row.valid_to is None or moment < row.valid_to)
        and (row.daily_start is None or (row.daily_end is not None and row.daily_start <= clock < row.daily_end))
    ]


def rates(rows: Iterable[PriceRow]) -> dict[str, Decimal]:
    """Rates by component, which must come from one set."""
    held = list(rows)
    assert len({row.price_id for row in held}) <= 1
    assert len({row.component for row in held}) == len(held)
    return {row.component: row.rate_usd for row in held}


def moments(model: ModelInfo) -> Iterator[datetime]:
    """Times just before and at each change of a model's prices, and one long ago and one far ahead."""
    yield from (at("2021-03-04T05:06:07"), at("2031-01-02T12:30:00"))
    listed = [] if isinstance(model.prices, ModelPrice) else model.prices
    for held in (*listed, *(model.price_variants or ())):
        if isinstance(held.constraint, StartDateConstraint):
            start = datetime.combine(held.constraint.start_date, time(0), UTC)
            yield from (start, start - timedelta(seconds=1))
        elif isinstance(held.constraint, TimeOfDateConstraint):
            for edge in (held.constraint.start_time, held.constraint.end_time):
                moment = datetime.combine(NOW, edge.replace(tzinfo=UTC))
                yield from (moment, moment - timedelta(seconds=1))


def stated(price: ModelPrice, tokens: int) -> dict[str, Decimal]:
    """Rates of a genai-prices price for a request with so many input tokens."""
    found = {}
    for key, value in vars(price).items():
        if isinstance(value, TieredPrices):
            reached = [tier.price for tier in value.tiers if tokens > tier.start]
            found[key] = reached[-1] if reached else value.base
        elif value is not None:
            found[key] = value
    return {key: Decimal(value).quantize(PLACES) for key, value in found.items()}


def test_the_book_says_what_genai_prices_says_for_every_model_tier_time_and_size(
    rows: dict[Key, list[PriceRow]],
) -> None:
    """Oracle: get_prices, just before and at each change, on either side of the usual steps by context."""
    book, checked = load_book(), 0
    for provider in book.providers:
        for model_key, (model, is_own) in models(provider, book).items():
            for tier, context in CONTEXTS.items():
                standard = rows[provider.id, model_key, "standard"]
                held = rows.get((provider.id, model_key, tier)) or standard
                for moment in moments(model):
                    price = model.get_prices(moment, context if is_own else None)
                    for tokens in (0, 100_000, 128_001, 200_000, 200_001, 1_000_000):
                        free = {"input_mtok": 0, "output_mtok": 0} if model_key.endswith(":free") else {}
                        told = rates(holding(held, moment, tokens))
                        assert told == (stated(price, tokens) or free), (provider.id, model_key)
                        checked += 1
    assert checked > 100_000


def test_o3_became_cheaper_on_the_10th_of_june_2025(rows: dict[Key, list[PriceRow]]) -> None:
    """The change is at midnight UTC; numbers by hand from OpenAI's announcement."""
    o3 = rows["openai", "o3", "standard"]
    assert rates(holding(o3, at("2025-06-09T23:59:59"), 1))["input_mtok"] == 10
    assert rates(holding(o3, at("2025-06-10"), 1))["input_mtok"] == 2


def test_deepseek_is_dearer_by_day(rows: dict[Key, list[PriceRow]]) -> None:
    """Numbers by hand from DeepSeek's off-peak price page of 2025."""
    windows = {(row.daily_start, row.daily_end): row.rate_usd for row in rows["deepseek", "deepseek-chat", "standard"]
               if row.component == "input_mtok"}  # fmt: skip
    assert windows == {
        ("00:00:00", "00:30:00"): Decimal("0.135"),
        ("00:30:00", "16:30:00"): Decimal("0.27"),
        ("16:30:00", "24:00:00"): Decimal("0.135"),
    }


def test_only_tiers_with_rates_of_their_own_are_listed(rows: dict[Key, list[PriceRow]]) -> None:
    """A reseller's price is the standard one: genai-prices keeps variants to a provider's own models."""
    tiers = {tier for provider, model, tier in rows if (provider, model) == ("openai", "gpt-4o")}
    assert {"standard", "batch", "priority"} <= tiers
    assert {tier for provider, model, tier in rows if (provider, model) == ("azure", "gpt-4o")} == {"standard"}


def model(prices: ModelPrice | list[ConditionalPrice]) -> ModelInfo:
    """A model of a price list of one's own."""
    return ModelInfo("m", ClauseEquals("m"), prices=prices)


def price(**of: Decimal) -> ModelPrice:
    """A price by rate."""
    return ModelPrice(**of)


def test_a_price_can_change_inside_a_daily_window_and_a_later_entry_wins() -> None:
    """Windows around midnight are cut there."""
    night = TimeOfDateConstraint(time(22), time(6))
    listed = [
        ConditionalPrice(prices=price(input_mtok=Decimal(4))),
        ConditionalPrice(night, prices=price(input_mtok=Decimal(1))),
        ConditionalPrice(StartDateConstraint(at("2026-02-01").date()), prices=price(input_mtok=Decimal(3))),
    ]
    sets = list(rate_sets(Offer("p", "m", model(listed))))
    told = [(s.valid_from, s.valid_to, s.daily_start, s.daily_end, s.rates[0][1]) for s in sets]
    change = at("2026-02-01")
    assert told == [
        (None, change, "00:00:00", "06:00:00", 1),
        (None, change, "06:00:00", "22:00:00", 4),
        (None, change, "22:00:00", "24:00:00", 1),
        (change, None, None, None, 3),  # the date stands after the time of day, so it wins at night too
    ]


def test_entries_that_change_nothing_make_one_set() -> None:
    """4 and 4.0 are the same rate."""
    same = [ConditionalPrice(prices=price(input_mtok=Decimal(4)))]
    same += [ConditionalPrice(StartDateConstraint(at("2026-02-01").date()), prices=price(input_mtok=Decimal("4.0")))]
    assert [(s.valid_from, s.valid_to) for s in rate_sets(Offer("p", "m", model(same)))] == [(None, None)]


def test_a_step_by_context_holds_above_its_start() -> None:
    """At the start itself the lower rate holds; what has no step holds on both sides."""
    stepped = TieredPrices(Decimal(1), [Tier(200_000, Decimal(2))])
    sets = list(rate_sets(Offer("p", "m", model(ModelPrice(input_mtok=stepped, output_mtok=Decimal(5))))))
    told = [(s.tier_start_tokens, s.tier_end_tokens, [rate for _, rate, _ in s.rates]) for s in sets]
    assert told == [(None, 200_000, [1, 5]), (200_000, None, [2, 5])]


def test_doubles_of_the_list_are_rounded_to_what_can_be_applied() -> None:
    """Six decimals per million tokens are 1e-12 USD per token."""
    (held,) = rate_sets(Offer("p", "m", model(price(input_mtok=Decimal("0.18000000000000002")))))
    assert held.rates == (("input_mtok", Decimal("0.180000"), "genai-prices"),)


@pytest.mark.parametrize("wrong", ["-1", "2000", "NaN"])
def test_a_rate_that_cannot_be_applied_is_refused(wrong: str) -> None:
    """Before anything is priced with it."""
    with pytest.raises(ConfigurationError, match="input_mtok"):
        list(rate_sets(Offer("p", "m", model(price(input_mtok=Decimal(wrong))))))


def test_a_price_id_names_its_rates_and_not_its_end() -> None:
    """What starts later is named alike whatever came before it."""

    def ids(*prices: ConditionalPrice) -> list[str]:
        return [held.price_id for held in rate_sets(Offer("p", "m", model(list(prices))))]

    first = ConditionalPrice(prices=price(input_mtok=Decimal(4)))
    second = ConditionalPrice(StartDateConstraint(at("2026-02-01").date()), prices=price(input_mtok=Decimal(3)))
    dearer = ConditionalPrice(prices=price(input_mtok=Decimal(5)))
    assert ids(first) == ids(first, second)[:1]
    assert ids(first) != ids(dearer)
    assert ids(first, second)[1] == ids(dearer, second)[1]
