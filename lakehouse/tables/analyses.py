"""Gold that analyses write: small tables of judgements, each with its evidence."""

from __future__ import annotations

from lakehouse.tables.columns import MONEY_SUM, C, pick
from lakehouse.tables.model import Column, Table

LATENCIES = ("duration_ms", "ttft_ms", "tpot_ms")
ERROR_RATIO = "error_ratio"
VERDICTS = ("faster", "slower", "fewer errors", "more errors", "no evidence", "too few")
ANOMALY_METRICS = ("errors", "volume", "cost", "duration_p50", "duration_p95")
SAVING_KINDS = (
    "exact_duplicate", "prefix_reuse", "batch", "retry_waste", "failure_waste", "truncation", "max_tokens",
    "cheaper_model",
)  # fmt: skip
CONFIDENCES = ("high", "medium", "low", "scenario")
INSIGHT_KINDS = ("anomaly", "saving", "error_template", "comparison")

MODEL = pick("provider_name", "model_key")
PERIOD = (
    Column("period_from", "DATE", "First UTC day of the rows that were analysed"),
    Column("period_to", "DATE", "Last UTC day of them"),
)


def _count(name: str, text: str) -> Column:
    return Column(name, "BIGINT", text, "1")


def _money(name: str, text: str) -> Column:
    return Column(name, MONEY_SUM, text, "USD")


COMPARISON = Table(
    "gold", "model_comparison", "One row per pair of models, in alphabetical order, and metric",
    (
        Column("metric", "STRING", "What is compared", enum=(*LATENCIES, ERROR_RATIO), nullable=False),
        *MODEL,
        Column("other_provider_name", "STRING", "Provider of the other model; null where it cannot be told"),
        Column("other_model_key", "STRING", "The other model"),
        _count("request_count", "Attempts of the model in strata that both have"),
        _count("other_request_count", "Attempts of the other model in them"),
        _count("stratum_count", "Strata in common: operation, input and output token band, stream; 0 is no common mix"),
        Column("other_p50_ms", "DOUBLE", "Median of the other model in them; null for errors", "ms"),
        Column("a12", "DOUBLE", "Chance that the model's value is the greater, ties half (Vargha and Delaney 2000)"),
        Column("ratio", "DOUBLE", "Model over other: Hodges and Lehmann's shift; null for errors"),
        Column("ratio_low", "DOUBLE", "Lower end of its 95 % interval"),
        Column("ratio_high", "DOUBLE", "Upper end of its 95 % interval"),
        Column("difference", "DOUBLE", "Model minus other, error ratios; null for latencies"),
        Column("difference_low", "DOUBLE", "Lower end of its 95 % interval (Newcombe 1998, method 10)"),
        Column("difference_high", "DOUBLE", "Upper end of its 95 % interval"),
        Column("p_value", "DOUBLE", "Two-sided: Mann and Whitney, stratified; for errors the pooled score test"),
        Column("q_value", "DOUBLE", "Adjusted over all pairs and metrics (Benjamini and Hochberg 1995)"),
        Column("verdict", "STRING", "What may be said of the model against the other", enum=VERDICTS),
        *PERIOD,
    ),
    key=("metric", "provider_name", "model_key", "other_provider_name", "other_model_key"),
    sources=("gold.latency_histogram_hourly", "gold.usage_hourly"),
)  # fmt: skip

TEMPLATE = Table(
    "gold", "error_template", "One row per template of error texts",
    (
        Column("template_id", "STRING", "Names the template for good, also when it widens", nullable=False),
        Column("template", "STRING", "Text with values as <*>"),
        Column("example", "STRING", "One masked text of it, the first in alphabetical order"),
        Column("error_type", "STRING", "Commonest class of its errors", enum=C["error_type"].enum),
        _count("request_count", "Failed attempts of the analysed days that have it"),
        Column("providers", "ARRAY<STRING>", "Providers touched in those days"),
        Column("models", "ARRAY<STRING>", "Models touched in those days"),
        Column("first_seen_at", "TIMESTAMP", "First event time seen, UTC; null where no row had one"),
        Column("last_seen_at", "TIMESTAMP", "Last event time seen, UTC; null where no row had one"),
        Column("is_new", "BOOLEAN", "First seen in the last 7 days of data that are longer than that"),
    ),
    key=("template_id",), sources=("silver.llm_interactions",),
)  # fmt: skip

ANOMALY = Table(
    "gold", "anomaly", "One row per episode: consecutive strange hours of a metric of a model",
    (
        Column("anomaly_id", "STRING", "Hash of metric, direction, model and start", nullable=False),
        Column("incident_id", "STRING", "Shared by episodes of one provider that overlap in time; null for drops"),
        Column("metric", "STRING", "What was strange", enum=ANOMALY_METRICS),
        Column("direction", "STRING", "Too much or too little", enum=("up", "down")),
        *MODEL,
        Column("started_at", "TIMESTAMP", "First strange hour, UTC"),
        Column("ended_at", "TIMESTAMP", "End of the last strange hour, UTC"),
        Column("hour_count", "INT", "Strange hours", "1"),
        Column("peak_at", "TIMESTAMP", "Hour with the smallest p-value, UTC"),
        Column("value", "DOUBLE", "Value of that hour: attempts, USD or ms"),
        Column("expected", "DOUBLE", "What was to be expected of it, same unit"),
        Column("robust_z", "DOUBLE", "0.6745 (x − median) / MAD of its baseline (Iglewicz and Hoaglin 1993)"),
        Column("p_value", "DOUBLE", "Chance of a value as strange if nothing changed"),
        Column("q_value", "DOUBLE", "Adjusted over all tests of its UTC day (Benjamini and Hochberg 1995)"),
        Column("excess", "DOUBLE", "Sum over the episode of value minus expected; null for latencies"),
        Column("state", "STRING", "open while the newest complete hour belongs to it", enum=("open", "closed")),
    ),
    key=("anomaly_id",), sources=("gold.usage_hourly", "gold.latency_histogram_hourly"),
)  # fmt: skip

SAVING = Table(
    "gold", "savings_opportunity", "One row per kind of saving, variant and model; or one that says why it is unknown",
    (
        Column("kind", "STRING", "What could be saved on", enum=SAVING_KINDS, nullable=False),
        Column("variant_name", "STRING", "Such as a cache's lifetime or the cheaper model; null where there is one"),
        *MODEL,
        _count("request_count", "Attempts it concerns; null where unknown"),
        _money("cost_usd", "What they cost by our price book; null where unknown"),
        _money("saving_low_usd", "Lower bound over the period; null where unknown"),
        _money("saving_high_usd", "Upper bound over the period; null where unknown"),
        Column("confidence", "STRING", "scenario: an upper bound only, no saving to count on", enum=CONFIDENCES),
        Column("method", "STRING", "How it was computed"),
        Column("assumptions", "STRING", "What must hold"),
        Column("why_unknown", "STRING", "What the data lack; null where there is a figure"),
        Column("evidence_query", "STRING", "The query that gives the figure"),
        *PERIOD,
    ),
    key=("kind", "variant_name", "provider_name", "model_key"),
    sources=("silver.llm_interactions", "silver.llm_interaction_content", "gold.usage_hourly"),
)  # fmt: skip

INSIGHT = Table(
    "gold", "insight", "One row per finding, the most pressing first",
    (
        Column("insight_rank", "INT", "1 is the most pressing: open anomalies, then by USD, then the rest", "1",
               nullable=False),
        Column("kind", "STRING", "Which analysis found it", enum=INSIGHT_KINDS),
        Column("subject", "STRING", "What it is about, such as provider/model"),
        Column("sentence", "STRING", "The finding in words"),
        Column("usd_low", "DOUBLE", "Lower end of what is at stake; null where it is not money", "USD"),
        Column("usd_high", "DOUBLE", "Upper end of it", "USD"),
        Column("ms_low", "DOUBLE", "Lower end of the difference in time; null where it is not time", "ms"),
        Column("ms_high", "DOUBLE", "Upper end of it", "ms"),
        Column("state", "STRING", "open, closed, or standing for what has no end", enum=("open", "closed", "standing")),
        Column("evidence_query", "STRING", "The query that shows it"),
    ),
    key=("insight_rank",),
    sources=("gold.anomaly", "gold.savings_opportunity", "gold.error_template", "gold.model_comparison"),
)  # fmt: skip

SLO = Table(
    "gold", "slo_burn", "One row per service level objective of the settings and window",
    (
        Column("slo_name", "STRING", "Name in the settings", nullable=False),
        Column("metric", "STRING", "What must hold", enum=("errors", *LATENCIES)),
        Column("threshold_ms", "DOUBLE", "Answers that take longer miss it; null for errors", "ms"),
        Column("objective_ratio", "DOUBLE", "Share of attempts that must meet it"),
        Column("window_hours", "INT", "Hours up to measured_at", "hour"),
        _count("request_count", "Attempts of the window"),
        _count("bad_count", "Of them, those that missed it"),
        Column("burn_rate", "DOUBLE", "Share that missed over share that may; null without attempts"),
        Column("short_burn_rate", "DOUBLE", "The same over the short window that must burn too"),
        Column("alert_rate", "DOUBLE", "Rate from which both are an alert"),
        Column("state", "STRING", "Whether this window alerts", enum=("ok", "ticket", "page")),
        Column("measured_at", "TIMESTAMP", "End of the newest hour of data, UTC"),
    ),
    key=("slo_name", "window_hours"), sources=("gold.usage_hourly", "gold.latency_histogram_hourly"),
)  # fmt: skip

TABLES = (COMPARISON, TEMPLATE, ANOMALY, SAVING, SLO, INSIGHT)
