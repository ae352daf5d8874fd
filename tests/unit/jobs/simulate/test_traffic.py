"""Simulated rows are repeatable, marked, consistent as LiteLLM's are, and shaped like the ServeGen summary."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from genai_prices import Usage, calc_price

from jobs.simulate import START, generate
from jobs.simulate.catalogue import FAILURES, MODELS
from jobs.spend_logs import COLUMNS
from lakehouse.errors import ConfigurationError

ROWS = 60_000
SHAPES = json.loads(files("jobs.simulate").joinpath("shapes.json").read_text())
Query = Callable[[str], list[tuple[Any, ...]]]


def table(rows: int = ROWS, seed: int = 7, **arguments: Any) -> pa.Table:
    """All chunks as one table."""
    return pa.concat_tables(generate(rows, seed, **arguments))


@pytest.fixture(scope="module")
def query() -> Query:
    """The rows in DuckDB, as table t with parsed JSON."""
    connection = duckdb.connect()
    connection.register("arrow", table())
    connection.execute(
        "CREATE TABLE t AS SELECT * REPLACE (metadata::JSON AS metadata, request_tags::JSON AS request_tags) FROM arrow"
    )
    return lambda text: connection.execute(text).fetchall()


def test_same_seed_gives_the_same_rows_however_chunked() -> None:
    """Down to one slot a chunk."""
    whole = table(5_000, days=2)
    for chunk_rows in (1, 777, 100_000, 1_000_000):
        assert table(5_000, days=2, chunk_rows=chunk_rows) == whole


def test_chunks_are_as_large_as_asked_and_rows_complete() -> None:
    """No row is lost between chunks."""
    sizes = [len(chunk) for chunk in generate(20_000, 7, chunk_rows=5_000)]
    assert sum(sizes) == 20_000
    assert max(sizes) <= 5_000


def test_other_seed_gives_other_rows() -> None:
    """And other ids, so that both can live in one table."""
    assert table(1_000, seed=8)["startTime"] != table(1_000, seed=7)["startTime"]
    assert not set(table(1_000, seed=8)["request_id"].to_pylist()) & set(table(1_000)["request_id"].to_pylist())


@pytest.mark.parametrize(
    "arguments",
    [{"rows": -1}, {"seed": -1}, {"days": 0}, {"start": datetime(2025, 6, 2)}],
)
def test_bad_arguments_are_named(arguments: dict[str, Any]) -> None:
    """The message names the argument."""
    with pytest.raises(ConfigurationError, match=next(iter(arguments))):
        table(**({"rows": 1, "seed": 1} | arguments))


def test_no_rows_are_no_rows() -> None:
    """Zero is a number of rows."""
    assert len(table(0)) == 0


def test_columns_are_litellms() -> None:
    """All but content and what only newer features fill, which keep their defaults."""
    content = {"messages", "response", "proxy_server_request"}
    newer = {"agent_id", "billing_agent_id", "mcp_namespaced_tool_name"}
    assert set(table(10).column_names) == set(COLUMNS) - content - newer


def test_every_row_is_marked(query: Query) -> None:
    """In metadata, tags and id; ids are unique."""
    marked = query(
        """SELECT count(*), count(DISTINCT request_id) FROM t WHERE (metadata->>'observatory_synthetic') = 'true'
           AND json_contains(request_tags, '"synthetic"') AND starts_with(request_id, 'sim-')"""
    )
    assert marked == [(ROWS, ROWS)]


@pytest.mark.parametrize(
    "broken",
    [
        "prompt_tokens + completion_tokens <> total_tokens",
        "(metadata->'usage_object'->>'prompt_tokens')::INT <> prompt_tokens",
        "coalesce((metadata->'usage_object'->'prompt_tokens_details'->>'cached_tokens')::INT, 0) + coalesce("
        "(metadata->'usage_object'->>'cache_creation_input_tokens')::INT, 0) > prompt_tokens",
        "(metadata->'usage_object'->'completion_tokens_details'->>'reasoning_tokens')::INT > completion_tokens",
        "completionStartTime NOT BETWEEN startTime AND endTime",
        "request_duration_ms <> date_diff('millisecond', startTime, endTime)",
        "status <> (metadata->>'status')",
        "(status = 'failure') <> (json_type(metadata->'error_information') = 'OBJECT')",
        "status = 'failure' AND (spend <> 0 OR total_tokens <> 0 OR completionStartTime <> endTime OR model_id <> '')",
        "status = 'success' AND prompt_tokens < 1",
        "(call_type = 'aembedding') AND completion_tokens > 0",
        "(cache_hit = 'True') <> regexp_matches(request_id, '_cache_hit[0-9.]+$')",
        "cache_hit = 'True' AND (spend <> 0 OR completionStartTime <> endTime OR request_duration_ms > 20)",
        "created_at < endTime",
        "abs((metadata->'cost_breakdown'->>'total_cost')::DOUBLE - spend) > 1e-15",
        "(metadata->>'attempted_retries')::INT > (metadata->>'max_retries')::INT",
        "startTime < TIMESTAMP '2025-06-02' OR startTime >= TIMESTAMP '2025-06-16'",
    ],
)
def test_no_row_breaks_what_litellm_keeps(query: Query, broken: str) -> None:
    """Each condition names rows that must not exist."""
    assert query(f"SELECT request_id FROM t WHERE {broken} LIMIT 3") == []


def test_rows_come_in_order_of_their_start(query: Query) -> None:
    """Row numbers in the ids ascend with startTime."""
    ids = query("SELECT split_part(request_id, '_', 1) FROM (SELECT * FROM t ORDER BY startTime, rowid)")
    assert ids == [(f"sim-7-{number}",) for number in range(ROWS)]


def test_every_model_and_failure_occurs(query: Query) -> None:
    """And in plausible shares."""
    assert {name for (name,) in query("SELECT DISTINCT model FROM t")} == {model.name for model in MODELS}
    errors = query("SELECT DISTINCT metadata->'error_information'->>'error_class' FROM t WHERE status = 'failure'")
    assert {name for (name,) in errors} == {failure.error_class for failure in FAILURES}
    ((providers, failed, streamed, retried, hits),) = query(
        """SELECT count(DISTINCT custom_llm_provider), avg((status = 'failure')::INT),
           avg((completionStartTime < endTime)::INT), avg(((metadata->>'attempted_retries')::INT > 0)::INT),
           avg((cache_hit = 'True')::INT) FROM t"""
    )
    assert providers >= 4
    assert 0.01 < failed < 0.05
    assert 0.5 < streamed < 0.8
    assert 0.01 < retried < 0.06
    assert 0.02 < hits < 0.04


def test_each_day_has_an_outage_of_one_provider(query: Query) -> None:
    """Ten minutes in which at least half fail."""
    worst = query(
        """SELECT day, max(share) FROM (
             SELECT startTime::DATE AS day, time_bucket(INTERVAL 10 MINUTE, startTime) AS slot, custom_llm_provider,
               avg((status = 'failure')::INT) AS share FROM t GROUP BY ALL HAVING count(*) >= 3) GROUP BY day"""
    )
    assert sum(share >= 0.5 for _, share in worst) >= 10  # small providers have too few requests to show it


def test_spend_is_what_the_price_library_says(query: Query) -> None:
    """genai-prices is the oracle for every priced model."""
    provider_ids = {"gemini": "google", "bedrock": "aws"}
    priced = query(
        """SELECT model, custom_llm_provider, prompt_tokens, completion_tokens, spend,
             (metadata->'usage_object'->'prompt_tokens_details'->>'cached_tokens')::INT,
             coalesce((metadata->'usage_object'->>'cache_creation_input_tokens')::INT, 0)
           FROM t WHERE spend > 0 QUALIFY row_number() OVER (PARTITION BY model ORDER BY startTime) <= 30"""
    )
    assert len(priced) == 30 * (len(MODELS) - 1)
    for model, provider, prompt, completion, spend, read, write in priced:
        usage = Usage(input_tokens=prompt, output_tokens=completion, cache_read_tokens=read, cache_write_tokens=write)
        noon = datetime(2025, 6, 2, 12, tzinfo=UTC)  # DeepSeek is cheaper at night
        price = calc_price(
            usage, model, provider_id=provider_ids.get(provider, provider), genai_request_timestamp=noon
        ).total_price
        assert spend == pytest.approx(float(Decimal(price)), rel=1e-9), model


def test_unmapped_model_costs_nothing(query: Query) -> None:
    """LiteLLM logs 0 and no breakdown for a model it does not know."""
    assert query("SELECT max(spend), max(metadata->>'cost_breakdown') FROM t WHERE model LIKE 'qwen%'") == [(0.0, None)]


@pytest.mark.parametrize("shape", SHAPES["shapes"])
@pytest.mark.parametrize("field", ["input_tokens", "output_tokens"])
def test_token_quantiles_are_those_of_the_summary(query: Query, shape: str, field: str) -> None:
    """Share of rows up to a quantile is its probability."""
    names = ", ".join(
        f"'{m.name}'" for m in MODELS if m.shape == shape and (m.call_type == "acompletion" or field == "input_tokens")
    )
    column = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}[field]
    values = np.array(query(f"SELECT {column} FROM t WHERE status = 'success' AND model IN ({names})"))
    points = dict(zip(SHAPES["token_probabilities"], SHAPES["shapes"][shape][field], strict=True))
    for probability in (0.3, 0.5, 0.7, 0.9, 0.95):
        share = (values <= round(points[probability])).mean()  # in probability, since tokens are whole numbers
        assert share == pytest.approx(probability, abs=0.04), (probability, share)


def test_volume_follows_the_hour_of_the_week(query: Query) -> None:
    """Mix of the classes' profiles."""
    hours = query(
        "SELECT (isodow(startTime) - 1) * 24 + hour(startTime) AS hour, count(*) FROM t GROUP BY 1 ORDER BY 1"
    )
    expected = np.zeros(168)
    for model in MODELS:
        profile = np.array(SHAPES["shapes"][model.shape]["hour_profile"])
        expected += model.share * np.tile(profile, 168 // len(profile))
    counts = np.array([count for _, count in hours]) / ROWS * 168
    assert np.corrcoef(counts, expected)[0, 1] > 0.95
    assert np.abs(counts / expected - 1).max() < 0.25


def test_burstiness_is_that_of_the_summary() -> None:
    """Coefficient of variation of gaps within 10 minutes."""
    starts = table(150_000, days=1)["startTime"].to_numpy().astype("int64")
    slots = np.split(starts, np.searchsorted(starts, int(START.timestamp() * 1000) + 600_000 * np.arange(1, 144)))
    gaps = [np.diff(slot) for slot in slots if len(slot) > 300]
    ours = np.array([gap.std() / gap.mean() for gap in gaps])
    for probability in (0.2, 0.5, 0.7):
        target = np.interp(probability, SHAPES["gap_probabilities"], SHAPES["gap_cv"])
        assert np.quantile(ours, probability) == pytest.approx(target, rel=0.2)


def test_keys_have_the_shares_of_clients(query: Query) -> None:
    """By rank."""
    counts = query("SELECT count(*) FROM t GROUP BY api_key ORDER BY 1 DESC")
    assert np.array(counts)[:, 0] / ROWS == pytest.approx(SHAPES["client_share"], abs=0.01)


def test_latency_is_first_token_plus_time_per_token(query: Query) -> None:
    """Median time per output token of each model."""
    spread = query(
        """SELECT model, median((epoch_ms(endTime) - epoch_ms(completionStartTime)) / (completion_tokens - 1))
           FROM t WHERE completionStartTime < endTime AND completion_tokens > 20 GROUP BY model"""
    )
    known = {model.name: model.tpot_ms for model in MODELS}
    for model, tpot_ms in spread:
        assert tpot_ms == pytest.approx(known[model], rel=0.05), model
