"""Contract overrides: a company's own rates, which stand before the price list's."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lakehouse.errors import ConfigurationError
from lakehouse.pricing.units import ANCESTORS, CONTEXTS, MAX_RATE_USD, fits

REQUIRED = {"provider", "model", "component", "rate_usd"}
OPTIONAL = {"service_tier", "valid_from", "valid_to"}


@dataclass(frozen=True)
class Contract:
    """One agreed rate: USD per million tokens (or thousand requests), on the UTC dates ``valid_from <= d < valid_to``.

    A bound that is None is open. `provider_name` and `model_key` are the price book's, or new ones.
    """

    provider_name: str
    model_key: str
    component: str
    rate_usd: Decimal
    service_tier: str = "standard"
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether the rate holds on the UTC date `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


def read_contracts(path: Path) -> tuple[Contract, ...]:
    """Read overrides from a TOML file of ``[[rate]]`` tables.

    Each has `provider`, `model`, `component` (such as ``input_mtok``) and `rate_usd`, and may have `service_tier`,
    `valid_from` and `valid_to` (dates). A model that the price list knows keeps its other rates; for any other the
    contract's rates are all there are.

    Raises:
        ConfigurationError: The file cannot be read, an entry is malformed, or two rates hold at the same time.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal).get("rate", [])
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"contract prices {path} cannot be read: {error}") from error
    contracts = tuple(_contract(entry, f"{path}, [[rate]] no. {n}") for n, entry in enumerate(found, 1))
    _refuse_overlaps(contracts, path)
    return contracts


def _contract(entry: Mapping[str, Any], where: str) -> Contract:
    if missing := sorted(REQUIRED - set(entry)):
        raise ConfigurationError(f"{where} lacks {', '.join(missing)}")
    if unknown := sorted(set(entry) - REQUIRED - OPTIONAL):
        raise ConfigurationError(f"{where} has unknown keys {', '.join(unknown)}; remove them")
    if entry["component"] not in ANCESTORS:
        raise ConfigurationError(f"{where}: component {entry['component']!r} is none of {', '.join(ANCESTORS)}")
    tier = entry.get("service_tier", "standard")
    if tier not in CONTEXTS:
        raise ConfigurationError(f"{where}: service_tier {tier!r} is none of {', '.join(CONTEXTS)}")
    valid_from, valid_to = (_date(entry, bound, where) for bound in ("valid_from", "valid_to"))
    if valid_from and valid_to and valid_from >= valid_to:
        raise ConfigurationError(f"{where}: valid_to {valid_to} must be after valid_from {valid_from}")
    names = str(entry["provider"]).lower(), str(entry["model"]), str(entry["component"])
    return Contract(*names, _rate(entry["rate_usd"], where), tier, valid_from, valid_to)


def _rate(value: object, where: str) -> Decimal:
    try:
        rate = Decimal(str(value))
    except InvalidOperation:
        raise ConfigurationError(f"{where}: rate_usd {value!r} is not a number") from None
    if not fits(rate):
        raise ConfigurationError(f"{where}: rate_usd {value} must lie in [0, {MAX_RATE_USD}) with at most 6 decimals")
    return rate


def _date(entry: Mapping[str, Any], key: str, where: str) -> date | None:
    value = entry.get(key)
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise ConfigurationError(f"{where}: {key} must be a date such as 2026-01-31, not {value!r}")
    return value


def _refuse_overlaps(contracts: Iterable[Contract], path: Path) -> None:
    latest: dict[tuple[str, ...], Contract] = {}
    for contract in sorted(contracts, key=lambda c: c.valid_from or date.min):
        key = (contract.provider_name, contract.model_key, contract.service_tier, contract.component)
        before = latest.get(key)
        if before and (before.valid_to is None or before.valid_to > (contract.valid_from or date.min)):
            raise ConfigurationError(f"{path}: two rates for {' '.join(key)} hold at once; end the first by valid_to")
        latest[key] = contract
