"""Real requests from a real PostgreSQL to views; the expected figures come from the raw samples by plain Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.aggregate import GOLD, aggregate
from jobs.context import JobContext
from jobs.demo import load
from jobs.ingest import ingest
from jobs.refine import refine
from lakehouse.io.write import version
from lakehouse.tables import all_tables
from lakehouse.tables.silver import INTERACTIONS
from tests.support.source import Database, demo_sources

FIXTURES = Path(__file__).parent.parent / "fixtures"
EXPECTED = json.loads((FIXTURES / "expected_output.json").read_text())
QUERIES = dict(
    part.strip().rstrip(";").split("\n", 1)
    for part in (FIXTURES / "test_queries.sql").read_text().split("-- name: ")[1:]
)
PROVENANCE = {"batch_id", "ingested_at"}  # what differs between one run and several
MAY_BE_EMPTY = {
    "quarantine_summary",
    "slo_burn",
    "anomalies",
    "incidents",
    "retry_chains",
    "error_templates",
    "insights",
}
MAY_BE_EMPTY |= {"savings_opportunities", "model_comparison", "deliveries", "delivered_interactions"}
MAY_BE_EMPTY |= {"budget_status", "cost_scenarios", "invoice_capture"}  # nobody set, asked or delivered any
MAY_BE_EMPTY |= {"quality_gate_state"}  # of the lineage that publish writes
LATER = ((1,), (2, 3))  # slices that later runs find


@pytest.fixture(scope="module")
def database(make_database: Callable[[], Database]) -> Database:
    """The demo's database after the first delivery."""
    made = make_database()
    load.deliver(made.url, 0)
    return made


@pytest.fixture(scope="module")
def context(database: Database, open_lakehouse: Callable[..., JobContext]) -> JobContext:
    """A lakehouse after one run."""
    opened = open_lakehouse(demo_sources(database))
    run(opened)
    return opened


def run(context: JobContext) -> None:
    """What the pipeline's tasks do between provision and publish."""
    ingest(context)
    refine(context)
    aggregate(context)


def rows(context: JobContext, name: str) -> list[dict[str, object]]:
    """Rows of one of the fixture's queries."""
    return context.spark.sql(QUERIES[name]).toArrow().to_pylist()


def test_every_request_of_the_samples_is_there(context: JobContext) -> None:
    """Requests and failures per source are those of the samples."""
    found = {row["source_name"]: row for row in rows(context, "sources")}
    for name, expected in (("litellm", "litellm"), ("llm_calls", "llm_calls")):
        first = EXPECTED["first_load"][expected]
        assert found[name]["requests"] == first["requests"]
        assert found[name]["errors"] == first["errors"]


def test_nothing_is_lost(context: JobContext) -> None:
    """Bronze = silver + quarantine + superseded, and bronze is all that was delivered."""
    verdicts = rows(context, "conservation")
    assert len(verdicts) == 2
    assert all(row["is_conserved"] is True for row in verdicts)
    assert sum(row["bronze_count"] for row in verdicts) == EXPECTED["first_load"]["requests"]


def test_figures_of_each_model_are_those_of_the_raw_samples(context: JobContext) -> None:
    """Requests, tokens and reported cost of each model are exact."""
    by_model = EXPECTED["first_load"]["litellm"]["by_model"]
    found = {str(row["response_model"]): row for row in rows(context, "litellm_models")}
    assert set(found) == set(by_model)
    for model, expected in by_model.items():
        row = found[model]
        assert row["requests"] == expected["requests"], model
        assert (row["input_tokens"] or 0) == expected["input_tokens"], model
        assert (row["output_tokens"] or 0) == expected["output_tokens"], model
        reported = Decimal(expected["reported_cost_usd"])
        assert abs(row["cost_reported_usd"] - reported) < Decimal("1e-9"), model


def test_quantiles_of_the_view_are_within_one_percent_of_the_samples(context: JobContext) -> None:
    """Medians from log buckets are within their promised error, of the models that no other sample set measured."""
    measured = rows(context, "llmperf_quantiles")
    llmperf = EXPECTED["first_load"]["llm_calls"]["llmperf"]
    exact = sorted((m["duration_ms"]["n"], m["duration_ms"]["p50"], m["ttft_ms"]["p50"]) for m in llmperf.values())
    ours = sorted((r["n"], r["duration_p50_ms"], r["ttft_p50_ms"]) for r in measured)
    checked = [one for one in ours if one[0] >= 20]  # below 20 the view shows no median
    assert len(checked) >= 5
    for n, p50, ttft in checked:
        near = [e for e in exact if e[0] == n and p50 == pytest.approx(e[1], rel=0.0101)]
        assert any(ttft == pytest.approx(e[2], rel=0.0101) for e in near), (n, p50, ttft)


def test_every_view_answers(context: JobContext) -> None:
    """Every view has rows, but those of things that need not be, and those that only `detect` fills."""
    views = [row.viewName for row in context.spark.sql("SHOW VIEWS IN analytics").collect()]
    assert len(views) >= 8
    empty = {view for view in views if context.spark.table(f"analytics.{view}").isEmpty()}
    assert empty - MAY_BE_EMPTY == set()


def test_a_second_run_changes_nothing(context: JobContext) -> None:
    """No table gets a new version when the source has nothing new."""
    before = {table.full_name: version(context.spark, table) for table in all_tables()}
    run(context)
    assert {table.full_name: version(context.spark, table) for table in all_tables()} == before


def test_runs_in_any_batching_equal_one_run(
    context: JobContext,
    database: Database,
    make_database: Callable[[], Database],
    open_lakehouse: Callable[..., JobContext],
) -> None:
    """Three deliveries in two later runs leave what one run over all of them leaves."""
    for slices in LATER:
        for number in slices:
            load.deliver(database.url, number)
        run(context)
    home = context.settings.home
    assert all(row["is_conserved"] for row in rows(context, "conservation"))

    whole = make_database()
    for number in range(4):
        load.deliver(whole.url, number)
    once = open_lakehouse(demo_sources(whole))
    run(once)
    for table in (INTERACTIONS, *(table for table, _ in GOLD)):
        stepwise = comparable(once.spark.read.format("delta").load(str(home / table.layer / table.name)))
        direct = comparable(once.spark.table(table.full_name))
        assert stepwise.exceptAll(direct).limit(3).collect() == [], table.full_name
        assert direct.exceptAll(stepwise).limit(3).collect() == [], table.full_name


def comparable(frame: DataFrame) -> DataFrame:
    """Without provenance; sums of doubles to the microsecond, since their last bits depend on the order."""
    kept = [field for field in frame.schema if field.name not in PROVENANCE]
    doubles = {f.name: F.round(f.name, 3) for f in kept if f.dataType.simpleString() == "double"}
    return frame.select(*[doubles.get(field.name, F.col(field.name)).alias(field.name) for field in kept])
