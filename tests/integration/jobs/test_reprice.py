"""Prices that change: facts follow the newest book, older books can be asked again, scenarios stay apart."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import jobs.aggregate
from jobs.aggregate import GOLD, aggregate
from jobs.budgets import forecast_budgets
from jobs.context import JobContext
from jobs.ingest import ingest
from jobs.publish import publish
from jobs.refine import refine
from jobs.reprice import Scenario, Span, compare, reprice
from lakehouse.config import SourceSettings
from lakehouse.errors import ConfigurationError, DataGateError
from lakehouse.gold.usage import usage_hourly
from lakehouse.reporting import BudgetSettings
from lakehouse.tables.gold import USAGE
from tests.integration.conftest import OpenLakehouse
from tests.support.repository import ROOT
from tests.support.source import rows_of

COLUMNS = {
    "started_at": "at", "provider_raw": "provider", "response_model": "model", "input_tokens": "tokens_in",
    "cache_read_input_tokens": "cached", "output_tokens": "tokens_out", "reasoning_output_tokens": "reasoning",
    "cost_reported_usd": "cost", "team_id": "team", "tags": "from_json(tags, 'ARRAY<STRING>')",
    "prompt_version": "prompt",
}  # fmt: skip
# gpt-4o costs 2.5, 1.25 (cached) and 10 USD a million: by hand 0.003 with cache, 0.0035 without.
CACHED: dict[str, Any] = {"tokens_in": 1000, "cached": 400, "tokens_out": 100}
THOUGHT: dict[str, Any] = {"tokens_in": 1000, "cached": 0, "tokens_out": 100, "reasoning": 40}
CAUSES: dict[str, tuple[dict[str, Any], str]] = {
    "agrees": (CACHED, "0.003"),
    "cache_at_input_rate": (CACHED, "0.0035"),
    "cache_counted_twice": (CACHED, "0.004"),
    "cache_not_billed": (CACHED, "0.0025"),
    "reported_zero": (CACHED, "0"),
    "reasoning_counted_twice": (THOUGHT, "0.0039"),
    "reasoning_not_billed": (THOUGHT, "0.0031"),
    "other_rates": (CACHED, "0.0077"),
}
HOUSE = {"provider": "own", "model": "house-1", "tokens_in": 2_000_000, "cached": 0, "tokens_out": 0, "cost": None}
RATE = '[[rate]]\nprovider = "own"\nmodel = "house-1"\ncomponent = "input_mtok"\nrate_usd = '
READY = re.findall(r"^```sql\n(.*?)^```", (ROOT / "docs/API.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
EVERYTHING = Span(None, None)
FIRST = Decimal("0.025") + 2  # six cached requests and two without cache at 0.0035, and the company's own


def rows() -> list[dict[str, Any]]:
    """One request a cause, one of the company's own model, one of a model that nobody prices."""
    gpt = {"provider": "openai", "model": "gpt-4o", "at": "2025-11-01T10:00:00Z", "reasoning": None}
    found = [gpt | tokens | {"cost": cost, "id": cause} for cause, (tokens, cost) in CAUSES.items()]
    found[0] |= {"at": "2025-11-01T23:30:00Z", "team": "search", "tags": ["a", "b"], "prompt": "v2"}
    house = gpt | HOUSE | {"id": "house", "at": "2025-11-02T10:00:00Z"}
    mystery = gpt | {"provider": "own", "model": "mystery", "tokens_in": 50, "tokens_out": 50, "cached": 0}
    return [*found, house, mystery | {"id": "mystery", "cost": "0.5"}]


@pytest.fixture(scope="module")
def priced(open_lakehouse: OpenLakehouse, tmp_path_factory: pytest.TempPathFactory) -> JobContext:
    """A lakehouse whose requests were priced by the first version of the book."""
    folder = tmp_path_factory.mktemp("landing")
    (folder / "requests.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows()))
    contracts = folder.parent / "contracts.toml"
    contracts.write_text(f"{RATE}1.0\n")
    source = SourceSettings(
        name="files", kind="files", path=folder, format="jsonl", key="id", event_time="at", columns=COLUMNS
    )
    opened = open_lakehouse((source,))
    budgets = (BudgetSettings(name="all", monthly_usd=Decimal(2)),
               BudgetSettings(name="search", monthly_usd=Decimal(9), team_id="search"))  # fmt: skip
    changes = {"price_overrides": contracts, "reporting_time_zone": "Europe/Rome", "budgets": budgets}
    context = JobContext(opened.settings.model_copy(update=changes), lambda line: None)
    context.__dict__["spark"] = opened.spark
    ingest(context)
    refine(context)
    aggregate(context)
    publish(context)
    return context


def total(context: JobContext, table: str = "gold.usage_hourly") -> Decimal:
    """Sum of all costs."""
    return Decimal(rows_of(context, f"SELECT SUM(cost_usd) FROM {table}")[0][0])


def test_each_cause_is_told_and_the_unpriced_are_named(priced: JobContext) -> None:
    """Costs, components and causes as worked out by hand."""
    assert total(priced) == FIRST
    parts = " + ".join(f"cost_{part}_usd" for part in ("fresh_input", "cache_read", "cache_write", "output", "other"))
    assert rows_of(priced, f"SELECT COUNT(*) FROM silver.llm_interactions WHERE cost_usd <> {parts}") == [(0,)]
    found = rows_of(priced, "SELECT cause, request_count, variance_usd FROM analytics.cost_variance")
    ours = {"agrees": "0.003"} | {cause: "0.003" if t is CACHED else "0.0035" for cause, (t, _) in CAUSES.items()}
    assert {row[0]: row[1:] for row in found} == {
        cause: (1, Decimal(ours[cause]) - Decimal(cost)) for cause, (_, cost) in CAUSES.items()
    }
    unpriced = rows_of(priced, "SELECT model_key, unpriced_tokens, cost_reported_unpriced_usd, "
                               "unpriced_token_ratio FROM analytics.unpriced_models")  # fmt: skip
    assert unpriced == [("mystery", 100, Decimal("0.5"), pytest.approx(100 / 2_008_900))]


def test_every_level_sums_to_the_same_total(priced: JobContext) -> None:
    """Days of Rome, where half past eleven at night UTC is the next day; tags apart, which overlap."""
    sums = "SUM(cost_usd), SUM(request_count)"
    days = rows_of(priced, f"SELECT reporting_date, {sums} FROM analytics.cost_attribution GROUP BY 1 ORDER BY 1")
    rest = FIRST - 2 - Decimal("0.003")
    assert days == [(date(2025, 11, 1), rest, 8), (date(2025, 11, 2), Decimal("2.003"), 2)]
    mine = "SELECT team_id, prompt_version, cost_usd FROM analytics.cost_attribution WHERE team_id IS NOT NULL"
    assert rows_of(priced, mine) == [("search", "v2", Decimal("0.003"))]
    thought = "SELECT SUM(cost_reasoning_usd) FROM analytics.cost_attribution"
    assert rows_of(priced, thought) == [(Decimal("0.0008"),)]  # twice 40 tokens at 10 USD a million
    tags = rows_of(priced, "SELECT request_tag, SUM(cost_usd) FROM analytics.cost_by_tag GROUP BY 1 ORDER BY 1")
    assert tags == [(None, FIRST - Decimal("0.003")), ("a", Decimal("0.003")), ("b", Decimal("0.003"))]
    focus = (
        "SELECT SUM(BilledCost), SUM(CASE WHEN SkuMeter = 'cache_read' THEN ConsumedQuantity END) FROM analytics.focus"
    )
    assert rows_of(priced, focus) == [(FIRST, 6 * 400)]


def test_dimensions_name_what_was_seen(priced: JobContext) -> None:
    """One row each, no day left out."""
    models = "SELECT model_key, input_usd_per_mtok, price_source FROM analytics.dim_model ORDER BY 1"
    assert rows_of(priced, models) == [
        ("gpt-4o", Decimal("2.5"), "genai-prices"), ("house-1", Decimal(1), "contract"), ("mystery", None, None),
    ]  # fmt: skip
    assert rows_of(priced, "SELECT team_id, request_count FROM analytics.dim_team ORDER BY 1") == [
        (None, 9), ("search", 1),
    ]  # fmt: skip
    days = rows_of(priced, "SELECT event_date, iso_weekday, is_weekend FROM analytics.dim_date ORDER BY 1")
    assert days == [(date(2025, 11, 1), 6, True), (date(2025, 11, 2), 7, True)]


def test_budgets_are_judged_by_days_that_are_known(priced: JobContext) -> None:
    """Two days forecast nothing, yet a budget that is spent is spent; once more changes nothing."""
    for _ in range(2):
        assert forecast_budgets(priced, date(2025, 11, 3)) == 2
    columns = "budget_name, spent_usd, forecast_usd, verdict, history_days"
    found = rows_of(priced, f"SELECT {columns} FROM gold.budget_forecast WHERE as_of_date = DATE'2025-11-03'")
    assert sorted(found) == [
        ("all", FIRST, None, "exceeded", 2), ("search", Decimal("0.003"), None, "unknown", 1),
    ]  # fmt: skip


def test_a_month_is_told_by_its_newest_forecast(priced: JobContext) -> None:
    """One row a budget and month."""
    forecast_budgets(priced, date(2025, 11, 4))
    told = (
        "SELECT budget_name, as_of_date, used_ratio FROM analytics.budget_status WHERE month_start = DATE'2025-11-01'"
    )
    assert sorted(rows_of(priced, told)) == [
        ("all", date(2025, 11, 4), pytest.approx(2.025 / 2)), ("search", date(2025, 11, 4), pytest.approx(0.003 / 9)),
    ]  # fmt: skip


def test_facts_follow_the_book_and_old_books_can_be_asked_again(priced: JobContext) -> None:
    """A corrected contract; the figures of before by its number, and a price that is only thought of."""
    assert reprice(priced, EVERYTHING) == 0  # the same book
    contracts = priced.settings.price_overrides
    assert contracts
    contracts.write_text(f"{RATE}3.0\n")
    outside = Span(None, rows_of(priced, "SELECT TIMESTAMP'2025-11-02'")[0][0])
    assert reprice(priced, outside) == 0
    assert reprice(priced, EVERYTHING) == 1
    assert total(priced) == total(priced, "silver.llm_interactions") == FIRST + 4
    assert reprice(priced, EVERYTHING) == 0
    assert rows_of(priced, "SELECT MAX(book_version) FROM analytics.price_book_versions") == [(2,)]
    what_if = contracts.with_name("what_if.toml")
    what_if.write_text(f"{RATE}0.5\n")
    for _ in range(2):  # a second time takes the place of the first
        compare(priced, EVERYTHING, Scenario("before", None, 1))
    compare(priced, EVERYTHING, Scenario("what if", what_if, None))
    sums = rows_of(priced, "SELECT scenario_name, SUM(cost_usd), SUM(cost_scenario_usd), SUM(priced_count) "
                           "FROM analytics.cost_scenarios GROUP BY 1 ORDER BY 1")  # fmt: skip
    assert sums == [("before", FIRST + 4, FIRST, 9), ("what if", FIRST + 4, FIRST - 1, 9)]
    assert total(priced) == FIRST + 4


def test_a_price_that_breaks_gold_is_taken_back(priced: JobContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums that are not silver's: the gate of gold says so, and neither layer has the new price."""
    contracts = priced.settings.price_overrides
    assert contracts
    kept, before = contracts.read_text(), total(priced)
    contracts.write_text(f"{RATE}9.0\n")

    def twice(rows: DataFrame) -> DataFrame:
        return usage_hourly(rows).withColumn("request_count", F.col("request_count") * 2)

    with monkeypatch.context() as patched:
        patched.setattr(jobs.aggregate, "GOLD", ((USAGE, twice), *GOLD[1:]))
        with pytest.raises(DataGateError, match=r"requests_conserved on gold\.usage_hourly"):
            reprice(priced, EVERYTHING)
    contracts.write_text(kept)
    assert total(priced) == total(priced, "silver.llm_interactions") == before


@pytest.mark.parametrize("query", READY, ids=lambda query: query.split("FROM analytics.")[1].split()[0])
def test_ready_queries_run(priced: JobContext, query: str) -> None:
    """Every query of docs/API.md, as it stands."""
    rows_of(priced, query)


def test_what_names_no_book_is_refused(priced: JobContext) -> None:
    """Neither both nor none nor a version that never was."""
    for scenario in (Scenario("x", None, None), Scenario("x", None, 99)):
        with pytest.raises(ConfigurationError):
            compare(priced, EVERYTHING, scenario)
