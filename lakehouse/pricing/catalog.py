"""MLflow's bundled model catalog: prices of models that genai-prices does not know.

The catalog says what each model costs, not since when, so a price holds from the day on which its entry was last
changed. Its 0 often means that nobody knew: an entry without a price above 0 for a side that it bills is left out, as
is a model that two of its files price differently, and one whose price is too high to be one per million tokens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    PriceVariant,
    Provider,
    StartDateConstraint,
    Tier,
    TieredPrices,
)

from lakehouse.errors import ConfigurationError
from lakehouse.pricing.book import Book
from lakehouse.pricing.match import provider_of
from lakehouse.pricing.units import CONTEXTS, PLACES, fits

BILLS = {"chat": ("input", "output"), "completion": ("input", "output"), "responses": ("input", "output"),
         "embedding": ("input",)}  # fmt: skip
RATES = {
    "input_per_million_tokens": "input_mtok", "output_per_million_tokens": "output_mtok",
    "cache_read_per_million_tokens": "cache_read_mtok", "cache_write_per_million_tokens": "cache_write_mtok",
    "cache_write_1hr_per_million_tokens": "cache_write_1h_mtok",
}  # fmt: skip
NO_HOST = "(?!)"  # matches no URL: the catalog does not say where a provider's API lies
Entry = Mapping[str, Any]


def installed_catalog() -> tuple[Path, str] | None:
    """Folder and version of the catalog inside the package mlflow, which is not imported; null where it has none."""
    found = find_spec("mlflow")
    for root in (found.submodule_search_locations or ()) if found else ():
        folder = Path(root) / "utils" / "model_catalog"
        if folder.is_dir():
            try:
                return folder, f"mlflow {version('mlflow')}"
            except PackageNotFoundError:
                return folder, "mlflow"
    return None


def with_catalog(book: Book, folder: Path, name: str) -> Book:
    """Give the book with the catalog's models that it does not know itself, behind its own.

    Args:
        book: Contracts and genai-prices.
        folder: One JSON file a provider, as MLflow publishes them.
        name: Version of the catalog, which becomes part of the book's.

    Raises:
        ConfigurationError: A file is no catalog.
    """
    listed: dict[str, dict[str, ModelInfo | None]] = {}
    for path in sorted(folder.glob("*.json")):
        provider = provider_of(path.stem, book) or path.stem.lower()
        models = listed.setdefault(provider, {})
        for model_id, entry in _entries(path).items():
            if model := _model(model_id, entry):
                models[model_id] = model if _agree(models.get(model_id, model), model) else None
    own = {provider.id: provider for provider in book.providers}
    added: set[tuple[str, str]] = set()
    for provider_id, models in listed.items():
        seller = own.get(provider_id) or Provider(provider_id, provider_id, NO_HOST, models=[])
        known = {model.id for model in seller.models}
        news = [m for m in models.values() if m and m.id not in known and not _sold(seller, m.id, book)]
        added |= {(provider_id, model.id) for model in news}
        own[provider_id] = replace(seller, models=[*seller.models, *news])
    return replace(book, providers=tuple(own.values()), version=f"{book.version} + {name}", catalog=frozenset(added))


def _sold(seller: Provider, model_id: str, book: Book) -> bool:
    return seller.find_model(model_id, all_providers=list(book.providers)) is not None


def _entries(path: Path) -> dict[str, Entry]:
    try:
        return dict(json.loads(path.read_text("utf-8"), parse_float=Decimal)["models"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is no model catalog of MLflow: {error}") from error


def _model(model_id: str, entry: Entry) -> ModelInfo | None:
    pricing, since = entry.get("pricing") or {}, entry.get("last_updated_at")
    billed = BILLS.get(str(entry.get("mode")))
    if not since or not billed or not all(pricing.get(f"{side}_per_million_tokens") for side in billed):
        return None
    holds = StartDateConstraint(date.fromisoformat(since))
    standard = _price(pricing, pricing.get("long_context") or ())
    variants = [
        PriceVariant(CONTEXTS[tier], _price(rates, ()), holds)
        for tier, rates in (pricing.get("service_tiers") or {}).items()
        if CONTEXTS.get(tier)
    ]
    if not all(map(fits, _numbers(standard, *(variant.prices for variant in variants)))):
        return None
    prices = [ConditionalPrice(None, prices=ModelPrice()), ConditionalPrice(holds, prices=standard)]
    return ModelInfo(model_id, ClauseEquals(model_id.lower()), prices=prices, price_variants=variants or None)


def _price(rates: Entry, steps: Sequence[Entry]) -> ModelPrice:
    """Rates of one tier; `steps` are those of long inputs, each for the whole request, as genai-prices has them."""
    return ModelPrice(**dict(_rates(rates, steps)))


def _rates(rates: Entry, steps: Sequence[Entry]) -> Iterator[tuple[str, Decimal | TieredPrices]]:
    for name, component in RATES.items():
        if rates.get(name) is None:
            continue
        base = _rounded(rates[name])
        above = [Tier(step["threshold_tokens"], _rounded(step[name])) for step in steps if step.get(name) is not None]
        yield component, TieredPrices(base, sorted(above, key=lambda tier: tier.start)) if above else base


def _numbers(*prices: ModelPrice) -> Iterator[Decimal]:
    for value in (value for price in prices for value in vars(price).values()):
        yield from (value.base, *(tier.price for tier in value.tiers)) if isinstance(value, TieredPrices) else (value,)


def _rounded(rate: Decimal | int) -> Decimal:
    return Decimal(str(rate)).quantize(PLACES)


def _agree(one: ModelInfo | None, other: ModelInfo) -> bool:
    return one is not None and one.prices == other.prices and one.price_variants == other.price_variants
