"""MLflow's catalog: what of it becomes a price, and that it never takes the place of genai-prices."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from lakehouse.errors import ConfigurationError
from lakehouse.pricing.book import Book, PriceRow, load_book, price_rows
from lakehouse.pricing.catalog import installed_catalog, with_catalog
from lakehouse.pricing.match import match
from tests.support.frames import at

SINCE = {"mode": "chat", "last_updated_at": "2026-05-01"}


def rates(input_rate: float, output_rate: float) -> dict[str, float]:
    """Rates as the catalog spells them."""
    return {"input_per_million_tokens": input_rate, "output_per_million_tokens": output_rate}


def book(tmp_path: Path, **files: dict[str, object]) -> Book:
    """The packaged book with a catalog of these files."""
    for name, models in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"models": models}))
    return with_catalog(load_book(), tmp_path, "mlflow test")


def rows(found: Book) -> list[PriceRow]:
    """What the book has from the catalog."""
    return [row for row in price_rows(found, at("2026-11-20")) if row.price_source == "mlflow"]


def test_only_what_the_book_does_not_know_is_added(tmp_path: Path) -> None:
    """Its own prices stay, spelling by spelling; the installed catalog changes none of them."""
    models = {"gpt-4o": SINCE | {"pricing": rates(99, 99)}, "gpt-house": SINCE | {"pricing": rates(1.5, 2)}}
    found = book(tmp_path, openai=models)
    assert found.catalog == {("openai", "gpt-house")}
    assert {(row.model_key, row.component, row.rate_usd, row.valid_from) for row in rows(found)} == {
        ("gpt-house", "input_mtok", Decimal("1.5"), at("2026-05-01")),
        ("gpt-house", "output_mtok", Decimal(2), at("2026-05-01")),
    }
    (alias,) = match([("openai", "gpt-house")], found)
    assert (alias.provider_name, alias.model_key, alias.is_matched) == ("openai", "gpt-house", True)
    assert not match([("azure", "gpt-house")], found)[0].is_matched  # resold, maybe at another price


def test_tiers_and_long_inputs(tmp_path: Path) -> None:
    """A threshold is a step for the whole request; a tier has its own rates."""
    pricing = rates(1, 2) | {
        "long_context": [{"threshold_tokens": 200_000, "input_per_million_tokens": 3}],
        "service_tiers": {"batch": rates(0.5, 1)},
    }
    found = {
        (r.service_tier, r.tier_start_tokens, r.component): r.rate_usd
        for r in rows(book(tmp_path, newcomer={"m": SINCE | {"pricing": pricing}}))
    }
    assert found["standard", None, "input_mtok"] == 1
    assert found["standard", 200_000, "input_mtok"] == 3
    assert found["standard", 200_000, "output_mtok"] == 2
    assert found["batch", None, "input_mtok"] == Decimal("0.5")


@pytest.mark.parametrize(
    "entry",
    [
        SINCE | {"pricing": rates(0, 0)},
        SINCE | {"pricing": rates(1, 0)},
        SINCE | {"mode": "image_generation", "pricing": rates(1, 1)},
        SINCE | {"pricing": rates(3200, 1)},
        {"mode": "chat", "pricing": rates(1, 1)},
        SINCE,
    ],
)
def test_what_is_no_price_is_left_out(tmp_path: Path, entry: dict[str, object]) -> None:
    """A 0 of the catalog means unknown as often as free; without a day it holds from nobody knows when."""
    assert not rows(book(tmp_path, newcomer={"m": entry}))


def test_files_that_contradict_each_other_price_nothing(tmp_path: Path) -> None:
    """Two files of one provider."""
    one, other = {"m-x": SINCE | {"pricing": rates(1, 1)}}, {"m-x": SINCE | {"pricing": rates(1, 2)}}
    assert not rows(book(tmp_path, gemini=one, vertex_ai=other))
    assert rows(book(tmp_path, gemini=one, vertex_ai=one))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """With its path."""
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(ConfigurationError, match=r"x\.json"):
        with_catalog(load_book(), tmp_path, "mlflow test")


def test_the_installed_catalog_leaves_the_list_as_it_is() -> None:
    """Every row of genai-prices stands, and some thousand are added."""
    catalog = installed_catalog()
    assert catalog
    now, listed = at("2026-11-20"), load_book()
    both = [row._replace(source_version="") for row in price_rows(with_catalog(listed, *catalog), now)]
    plain = {row._replace(source_version="") for row in price_rows(listed, now)}
    assert {row for row in both if row.price_source == "genai-prices"} == plain
    assert len([row for row in both if row.price_source == "mlflow"]) > 1000
