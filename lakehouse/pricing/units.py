"""What is priced, in which unit, and the set of rates that one price_id names."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

NO_MODEL = "(none)"  # model_key of a request that names no model

# Rates that `cost.price` applies, as genai-prices names them, nearest ancestor first: tokens whose own rate is missing
# cost the first of these that the set has. Other rates stand in the book but need counts that silver does not carry.
ANCESTORS: dict[str, tuple[str, ...]] = {
    "input_mtok": (),
    "input_audio_mtok": ("input_mtok",),
    "cache_read_mtok": ("input_mtok",),
    "cache_audio_read_mtok": ("cache_read_mtok", "input_audio_mtok", "input_mtok"),
    "cache_write_mtok": ("input_mtok",),
    "cache_write_1h_mtok": ("cache_write_mtok", "input_mtok"),
    "output_mtok": (),
    "output_audio_mtok": ("output_mtok",),
    "output_reasoning_mtok": ("output_mtok",),
    "requests_kcount": (),
}

# What a tier asks of genai-prices' price variants; an empty context is its standard price.
CONTEXTS: dict[str, dict[str, str]] = {
    "standard": {},
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast", "speed": "fast"},
}

# A rate of 6 decimals per million tokens is a whole number of 1e-12 USD per token, silver's smallest unit of money.
PLACES = Decimal("0.000001")
# No cost of MAX_TOKENS at MAX_RATE_USD, nor the sum of input and output, leaves 63 bits of 1e-12 USD.
MAX_RATE_USD = Decimal(2000)
MAX_TOKENS = 1_000_000_000

Rate = tuple[str, Decimal, str]  # component, USD, who says so


@dataclass(frozen=True)
class RateSet:
    """All rates of one model that hold together: one tier, band of input tokens, time of day and validity.

    Bounds are None where open. ``tier_start_tokens < input_tokens <= tier_end_tokens``; the time of day and the
    validity are half-open and in UTC.
    """

    provider_name: str
    model_key: str
    service_tier: str
    tier_start_tokens: int | None
    tier_end_tokens: int | None
    daily_start: str | None
    daily_end: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    rates: tuple[Rate, ...]

    @property
    def price_id(self) -> str:
        """First 16 hex digits of SHA-256 over what the set holds for and its rates.

        The end of validity is left out: a price that ends keeps its name, one that changes gets another.
        """
        where = (self.provider_name, self.model_key, self.service_tier, self.tier_start_tokens, self.tier_end_tokens)
        when = (self.daily_start, self.daily_end, self.valid_from and self.valid_from.isoformat())
        rates = [(component, f"{rate:f}", source) for component, rate, source in self.rates]
        return hashlib.sha256(json.dumps([where, when, rates]).encode()).hexdigest()[:16]


def fits(rate: Decimal) -> bool:
    """Tell whether `rate` can be applied without rounding and without overflow."""
    return rate.is_finite() and 0 <= rate < MAX_RATE_USD and rate == rate.quantize(PLACES)
