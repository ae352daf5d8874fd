"""DuckDB's pipeline gives what independent sources say about simulated rows, and its comparison finds differences."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from genai_prices import Usage, calc_price

from jobs.bench.duckdb_pipeline import GOLD, Inputs, differences, run
from jobs.simulate import generate
from lakehouse.pricing.book import load_book, price_rows
from lakehouse.pricing.match import match
from lakehouse.sources.litellm.schema import COLUMNS
from lakehouse.tables.gold import ERRORS, LATENCY, PRICES, USAGE
from lakehouse.tables.silver import ALIASES, INTERACTIONS

ROWS = 4_000
NOW = datetime(2026, 1, 1)
Query = Callable[[str], list[tuple[Any, ...]]]


def bronze() -> pa.Table:
    """Simulated rows as ingest would write them, and a second version of the first ten."""
    rows = pa.concat_tables(generate(ROWS, 7))
    columns = {name: as_bronze(rows[name]) for name in (*COLUMNS, "metadata") if name in rows.column_names}
    columns["agent_id"] = pa.nulls(ROWS, pa.string())
    envelope = {
        "_source": pa.repeat("gateway", ROWS),
        "_source_key": rows["request_id"],
        "_event_at": rows["startTime"],
        "_batch_id": pa.repeat(1, ROWS),
        "_ingested_at": pa.repeat(NOW, ROWS),
        "_record_hash": pa.repeat("a", ROWS),
        "_source_xmin": pa.repeat(1, ROWS),
    }
    first = pa.table(columns | envelope)
    again = first.slice(0, 10).set_column(first.column_names.index("_batch_id"), "_batch_id", pa.array([2] * 10))
    return pa.concat_tables([first, again])


def as_bronze(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers stay numbers, all else is text."""
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    return column if pa.types.is_floating(column.type) else pc.cast(column, pa.string())


def rows_of(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pa.Table:
    """Tuples as a table."""
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run wrote, beside its bronze file."""
    folder = tmp_path_factory.mktemp("duckdb")
    source = bronze()
    pq.write_table(source, folder / "bronze.parquet")
    book = load_book()
    spellings = set(zip(*(source[n].to_pylist() for n in ("custom_llm_provider", "model")), strict=True))
    aliases = [(*alias, NOW) for alias in match(sorted(spellings), book)]
    prices = rows_of(PRICES.column_names, price_rows(book, NOW.replace(tzinfo=UTC)))
    inputs = Inputs([str(folder / "bronze.parquet")], rows_of(ALIASES.column_names, aliases), prices)
    assert list(run(inputs, folder)) == [INTERACTIONS.full_name, *(table.full_name for table, _ in GOLD)]
    return folder


@pytest.fixture(scope="module")
def query(folder: Path) -> Query:
    """Tables silver, bronze, usage, latency and errors."""
    connection = duckdb.connect()
    tables = {"silver": INTERACTIONS, "usage": USAGE, "latency": LATENCY, "errors": ERRORS}
    files = {name: folder / f"{table.full_name}.parquet" for name, table in tables.items()}
    for name, file in (files | {"bronze": folder / "bronze.parquet"}).items():
        connection.read_parquet(str(file)).create_view(name)
    return lambda text: connection.execute(text).fetchall()


def test_one_row_per_key_and_the_newest_batch_stands(query: Query) -> None:
    """The second version of ten rows replaces the first."""
    assert query("SELECT count(*), count(DISTINCT interaction_id), sum(batch_id - 1) FROM silver") == [(ROWS, ROWS, 10)]


def test_identity_is_a_hash_of_source_and_key(query: Query) -> None:
    """Recomputed with hashlib."""
    ((found, key),) = query("SELECT interaction_id, source_record_id FROM silver LIMIT 1")
    assert found == hashlib.sha256(f"gateway\x1f{key}".encode()).hexdigest()[:32]


def test_costs_are_those_of_the_price_library(query: Query) -> None:
    """Exactly, at the time of the request."""
    names = "response_model, provider_name, started_at, input_tokens, output_tokens, cache_read_input_tokens"
    priced = query(f"SELECT {names}, cache_write_input_tokens, cost_usd FROM silver WHERE cost_status = 'priced'")
    assert len(priced) > ROWS / 2
    for model, provider, at, prompt, completion, read, write, cost in priced[::7]:
        usage = Usage(input_tokens=prompt, output_tokens=completion, cache_read_tokens=read, cache_write_tokens=write)
        price = calc_price(usage, model, provider_id=provider, genai_request_timestamp=at.replace(tzinfo=UTC))
        assert cost == price.total_price, model


def test_gold_sums_are_silvers(query: Query) -> None:
    """Counts, costs and times add up to the same totals."""
    (silver,) = query("SELECT count(*), sum(cost_usd), sum(input_tokens), count_if(status <> 'ok') FROM silver")
    assert query("SELECT sum(request_count), sum(cost_usd), sum(input_tokens), sum(error_count) FROM usage") == [silver]
    assert query("SELECT sum(request_count) FROM errors") == [(silver[3],)]


def test_quantiles_from_buckets_are_within_a_percent(query: Query) -> None:
    """Against exact ones by numpy."""
    values = np.array(
        query("SELECT duration_ms FROM silver WHERE status = 'ok' AND NOT gateway_cache_hit AND duration_ms > 0")
    )[:, 0]
    buckets = query(
        "SELECT bucket, sum(request_count) FROM latency WHERE metric = 'duration_ms' AND bucket > -9999 GROUP BY 1"
    )
    gamma = 1.01 / 0.99
    middles = [2 * gamma**bucket / (gamma + 1) for bucket, _ in buckets]
    approximate = np.repeat(middles, [int(count) for _, count in buckets])
    for probability in (0.5, 0.95, 0.99):
        exact = np.quantile(values, probability, method="inverted_cdf")
        found = np.quantile(approximate, probability, method="inverted_cdf")
        assert found == pytest.approx(exact, rel=0.0101)


@pytest.mark.parametrize("table", [INTERACTIONS, USAGE, LATENCY, ERRORS], ids=lambda table: table.name)
def test_equal_results_have_no_differences_and_changed_ones_do(folder: Path, tmp_path: Path, table: Any) -> None:
    """One row more or less is found, so a changed value is both."""
    file = folder / f"{table.full_name}.parquet"
    assert differences(table, [str(file)], folder) == []
    rows = pq.read_table(file)
    for name, other, sign in (("more", pa.concat_tables([rows, rows.slice(3, 1)]), 1), ("less", rows.slice(1), -1)):
        pq.write_table(other, tmp_path / f"{name}.parquet")
        assert [row[0] for row in differences(table, [str(tmp_path / f"{name}.parquet")], folder)] == [sign]
