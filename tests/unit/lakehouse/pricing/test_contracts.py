"""Contract prices: what the file may say, and how they stand before the list's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from lakehouse.errors import ConfigurationError
from lakehouse.pricing.book import PriceRow, load_book, price_rows
from lakehouse.pricing.contracts import Contract, read_contracts
from lakehouse.pricing.match import match
from tests.support.frames import at

NOW = at("2026-11-20")
GPT_4O = 'provider = "openai"\nmodel = "gpt-4o"\ncomponent = "input_mtok"\nrate_usd = '


def write(folder: Path, *entries: str) -> Path:
    """Write a contract file."""
    file = folder / "contracts.toml"
    file.write_text("".join(f"[[rate]]\n{entry}\n" for entry in entries))
    return file


def book_rows(file: Path, provider: str, model: str, tier: str = "standard") -> list[PriceRow]:
    """Rows of one model and tier in the packaged book under contracts."""
    found = price_rows(load_book(contracts=file), NOW)
    return [row for row in found if (row.provider_name, row.model_key, row.service_tier) == (provider, model, tier)]


def test_an_entry_is_read_exactly(tmp_path: Path) -> None:
    """Rates are Decimals and bounds are dates."""
    file = write(tmp_path, GPT_4O + '2.125\nservice_tier = "batch"\nvalid_from = 2026-01-01\nvalid_to = 2026-07-01')
    assert read_contracts(file) == (
        Contract("openai", "gpt-4o", "input_mtok", Decimal("2.125"), "batch", date(2026, 1, 1), date(2026, 7, 1)),
    )


def test_a_contract_stands_before_the_list_while_it_holds(tmp_path: Path) -> None:
    """Only the agreed component is overridden, only between its dates; each rate names its source."""
    file = write(tmp_path, GPT_4O + "2\nvalid_from = 2026-01-01\nvalid_to = 2026-07-01")
    rows = book_rows(file, "openai", "gpt-4o")
    told = {(row.valid_from, row.valid_to): (row.rate_usd, row.price_source) for row in rows
            if row.component == "input_mtok"}  # fmt: skip
    start, end = at("2026-01-01"), at("2026-07-01")
    assert told[start, end] == (2, "contract")
    assert told[None, start] == told[end, None] == (Decimal("2.5"), "genai-prices")
    output = [row for row in rows if row.component == "output_mtok" and row.valid_from == start]
    assert [(row.rate_usd, row.price_source) for row in output] == [(10, "genai-prices")]


def test_a_contract_holds_in_tiers_that_the_list_does_not_price_apart(tmp_path: Path) -> None:
    """A tier with a list price of its own needs a contract of its own."""
    half = GPT_4O + "1\nservice_tier = "
    file = write(tmp_path, GPT_4O + "2", half + '"flex"')
    now = {
        tier: {row.component: row.rate_usd for row in book_rows(file, "openai", "gpt-4o", tier) if not row.valid_to}
        for tier in ("standard", "flex", "batch")
    }
    assert now["standard"]["input_mtok"] == 2
    assert now["flex"] == {**now["standard"], "input_mtok": 1}
    assert now["batch"]["input_mtok"] == Decimal("1.25")  # half of the list's, as the list says


def test_a_contract_can_price_what_no_list_knows(tmp_path: Path) -> None:
    """A self-hosted model has just the rates of its contract, whatever the case of its spelling."""
    own = 'provider = "Acme"\nmodel = "Llama-70B"\ncomponent = '
    file = write(tmp_path, own + '"input_mtok"\nrate_usd = 0.5', own + '"output_mtok"\nrate_usd = 1')
    rows = book_rows(file, "acme", "Llama-70B")
    assert {row.component: row.rate_usd for row in rows} == {"input_mtok": Decimal("0.5"), "output_mtok": 1}
    assert len({row.price_id for row in rows}) == 1
    aliases = match([("acme", "llama-70b"), (None, "acme/Llama-70B"), ("acme", "other")], load_book(contracts=file))
    assert [(a.provider_name, a.model_key, a.is_matched) for a in aliases] == [
        ("acme", "Llama-70B", True), ("acme", "Llama-70B", True), ("acme", "other", False),
    ]  # fmt: skip


def test_the_version_tells_the_contracts_too(tmp_path: Path) -> None:
    """Another contract file is another version of the book."""
    versions = [load_book().version]
    versions += [load_book(contracts=write(tmp_path, GPT_4O + rate)).version for rate in ("2", "3")]
    assert len(set(versions)) == 3
    assert all(version.startswith(versions[0]) for version in versions)


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (('provider = "openai"',), "lacks component, model, rate_usd"),
        ((GPT_4O + "2\nunit = 1",), "unknown keys unit"),
        ((GPT_4O.replace("input_mtok", "input_tokens") + "2",), "component 'input_tokens' is none of"),
        ((GPT_4O + '2\nservice_tier = "gold"',), "service_tier 'gold' is none of"),
        ((GPT_4O + '"cheap"',), "rate_usd 'cheap' is not a number"),
        ((GPT_4O + "-1",), r"must lie in \[0"),
        ((GPT_4O + "0.0000001",), "at most 6 decimals"),
        ((GPT_4O + "2\nvalid_from = 2026-01-01T00:00:00",), "must be a date"),
        ((GPT_4O + "2\nvalid_from = 2026-02-01\nvalid_to = 2026-02-01",), "must be after"),
        ((GPT_4O + "2", GPT_4O + "3\nvalid_from = 2026-01-01"), "hold at once"),
        (("provider = ",), "cannot be read"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, entries: tuple[str, ...], told: str) -> None:
    """The message says which file and entry, and what is wrong with it."""
    with pytest.raises(ConfigurationError, match=told) as raised:
        read_contracts(write(tmp_path, *entries))
    assert "contracts.toml" in str(raised.value)


def test_a_missing_file_is_a_configuration_error(tmp_path: Path) -> None:
    """So is a price file of another shape."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_book(contracts=tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="not genai-prices' JSON"):
        load_book(tmp_path / "none.json")
    (tmp_path / "wrong.json").write_text('[{"id": "p"}]')
    with pytest.raises(ConfigurationError, match="not genai-prices' JSON"):
        load_book(tmp_path / "wrong.json")
