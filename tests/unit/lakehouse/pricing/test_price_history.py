"""The price book accrues: what a new snapshot adds, ends and supersedes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from genai_prices.types import ClauseEquals, ConditionalPrice, ModelInfo, ModelPrice, Provider, StartDateConstraint

from lakehouse.pricing.book import Book, PriceRow, price_rows
from lakehouse.pricing.contracts import Contract
from lakehouse.pricing.history import changes
from tests.support.frames import at

FIRST, SECOND, THIRD = at("2026-03-01"), at("2026-04-01"), at("2026-05-01")
CHANGE = at("2026-04-15")


def book(version: str, **rates: list[tuple[datetime | None, str]]) -> Book:
    """A book of one provider: for each model its input rates and the day from which each holds."""
    models = [
        ModelInfo(name, ClauseEquals(name), prices=[
            ConditionalPrice(StartDateConstraint(start.date()) if start else None,
                             prices=ModelPrice(input_mtok=Decimal(rate)))
            for start, rate in prices
        ])
        for name, prices in rates.items()
    ]  # fmt: skip
    return Book((Provider("p", "P", "https://p", models=models),), version)


def write(stored: list[PriceRow], written: list[PriceRow]) -> list[PriceRow]:
    """What the table holds once rows are written by key."""
    return list({(row.price_id, row.component, row.recorded_at): row for row in (*stored, *written)}.values())


def told(rows: list[PriceRow]) -> set[tuple[object, ...]]:
    """What a test looks at."""
    return {(r.model_key, int(r.rate_usd), r.valid_from, r.valid_to, r.recorded_at, r.superseded_at) for r in rows}


def as_of(rows: list[PriceRow], moment: datetime) -> list[PriceRow]:
    """The book as it stood, by plain comparison."""
    return [r for r in rows if r.recorded_at <= moment and (r.superseded_at is None or r.superseded_at > moment)]


OLD = book("1", a=[(None, "5")], b=[(None, "7")])
STORED = price_rows(OLD, FIRST)


def test_the_first_snapshot_is_added_whole_and_the_same_one_changes_nothing() -> None:
    """Not even where only its version differs."""
    assert changes([], STORED, FIRST) == STORED
    assert changes(STORED, price_rows(replace(OLD, version="2"), SECOND), SECOND) == []


def test_times_as_spark_hands_them_out_are_the_same_times() -> None:
    """collect() gives naive times in the machine's zone."""
    dated = price_rows(book("1", a=[(None, "5"), (CHANGE, "4")]), FIRST)
    local = [
        row._replace(**{name: moment.astimezone().replace(tzinfo=None)
                        for name in ("valid_from", "valid_to", "recorded_at") if (moment := getattr(row, name))})
        for row in dated
    ]  # fmt: skip
    assert changes(local, dated, SECOND) == []


def test_a_price_that_now_ends_keeps_its_name() -> None:
    """Figures made with it stay linked to it."""
    written = changes(STORED, price_rows(book("2", a=[(None, "5"), (CHANGE, "4")], b=[(None, "7")]), SECOND), SECOND)
    assert told(written) == {
        ("a", 5, None, None, FIRST, SECOND), ("a", 5, None, CHANGE, SECOND, None), ("a", 4, CHANGE, None, SECOND, None),
    }  # fmt: skip
    assert [row.price_id for row in written].count(STORED[0].price_id) == 2


def test_a_price_that_is_corrected_is_superseded_and_stays_to_be_read() -> None:
    """Where the correction is taken back, the first row stands again."""
    corrected = price_rows(book("2", a=[(None, "6")], b=[(None, "7")]), SECOND)
    written = changes(STORED, corrected, SECOND)
    assert told(written) == {("a", 6, None, None, SECOND, None), ("a", 5, None, None, FIRST, SECOND)}
    after = write(STORED, written)
    assert changes(after, corrected, THIRD) == []
    back = changes(after, STORED, THIRD)
    assert told(back) == {("a", 5, None, None, THIRD, None), ("a", 6, None, None, SECOND, THIRD)}


def test_a_model_that_the_list_drops_keeps_its_last_price() -> None:
    """A list that no longer names a model does not say that its price was wrong."""
    assert changes(STORED, price_rows(book("2", b=[(None, "7")]), SECOND), SECOND) == []


def test_a_contract_that_is_taken_out_prices_nothing_any_more() -> None:
    """The list's price stands again; a model that only the contract knew has none."""
    contracts = Contract("p", "a", "input_mtok", Decimal(2)), Contract("own", "c", "input_mtok", Decimal(1))
    agreed = write(STORED, changes(STORED, price_rows(replace(OLD, contracts=contracts), SECOND), SECOND))
    assert {(model, rate) for model, rate, *_, superseded in told(agreed) if not superseded} == {
        ("a", 2), ("b", 7), ("c", 1),
    }  # fmt: skip
    after = write(agreed, changes(agreed, STORED, THIRD))
    assert {(model, rate) for model, rate, *_, superseded in told(after) if not superseded} == {("a", 5), ("b", 7)}


def test_whatever_the_order_of_snapshots_what_stands_is_the_newest() -> None:
    """The standing rows are those of the newest snapshot alone."""
    versions = [
        OLD,
        book("2", a=[(None, "5"), (CHANGE, "4")], b=[(None, "7")]),
        book("3", a=[(None, "6"), (CHANGE, "4")], b=[(None, "7"), (SECOND, "8")]),
    ]
    for order in (versions, versions[::-1], [*versions, OLD]):
        stored, said = list[PriceRow](), dict[datetime, Book]()
        for day, snapshot in enumerate(order):
            moment = FIRST.replace(day=day + 1)
            stored = write(stored, changes(stored, price_rows(snapshot, moment), moment))
            said[moment] = snapshot
        for moment, snapshot in said.items():  # each old book can be read again
            assert {(r.price_id, r.rate_usd, r.valid_to) for r in as_of(stored, moment)} == {
                (r.price_id, r.rate_usd, r.valid_to) for r in price_rows(snapshot, moment)
            }
        standing = {(r.price_id, r.rate_usd, r.valid_to) for r in stored if r.superseded_at is None}
        assert standing == {(r.price_id, r.rate_usd, r.valid_to) for r in price_rows(order[-1], THIRD)}


def listed(since: datetime, rate: str) -> list[PriceRow]:
    """A snapshot in which only MLflow's catalog knows the model, priced since its entry changed."""
    rows = price_rows(book("m", a=[(None, "0"), (since, rate)]), since)
    return [row._replace(price_source="mlflow") for row in rows if row.valid_from]


def test_catalog_prices_accrue_a_history() -> None:
    """The catalog has none: what it said before holds until what it says now begins."""
    first, second, third = listed(FIRST, "5"), listed(SECOND, "6"), listed(THIRD, "7")
    one = write(first, changes(first, second, SECOND))
    assert changes(one, second, SECOND) == []
    two = write(one, changes(one, third, THIRD))
    assert changes(two, third, at("2026-06-01")) == []
    standing = {(int(r.rate_usd), r.valid_from, r.valid_to) for r in two if r.superseded_at is None}
    assert standing == {(5, FIRST, SECOND), (6, SECOND, THIRD), (7, THIRD, None)}
    assert {(int(r.rate_usd), r.valid_to) for r in as_of(two, FIRST)} == {(5, None)}
