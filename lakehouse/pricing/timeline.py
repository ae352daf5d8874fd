"""Lay a model's conditional prices out as rate sets that neither overlap nor leave a gap.

The dates, times of day and token counts at which a price can change are taken from its own conditions; in each cell
between them genai-prices itself is asked which price holds, so its rules of precedence are never restated here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from genai_prices.types import ModelInfo, ModelPrice, StartDateConstraint, TieredPrices, TimeOfDateConstraint

from lakehouse.errors import ConfigurationError
from lakehouse.pricing.contracts import Contract
from lakehouse.pricing.units import CONTEXTS, MAX_RATE_USD, PLACES, Rate, RateSet, fits

DAY_END = "24:00:00"
FREE = ModelPrice(input_mtok=Decimal(0), output_mtok=Decimal(0))

Band = tuple[int | None, int | None, tuple[Rate, ...]]  # more input tokens than, at most, rates
Window = tuple[str | None, str | None, tuple[Band, ...]]  # time of day from, until, bands
Span = tuple[date | None, date | None, tuple[Window, ...]]  # UTC date from, until, windows


@dataclass(frozen=True)
class Offer:
    """A model as one provider sells it; `model` is None where only a contract names it.

    `has_variants` is False where the price is another provider's: genai-prices then knows the standard tier only.
    """

    provider_name: str
    model_key: str
    model: ModelInfo | None
    has_variants: bool = True
    contracts: tuple[Contract, ...] = ()
    price_source: str = "genai-prices"


def rate_sets(offer: Offer) -> Iterator[RateSet]:
    """Give all rate sets of an offer; a tier without rates of its own has none."""
    standard = _spans(offer, "standard")
    for tier in CONTEXTS:
        spans = standard if tier == "standard" else _spans(offer, tier)
        if tier == "standard" or spans != standard:
            yield from _flatten(offer, tier, spans)


def _flatten(offer: Offer, tier: str, spans: Iterable[Span]) -> Iterator[RateSet]:
    for start, end, windows in spans:
        for daily_start, daily_end, bands in windows:
            for above, upto, rates in bands:
                if rates:
                    yield RateSet(
                        offer.provider_name, offer.model_key, tier, above, upto, daily_start, daily_end,
                        _midnight(start), _midnight(end), rates,
                    )  # fmt: skip


def _spans(offer: Offer, tier: str) -> list[Span]:
    starts = [c.start_date for c in _conditions(offer) if isinstance(c, StartDateConstraint)]
    bounds = [bound for c in offer.contracts for bound in (c.valid_from, c.valid_to) if bound]
    dates = sorted({*starts, *bounds})
    before = dates[0] - timedelta(days=1) if dates else date(2000, 1, 1)  # stands for all days before the first change
    spans: list[Span] = []
    for start, end in pairwise([None, *dates, None]):
        windows = _windows(offer, tier, start or before)
        if spans and spans[-1][2] == windows:
            spans[-1] = (spans[-1][0], end, windows)
        else:
            spans.append((start, end, windows))
    return spans


def _windows(offer: Offer, tier: str, day: date) -> tuple[Window, ...]:
    times = {
        _of_day(moment)
        for c in _conditions(offer)
        if isinstance(c, TimeOfDateConstraint)
        for moment in (c.start_time, c.end_time)
    }
    windows: list[Window] = []
    for start, end in pairwise([*sorted({time(0), *times}), None]):
        until = end.isoformat("seconds") if end else DAY_END
        listed = _price(offer, tier, datetime.combine(day, start or time(0), UTC))
        bands = _bands(listed, offer.price_source, _agreed(offer, tier, day))
        if windows and windows[-1][2] == bands:
            windows[-1] = (windows[-1][0], until, bands)
        else:
            windows.append(((start or time(0)).isoformat("seconds"), until, bands))
    return tuple(windows) if len(windows) > 1 else ((None, None, windows[0][2]),)


def _bands(price: ModelPrice, source: str, agreed: Mapping[str, Decimal]) -> tuple[Band, ...]:
    listed = {key: value for key, value in vars(price).items() if value is not None and key not in agreed}
    starts = sorted(
        {tier.start for value in listed.values() if isinstance(value, TieredPrices) for tier in value.tiers}
    )
    bands: list[Band] = []
    for above, upto in pairwise([None, *starts, None]):
        rates = [(key, _listed(key, value, above), source) for key, value in listed.items()]
        rates += [(key, rate, "contract") for key, rate in agreed.items()]
        bands.append((above, upto, tuple(sorted(rates))))
    return tuple(bands)


def _listed(key: str, value: Decimal | TieredPrices, above: int | None) -> Decimal:
    if isinstance(value, TieredPrices):
        reached = [tier.price for tier in value.tiers if above is not None and above >= tier.start]
        value = reached[-1] if reached else value.base
    # A few listed rates are per-token doubles times a million, such as 0.18000000000000002 or 0.0833333333333333.
    rate = Decimal(value).quantize(PLACES)
    if not fits(rate):
        raise ConfigurationError(f"price {key} = {value} must lie in [0, {MAX_RATE_USD}); correct the price file")
    return rate


def _price(offer: Offer, tier: str, at: datetime) -> ModelPrice:
    if offer.model is None:
        return ModelPrice()
    price = offer.model.get_prices(at, CONTEXTS[tier] if offer.has_variants else None)
    # The list states no rate for what is free and for what it does not know: only a name that says so is free.
    return FREE if not vars(price) and offer.model_key.endswith(":free") else price


def _agreed(offer: Offer, tier: str, day: date) -> dict[str, Decimal]:
    """Contract rates of a tier; those of the standard tier hold for it too, unless the list prices it apart."""
    tiers = ("standard", tier) if not _lists_tier(offer, tier) else (tier,)
    return {c.component: c.rate_usd for t in tiers for c in offer.contracts if c.service_tier == t and c.holds(day)}


def _lists_tier(offer: Offer, tier: str) -> bool:
    variants = (offer.model.price_variants or ()) if offer.model and offer.has_variants else ()
    return any(variant.when.items() <= CONTEXTS[tier].items() for variant in variants)


def _conditions(offer: Offer) -> Sequence[StartDateConstraint | TimeOfDateConstraint | None]:
    if offer.model is None:
        return []
    prices = [] if isinstance(offer.model.prices, ModelPrice) else offer.model.prices
    return [held.constraint for held in (*prices, *(offer.model.price_variants or ()))]


def _of_day(moment: time) -> time:
    """Time of day in UTC, as genai-prices reads it: a time without zone is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.combine(date(1970, 1, 1), aware).astimezone(UTC).time()


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(0), UTC) if day else None
