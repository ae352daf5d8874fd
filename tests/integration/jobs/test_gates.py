"""Gates on a real source: a bad delivery reaches neither silver nor gold, and wrong gold is taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.sql import DataFrame

import jobs.aggregate
from jobs.aggregate import GOLD, accept_rebuilt, aggregate, rebuild_touched
from jobs.context import JobContext
from jobs.gates.bronze import judge_arrived
from jobs.ingest import ingest
from jobs.refine import refine
from lakehouse.errors import DataGateError
from lakehouse.gold.usage import usage_hourly
from lakehouse.io.write import version
from lakehouse.tables import silver
from tests.support.source import Database, rows_of, table_source

COLUMNS = {"started_at": "at", "output_tokens": "tokens", "duration_ms": "ms", "response_model": "model"}


@pytest.fixture(scope="module")
def database(make_database: Callable[[], Database]) -> Database:
    """Two hundred good rows over two hours."""
    made = make_database()
    made.run("CREATE TABLE calls (id TEXT PRIMARY KEY, at TIMESTAMPTZ, tokens BIGINT, ms FLOAT8, model TEXT)")
    deliver(made, "good", "100 + i", 200)
    return made


def deliver(database: Database, name: str, tokens: str, rows: int, hour: int = 10) -> None:
    """Insert rows, a minute apart; `tokens` is SQL over their number i."""
    at = f"TIMESTAMPTZ '2025-06-03 {hour}:00+00' + i * INTERVAL '1 minute'"
    values = f"'{name}' || i, {at}, {tokens}, 500, 'gpt-4o'"
    database.run(f"INSERT INTO calls SELECT {values} FROM generate_series(1, {rows}) i")


@pytest.fixture(scope="module")
def context(database: Database, open_lakehouse: Callable[..., JobContext]) -> JobContext:
    """A lakehouse after one good run."""
    opened = open_lakehouse((table_source(database, "calls", columns=COLUMNS),))
    ingest(opened)
    judge_arrived(opened)
    refine(opened)
    aggregate(opened)
    return opened


def state(context: JobContext) -> list[tuple[object, ...]]:
    """What people see: rows that stand, rows held back, requests and tokens of gold."""
    counts = "SELECT count(*), sum(output_tokens) FROM silver.llm_interactions"
    gold = "SELECT sum(request_count), sum(output_tokens) FROM gold.usage_hourly"
    latency = "SELECT sum(request_count), count(*) FROM gold.latency_histogram_hourly"
    held = "SELECT count(*), 0 FROM silver.quarantine"
    return [rows_of(context, query)[0] for query in (counts, gold, latency, held)]


def verdicts(context: JobContext, layer: str) -> dict[str, tuple[object, ...]]:
    """Newest verdict of each rule of a layer: met, decision, count broken."""
    query = f"SELECT rule_id, is_met, decision, unexpected_count FROM ops.quality_result WHERE layer = '{layer}'"
    return {row[0]: row[1:] for row in rows_of(context, f"{query} ORDER BY judged_at")}


def test_a_good_run_is_judged_in_every_layer(context: JobContext) -> None:
    """Every rule leaves a row; those that learn wait for history; nothing is above 100 and nothing missing."""
    assert state(context)[0] == state(context)[1] == (200, sum(range(101, 301)))
    for layer, critical in (
        ("bronze", ("rows_complete", "checksum_equal", "rows_as_recorded")),
        ("silver", ("rows_staged", "quarantine_share", "bad_identity", "columns_staging_llm_interactions")),
        ("gold", ("requests_conserved", "cost_conserved", "histogram_conserved", "cost_parts_sum")),
    ):
        found = verdicts(context, layer)
        assert {found[rule][:2] for rule in critical} == {(True, "PASS")}, layer
    cold = rows_of(context, "SELECT rule_id, is_met FROM ops.quality_result WHERE reason LIKE 'cold start%'")
    assert ("volume_band", None) in cold
    scores = rows_of(context, "SELECT table_name, score FROM ops.quality_score WHERE dimension IS NULL")
    assert {name for name, _ in scores} == {
        "bronze.batch", "bronze.source", "silver.llm_interactions", *(t.full_name for t, _ in GOLD)
    }  # fmt: skip
    assert all(50 < score <= 100 for _, score in scores)


def test_nothing_new_is_not_judged_again(context: JobContext) -> None:
    """A run without new rows writes no verdict."""
    before = rows_of(context, "SELECT count(*) FROM ops.quality_result")
    for task in (ingest, judge_arrived, refine, aggregate):
        task(context)
    assert rows_of(context, "SELECT count(*) FROM ops.quality_result") == before


def test_wrong_gold_is_taken_back(context: JobContext, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transform that counts twice is caught by conservation; gold is what it was, and the next run repairs it."""
    deliver(database, "later", "10", 30, hour=14)
    ingest(context)
    refine(context)
    before = state(context)[1:3]

    def twice(rows: DataFrame) -> DataFrame:
        made = usage_hourly(rows)
        return made.withColumn("request_count", made.request_count * 2)

    wrong = tuple((table, twice if table is GOLD[0][0] else transform) for table, transform in GOLD)
    with monkeypatch.context() as patched:
        patched.setattr(jobs.aggregate, "GOLD", wrong)
        rebuild_touched(context)
        assert state(context)[1:3] != before
        told = r"gate gold: requests_conserved on gold\.usage_hourly: \d+\.0 instead of min \d+ and max \d+"
        with pytest.raises(DataGateError, match=told):
            accept_rebuilt(context)
    assert state(context)[1:3] == before
    aggregate(context)
    assert state(context)[1] == (230, sum(range(101, 301)) + 300)


def test_a_bad_delivery_reaches_neither_silver_nor_gold(context: JobContext, database: Database) -> None:
    """Two fifths of the rows are bad: exit 4 with rule, table and share; everything stays as it was."""
    before, versions = state(context), [version(context.spark, t) for t in (silver.INTERACTIONS, silver.QUARANTINE)]
    deliver(database, "bad", "CASE WHEN i % 5 < 2 THEN -i ELSE i END", 100, hour=15)
    ingest(context)
    told = r"quarantine_share on silver\.llm_interactions: 0\.4 instead of max 0\.01"
    with pytest.raises(DataGateError, match=told) as caught:
        refine(context)
    assert caught.value.exit_code == 4
    aggregate(context)
    assert state(context) == before
    assert [version(context.spark, t) for t in (silver.INTERACTIONS, silver.QUARANTINE)] == versions
    assert verdicts(context, "silver")["negative_measure"] == (False, "WARN", 40)
    assert verdicts(context, "silver")["quarantine_share"][:2] == (False, "BLOCK")
    score = "SELECT score FROM ops.quality_score WHERE table_name = 'silver.llm_interactions' AND dimension IS NULL"
    assert rows_of(context, f"{score} ORDER BY judged_at DESC LIMIT 1")[0][0] <= 49


def test_an_accepted_delivery_is_split(context: JobContext) -> None:
    """With a higher limit the same rows go where they belong: good ones to silver and gold, bad ones to quarantine."""
    settings = context.settings.model_copy(update={"quality_parameters": {"quarantine_share_max": 0.5}})
    tolerant = JobContext(settings, context.tell)
    tolerant.__dict__["spark"] = context.spark
    refine(tolerant)
    aggregate(tolerant)
    rows, gold, _, held = state(context)
    assert rows == gold
    assert rows[0] == 200 + 30 + 60
    assert held[0] == 40
    assert rows_of(context, "SELECT DISTINCT failed_rules FROM silver.quarantine") == [(["negative_measure"],)]
    assert rows_of(context, "SELECT is_conserved FROM analytics.row_conservation") == [(True,)]
