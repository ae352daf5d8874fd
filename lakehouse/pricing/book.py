"""The price book: who sells which model, at which rates, since when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import genai_prices
from genai_prices.data import providers as packaged
from genai_prices.types import ModelInfo, Provider, _providers_from_raw

from lakehouse.errors import ConfigurationError
from lakehouse.pricing.contracts import Contract, read_contracts
from lakehouse.pricing.timeline import Offer, rate_sets


class PriceRow(NamedTuple):
    """One row of gold.dim_model_price, its columns in order."""

    price_id: str
    provider_name: str
    model_key: str
    component: str
    service_tier: str
    tier_start_tokens: int | None
    tier_end_tokens: int | None
    daily_start: str | None
    daily_end: str | None
    rate_usd: Decimal
    valid_from: datetime | None
    valid_to: datetime | None
    price_source: str
    source_version: str
    recorded_at: datetime
    superseded_at: datetime | None = None


@dataclass(frozen=True)
class Book:
    """A snapshot of genai-prices' data, which also knows how each provider spells its models, and our contracts.

    `version` names the release or the hash of the data, and the hash of the contracts where there are any. `catalog`
    names the models, as (provider, model), that only MLflow's catalog knows; see `catalog.with_catalog`.
    """

    providers: tuple[Provider, ...]
    version: str
    contracts: tuple[Contract, ...] = ()
    catalog: frozenset[tuple[str, str]] = frozenset()


def load_book(prices: Path | None = None, contracts: Path | None = None) -> Book:
    """Load the price book.

    Args:
        prices: JSON in the shape that genai-prices publishes; without it the data inside the installed package.
        contracts: TOML of contract overrides, see `contracts.read_contracts`.

    Raises:
        ConfigurationError: A file is missing or malformed.
    """
    agreed = read_contracts(contracts) if contracts else ()
    suffix = f" + contracts {_digest(contracts.read_bytes())}" if contracts else ""
    if prices is None:
        return Book(tuple(packaged), f"genai-prices {genai_prices.__version__}{suffix}", agreed)
    try:
        text = prices.read_bytes()
        # The package's own updater reads its published JSON by this function; the package is pinned exactly.
        providers = _providers_from_raw(json.loads(text, parse_float=Decimal))
    except (OSError, ValueError) as error:  # pydantic's is a ValueError
        raise ConfigurationError(f"price file {prices} is not genai-prices' JSON: {error}") from error
    return Book(tuple(providers), f"genai-prices {_digest(text)}{suffix}", agreed)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def models(provider: Provider, book: Book) -> dict[str, tuple[ModelInfo, bool]]:
    """Give what `provider` sells by model id, and whether the price is its own.

    A provider that resells (Azure, Google) takes what it has no price for from the providers it names, but nothing that
    only MLflow's catalog knows of them.
    """
    resold = [p for name in provider.fallback_model_providers or () for p in book.providers if p.id == name]
    found = {model.id: (model, True) for model in provider.models}
    for seller in resold:
        for model in seller.models:
            if (seller.id, model.id) not in book.catalog:
                found.setdefault(model.id, (model, False))
    return found


def price_rows(book: Book, recorded_at: datetime) -> list[PriceRow]:
    """Give the whole book as rows of gold.dim_model_price.

    Raises:
        ConfigurationError: A rate is negative or too large to be applied exactly.
    """
    rows: list[PriceRow] = []
    for offer in _offers(book):
        for held in rate_sets(offer):
            price_id = held.price_id
            rows += [
                PriceRow(
                    price_id, held.provider_name, held.model_key, component, held.service_tier, held.tier_start_tokens,
                    held.tier_end_tokens, held.daily_start, held.daily_end, rate, held.valid_from, held.valid_to,
                    source, book.version, recorded_at,
                )
                for component, rate, source in held.rates
            ]  # fmt: skip
    return rows


def _offers(book: Book) -> Iterator[Offer]:
    agreed: dict[tuple[str, str], tuple[Contract, ...]] = {}
    for contract in book.contracts:
        key = (contract.provider_name, contract.model_key.lower())
        agreed[key] = (*agreed.get(key, ()), contract)
    for provider in book.providers:
        for model_id, (model, is_own) in models(provider, book).items():
            contracts = agreed.pop((provider.id, model_id.lower()), ())
            source = "mlflow" if (provider.id, model_id) in book.catalog else "genai-prices"
            yield Offer(provider.id, model_id, model, is_own, contracts, source)
    for (provider_name, _), contracts in agreed.items():
        yield Offer(provider_name, contracts[0].model_key, None, contracts=contracts)
