"""What detect finds in traffic that has something to find, against plain recomputing, scipy and statsmodels."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from jobs.aggregate import rebuild
from jobs.context import JobContext
from jobs.detect import detect
from lakehouse.config import Settings, SloSettings
from lakehouse.gold.windows import Touched
from lakehouse.io.small import rows_of
from lakehouse.io.write import append_first, version
from lakehouse.tables import Table, analyses, ops, silver
from lakehouse.window import TimeWindow
from tests.support.findings import HOURS, INCIDENT, LIFETIMES_S, START, content, duplicates, traffic
from tests.support.frames import frame

Row = dict[str, Any]
GAMMA = 1.01 / 0.99
SLOS = (
    SloSettings(name="answers", objective=0.99),
    SloSettings(name="quick", objective=0.9, metric="duration_ms", threshold_ms=1000, model_key="slow"),
)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """The traffic as plain values."""
    return traffic()


@pytest.fixture(scope="module")
def context(
    open_lakehouse: Callable[..., JobContext], make_context: Callable[[Settings], JobContext], rows: list[Row]
) -> JobContext:
    """A lakehouse with the traffic in silver and gold, and what detect found."""
    home = open_lakehouse(()).settings.home
    opened = make_context(Settings(home=home, slos=SLOS))

    def put(table: Table, values: list[Row]) -> None:
        append_first(frame(opened.spark, table.columns, values), table)

    put(silver.INTERACTIONS, rows)
    put(silver.CONTENT, content(rows))
    put(ops.BATCH, [{"batch_id": 1, "source_name": "gateway", "state": state} for state in ("VERIFIED", "AGGREGATED")])
    rebuild(opened, Touched((TimeWindow(START, START + timedelta(hours=HOURS)),), (), False))
    assert detect(opened) > 0
    return opened


@pytest.fixture(scope="module")
def lake(context: JobContext) -> SparkSession:
    """Its session."""
    return context.spark


def found(lake: SparkSession, table: Table, **wanted: object) -> list[Row]:
    """Rows of a table with these values."""
    return [row for row in rows_of(lake, table) if all(row[name] == value for name, value in wanted.items())]


def of(rows: list[Row], model: str, status: str = "ok") -> list[Row]:
    """Attempts of a model."""
    return [row for row in rows if row["model_key"] == model and row["status"] == status]


def test_a_second_run_changes_nothing(context: JobContext) -> None:
    """Neither where no batch is new, nor where all is stated again."""
    tables = (*analyses.TABLES, ops.BATCH)
    before = {table.full_name: version(context.spark, table) for table in tables}
    assert detect(context) == 0
    assert detect(context, again=True) == 0
    assert {table.full_name: version(context.spark, table) for table in tables} == before


def test_durations_are_compared_as_scipy_does(lake: SparkSession, rows: list[Row]) -> None:
    """One stratum, so the test is Mann and Whitney's on the buckets; the factor put in is e^0.7."""
    (pair,) = found(lake, analyses.COMPARISON, metric="duration_ms", model_key="fast", other_model_key="slow")
    fast, slow = (
        np.ceil(np.log([row["duration_ms"] for row in of(rows, model)]) / np.log(GAMMA)) for model in ("fast", "slow")
    )
    expected = stats.mannwhitneyu(fast, slow, method="asymptotic")
    assert pair["p_value"] == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-300)
    assert pair["a12"] == pytest.approx(expected.statistic / (len(fast) * len(slow)))
    assert (pair["request_count"], pair["other_request_count"], pair["stratum_count"]) == (len(fast), len(slow), 1)
    assert pair["ratio_low"] < np.exp(-0.7) < pair["ratio_high"]
    assert pair["verdict"] == "faster"
    median = np.median([row["duration_ms"] for row in of(rows, "slow")])
    assert pair["other_p50_ms"] == pytest.approx(median, rel=0.0101)


def test_error_ratios_have_newcombes_interval(lake: SparkSession, rows: list[Row]) -> None:
    """As statsmodels computes it."""
    (pair,) = found(lake, analyses.COMPARISON, metric="error_ratio", model_key="fast", other_model_key="dear")
    (k, n), (other_k, other_n) = (
        (len(of(rows, model, "error")), len(of(rows, model)) + len(of(rows, model, "error")))
        for model in ("fast", "dear")
    )
    low, high = confint_proportions_2indep(k, n, other_k, other_n, method="newcomb")
    assert (pair["difference_low"], pair["difference_high"]) == pytest.approx((low, high))
    assert pair["verdict"] == "more errors"


def test_q_values_are_over_all_pairs_and_metrics(lake: SparkSession) -> None:
    """Benjamini and Hochberg by statsmodels; equal models give no evidence."""
    pairs = [row for row in found(lake, analyses.COMPARISON) if row["p_value"] is not None]
    assert len(pairs) == 6 * 4
    expected = multipletests([row["p_value"] for row in pairs], method="fdr_bh")[1]
    assert [row["q_value"] for row in pairs] == pytest.approx(list(expected))
    (equal,) = [r for r in pairs if r["metric"] == "duration_ms" and r["model_key"] == "fast"
                and r["other_model_key"] == "dear"]  # fmt: skip
    assert equal["verdict"] == "no evidence"


def test_the_incident_is_one_of_both_models(lake: SparkSession) -> None:
    """It begins and ends with the hours put in; the other provider has none."""
    errors = found(lake, analyses.ANOMALY, metric="errors")
    assert {row["model_key"] for row in errors} == {"fast", "slow"}
    assert len({row["incident_id"] for row in errors}) == 1
    assert {(row["started_at"], row["ended_at"]) for row in errors} == {
        (START + timedelta(hours=INCIDENT.start), START + timedelta(hours=INCIDENT.stop))
    }
    assert {row["state"] for row in errors} == {"closed"}


def test_templates_count_failures_and_tell_what_is_new(lake: SparkSession, rows: list[Row]) -> None:
    """Two texts: one from the beginning, one of the incident."""
    failures = [row for row in rows if row["status"] == "error"]
    late = [row for row in failures if row["error_type"] == "timeout"]
    touched = sorted({row["model_key"] for row in late})
    told = {row["template"]: row for row in found(lake, analyses.TEMPLATE)}
    assert set(told) == {"Request to shard <*> timed out", "Rate limit reached: <*> of <*> tokens per minute"}
    new = told["Request to shard <*> timed out"]
    assert (new["request_count"], new["models"], new["error_type"]) == (len(late), touched, "timeout")
    assert (new["first_seen_at"], new["last_seen_at"]) == tuple(f(r["event_at"] for r in late) for f in (min, max))
    assert {template: row["is_new"] for template, row in told.items()} == {
        "Request to shard <*> timed out": True,
        "Rate limit reached: <*> of <*> tokens per minute": False,
    }
    assert sum(row["request_count"] for row in told.values()) == len(failures)


def test_duplicates_cost_what_a_plain_loop_finds(lake: SparkSession, rows: list[Row]) -> None:
    """For each lifetime: all repeats, and those with the same answer."""
    for variant, seconds in LIFETIMES_S.items():
        low, high = duplicates(rows, seconds)
        told = found(lake, analyses.SAVING, kind="exact_duplicate", variant_name=variant)
        assert [(row["saving_low_usd"], row["saving_high_usd"]) for row in told] == ([(low, high)] if high else [])


def test_retries_cost_what_the_groups_say(lake: SparkSession, rows: list[Row]) -> None:
    """Failures had no usage: nothing for sure, at most the input of the attempt that was answered."""
    answered = {row["request_group_id"]: row["cost_fresh_input_usd"] for row in rows if row["status"] == "ok"}
    told = {row["model_key"]: row for row in found(lake, analyses.SAVING, kind="retry_waste")}
    for model in ("fast", "slow", "dear", "cheap"):
        failed = of(rows, model, "error")
        most = sum(answered[row["request_group_id"]] for row in failed)
        row = told[model]
        assert (row["request_count"], row["saving_low_usd"], row["saving_high_usd"]) == (len(failed), 0, most)


def test_a_cheaper_model_is_a_scenario(lake: SparkSession, rows: list[Row]) -> None:
    """The same tokens at a tenth of the price, by the one model that surely fails as seldom."""
    (told,) = found(lake, analyses.SAVING, kind="cheaper_model", model_key="dear")
    assert (told["confidence"], told["variant_name"], told["saving_low_usd"]) == ("scenario", "bravo/cheap", 0)
    spent = sum(row["cost_usd"] for row in of(rows, "dear"))
    assert float(told["saving_high_usd"]) == pytest.approx(float(spent) * (1 - 0.8 / 10))


def test_what_the_data_lack_has_a_reason_instead_of_a_figure(lake: SparkSession) -> None:
    """No finish reasons, no limits, nothing but streams."""
    unknown = {row["kind"]: row["why_unknown"] for row in found(lake, analyses.SAVING) if row["why_unknown"]}
    assert set(unknown) == {"truncation", "max_tokens"}
    assert "finish_reason" in unknown["truncation"]


def test_evidence_repeats_the_figures(lake: SparkSession) -> None:
    """Each query that stands with a saving gives it again."""
    figures = [row for row in found(lake, analyses.SAVING) if row["saving_high_usd"] is not None]
    for query in {row["evidence_query"] for row in figures}:
        again = {
            (row.asDict().get("variant_name"), row.provider_name, row.model_key): row.saving_high_usd
            for row in lake.sql(query).collect()
        }
        for row in figures:
            if row["evidence_query"] == query:
                ours = row["saving_high_usd"]
                assert float(again[row["variant_name"], row["provider_name"], row["model_key"]]) == pytest.approx(
                    float(ours)
                )


def test_insights_are_ranked_sentences_with_evidence(lake: SparkSession) -> None:
    """Money before new texts before closed anomalies before comparisons before scenarios."""
    told = sorted(found(lake, analyses.INSIGHT), key=lambda row: row["insight_rank"])
    assert [row["insight_rank"] for row in told] == list(range(1, len(told) + 1))
    kinds = [row["kind"] for row in told if not row["sentence"].startswith("Scenario")]
    assert list(dict.fromkeys(kinds)) == ["saving", "error_template", "anomaly", "comparison"]
    for row in told:
        assert lake.sql(row["evidence_query"]).limit(1).count() == 1, row["sentence"]
    (comparison,) = [row for row in told if "acme/fast is faster than acme/slow" in row["sentence"]]
    assert comparison["ms_low"] < comparison["ms_high"] < 0


NOTEBOOKS = {
    "02_compare_models": ("acme/fast", "faster", "no evidence"),
    "03_cost_review": (
        "exact_duplicate",
        "retry_waste",
        "no row of these days has silver.llm_interactions.finish_reason",
    ),
    "04_error_triage": ("Request to shard <*> timed out", "errors", "acme/slow"),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_show_the_findings(
    context: JobContext, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As plain scripts on the one session; they draw, and read views alone."""
    path = Path(__file__).parents[2] / "notebooks" / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:FROM|JOIN) (\w+)\.", text)) == {"analytics"}
    monkeypatch.setenv("OBSERVATORY_HOME", str(context.settings.home))
    monkeypatch.setenv("MPLBACKEND", "agg")
    runpy.run_path(str(path))
    shown = capsys.readouterr().out
    assert [word for word in NOTEBOOKS[name] if word not in shown] == []


def test_views_show_quantiles_with_intervals(lake: SparkSession, rows: list[Row]) -> None:
    """The median within 1 %, its interval around it, and no p99.9 of fewer than ten thousand."""
    durations = np.sort([row["duration_ms"] for row in of(rows, "fast")])
    told = lake.table("analytics.latency_quantiles").where("model_key = 'fast' AND metric = 'duration_ms'").collect()
    by_quantile = {float(row["quantile"]): row for row in told}
    n = len(durations)
    for q in (0.5, 0.9, 0.95):
        row = by_quantile[q]
        assert row.value_ms == pytest.approx(np.quantile(durations, q, method="inverted_cdf"), rel=0.0101)
        low, high = (int(stats.binom.ppf(tail, n, q)) for tail in (0.025, 0.975))
        assert row.low_ms == pytest.approx(durations[low - 1], rel=0.03)
        assert row.high_ms == pytest.approx(durations[high], rel=0.03)
    assert by_quantile[0.999].value_ms is None


def test_objectives_burn_as_counted(lake: SparkSession, rows: list[Row]) -> None:
    """Over the last hours of the data; the limit of a latency is exact to the width of a bucket."""
    told = {(row.slo_name, row.window_hours): row for row in lake.table("analytics.slo_burn").collect()}
    assert len(told) == 2 * 3
    end = START + timedelta(hours=HOURS)
    for hours in (1, 6, 72):
        last = [row for row in rows if row["event_at"] >= end - timedelta(hours=hours)]
        bad = sum(row["status"] == "error" for row in last)
        row = told["answers", hours]
        assert (row.request_count, row.bad_count) == (len(last), bad)
        assert row.burn_rate == pytest.approx(bad / len(last) / 0.01)
        late = [row["duration_ms"] > 1000 for row in of(last, "slow")]
        assert told["quick", hours].request_count == len(late)
        assert told["quick", hours].bad_count == pytest.approx(sum(late), abs=0.03 * len(late))
    assert told["quick", 72].state == "ticket"


def test_views_show_chains_and_both_directions(lake: SparkSession, rows: list[Row]) -> None:
    """Every failure was retried with success; who is faster this way is slower that way."""
    chains = lake.table("analytics.retry_chains").collect()
    assert sum(row.call_count for row in chains) == sum(row["status"] == "error" for row in rows)
    assert {(row.outcome, row.is_fallback) for row in chains} == {("ok", False)}
    lost_ms = sum(row["duration_ms"] for row in rows if row["status"] == "error")
    assert sum(row.added_s for row in chains) == pytest.approx(lost_ms / 1000)
    (back,) = (
        lake.table("analytics.model_comparison")
        .where("metric = 'duration_ms' AND model_key = 'slow' AND other_model_key = 'fast'")
        .collect()
    )
    assert back.verdict == "slower"
    assert back.ratio_low < np.exp(0.7) < back.ratio_high
