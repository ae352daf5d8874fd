"""Gold: additive measures that any window and dimension can sum again."""

from __future__ import annotations

from lakehouse.tables.columns import COST_COMPONENTS, MONEY_SUM, SERVICE_TIERS, C, pick
from lakehouse.tables.model import Column, Table

FORECAST_METHODS = ("ets", "daily_mean", "none")
BUDGET_VERDICTS = ("exceeded", "will_exceed", "may_exceed", "within", "unknown")

# What says which window a gold row belongs to: an hour, else a date, else nothing.
WINDOW = pick("event_date", "hour_at", "time_basis")
DIMENSIONS = pick(
    "source_name", "provider_name", "model_key", "operation_name", "app_name", "team_id", "environment", "region",
    "is_stream",
)  # fmt: skip
LATENCY_DIMENSIONS = pick(
    "provider_name", "model_key", "operation_name", "app_name", "region", "is_stream", "input_token_band",
    "output_token_band",
)  # fmt: skip


def _count(name: str, text: str) -> Column:
    return Column(name, "BIGINT", text, "1")


def _tokens(name: str) -> Column:
    return Column(name, "BIGINT", f"Sum of {name}; null where no row has any", "token")


def _money(name: str, text: str) -> Column:
    return Column(name, MONEY_SUM, text, "USD")


USAGE = Table(
    "gold", "usage_hourly", "One row per hour (or date, or no time) and combination of dimensions",
    WINDOW + DIMENSIONS + (
        C["request_count"],
        _count("error_count", "Attempts whose status is not ok"),
        _count("gateway_cache_hit_count", "Attempts answered from the gateway's cache"),
        _count("retry_count", "Retries made within the attempts"),
        _count("priced_count", "Attempts with a price (priced or free)"),
        _count("unpriced_count", "Attempts with usage but no price"),
        _count("no_usage_count", "Attempts without usage"),
        _tokens("input_tokens"), _tokens("cache_read_input_tokens"), _tokens("cache_write_input_tokens"),
        _tokens("output_tokens"), _tokens("reasoning_output_tokens"),
        Column("priced_tokens", "BIGINT", "Input and output tokens of priced attempts", "token"),
        _money("cost_usd", "Sum of cost_usd over priced attempts; null where none is priced"),
        *(_money(f"cost_{part}_usd", f"Sum of cost_{part}_usd") for part in COST_COMPONENTS),
        _money("cost_reported_usd", "Sum of what the source reports; null where it reports nothing"),
        _money("cost_compared_usd", "Sum of cost_usd over attempts whose cost the source reports too"),
        _money("cost_reported_priced_usd", "Sum of what the source reports, over attempts that we price too"),
        Column("duration_sum_ms", "DOUBLE", "Sum of duration_ms of ok attempts not served by a gateway cache", "ms"),
        _count("duration_count", "Attempts in duration_sum_ms"),
        Column("generation_sum_ms", "DOUBLE", "Sum of duration_ms − ttft_ms over attempts in generation_tokens", "ms"),
        Column("generation_tokens", "BIGINT", "Sum of output_tokens − 1 over streamed ok attempts", "token"),
        Column("timed_output_tokens", "BIGINT", "Sum of output_tokens over attempts in duration_count", "token"),
    ),
    key=(*(c.name for c in WINDOW), *(c.name for c in DIMENSIONS)),
    cluster_by=("event_date", "hour_at"), sources=("silver.llm_interactions",),
)  # fmt: skip

LATENCY = Table(
    "gold", "latency_histogram_hourly",
    "One row per hour (or date, or no time), combination of dimensions, latency metric and log bucket",
    WINDOW + LATENCY_DIMENSIONS + pick("metric", "bucket", "request_count"),
    key=(*(c.name for c in WINDOW), *(c.name for c in LATENCY_DIMENSIONS), "metric", "bucket"),
    cluster_by=("event_date", "hour_at"), sources=("silver.llm_interactions",),
)  # fmt: skip

ERRORS = Table(
    "gold", "error_hourly", "One row per hour (or date, or no time), combination of dimensions and class of error",
    WINDOW + DIMENSIONS + pick("status", "error_type", "error_origin", "http_status_code", "request_count") + (
        _money("cost_usd", "Cost of the failed attempts by our price book; null where none is priced"),
        Column("duration_sum_ms", "DOUBLE", "Sum of duration_ms of the failed attempts: time lost", "ms"),
    ),
    key=(*(c.name for c in WINDOW), *(c.name for c in DIMENSIONS), "status", "error_type", "error_origin",
         "http_status_code"),
    cluster_by=("event_date", "hour_at"), sources=("silver.llm_interactions",),
)  # fmt: skip

PRICES = Table(
    "gold", "dim_model_price",
    "One row per set of rates (model, tier, band of input tokens, time of day, validity), component and recording",
    (
        Column("price_id", "STRING", "Names the set of rates: hash over what they hold for", nullable=False),
        *pick("provider_name", "model_key", required=("provider_name", "model_key")),
        Column("component", "STRING", "What is priced, such as input_mtok or cache_read_mtok", nullable=False),
        Column("service_tier", "STRING", "Tier that the rate holds for", enum=SERVICE_TIERS, nullable=False),
        Column("tier_start_tokens", "BIGINT", "Holds for requests with more input tokens; null from none on", "token"),
        Column("tier_end_tokens", "BIGINT", "Holds for requests with at most as many; null without limit", "token"),
        Column("daily_start", "STRING", "UTC time of day from which it holds, HH:MM:SS; null all day"),
        Column("daily_end", "STRING", "UTC time of day until which it holds, exclusive; null all day"),
        Column("rate_usd", "DECIMAL(18,6)", "USD per million tokens, or per the unit that the component names", "USD"),
        Column("valid_from", "TIMESTAMP", "Holds from here, UTC; null without lower bound"),
        Column("valid_to", "TIMESTAMP", "Holds until here, exclusive; null until further notice"),
        Column("price_source", "STRING", "Who says so", enum=("contract", "genai-prices", "mlflow")),
        Column("source_version", "STRING", "Version or hash of that source"),
        *pick("recorded_at"),
        Column("superseded_at", "TIMESTAMP", "When a newer snapshot said otherwise; null while it prices requests"),
    ),
    key=("price_id", "component", "recorded_at"), sources=("contract file", "genai-prices", "MLflow's catalog"),
)  # fmt: skip

SCENARIO = Table(
    "gold", "cost_scenario",
    "One row per scenario, UTC date, source, provider, model, team and application; never part of a fact",
    (
        Column("scenario_name", "STRING", "Name that the scenario was given", nullable=False),
        Column("price_book", "STRING", "Price book that it was computed by"),
        *pick("event_date", "source_name", "provider_name", "model_key", "team_id", "app_name"),
        C["request_count"],
        _count("priced_count", "Attempts that both books price"),
        _money("cost_usd", "Their cost in silver; null where there is none"),
        _money("cost_scenario_usd", "Their cost by the scenario's book; null where there is none"),
        _money("cost_only_scenario_usd", "Cost of attempts that silver has no price for; null where there is none"),
        *pick("recorded_at"),
    ),
    key=("scenario_name", "event_date", "source_name", "provider_name", "model_key", "team_id", "app_name"),
    sources=("silver.llm_interactions", "gold.dim_model_price"),
)  # fmt: skip

FORECAST = Table(
    "gold", "budget_forecast", "One row per budget and day on which its month was forecast",
    (
        Column("budget_name", "STRING", "Budget, [[budgets]] of the settings", nullable=False),
        Column("as_of_date", "DATE", "First day that is not known yet, in the reporting time zone", nullable=False),
        Column("month_start", "DATE", "Month of that day"),
        _money("budget_usd", "What the month may cost"),
        _money("spent_usd", "What the days of the month before as_of_date cost"),
        _money("forecast_usd", "Expected cost of the whole month; null with fewer than 7 days of history"),
        _money("forecast_low_usd", "Lower end of the 95 % prediction interval; null as before"),
        _money("forecast_high_usd", "Upper end of it; null as before"),
        Column("history_days", "INT", "Days that the forecast was made from", "d"),
        Column("method", "STRING", "How it was made", enum=FORECAST_METHODS),
        Column("verdict", "STRING", "What it means for the budget", enum=BUDGET_VERDICTS),
        *pick("recorded_at"),
    ),
    key=("budget_name", "as_of_date"), sources=("silver.llm_interactions", "configuration"),
)  # fmt: skip

TABLES = (USAGE, LATENCY, ERRORS, PRICES, SCENARIO, FORECAST)
