"""Gold in DuckDB's SQL: the three hourly tables from silver's files, written a second time."""

from __future__ import annotations

from string import Template

from lakehouse.gold.latency import BANDS, GAMMA, ZERO_BUCKET
from lakehouse.tables.gold import ERRORS, LATENCY, USAGE

COSTS = (
    "cost_usd", "cost_fresh_input_usd", "cost_cache_read_usd", "cost_cache_write_usd", "cost_output_usd",
    "cost_other_usd", "cost_reported_usd",
)  # fmt: skip
TOKENS = (
    "input_tokens", "cache_read_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_output_tokens",
)  # fmt: skip

HOURS = """
CREATE OR REPLACE TEMP VIEW hours AS
SELECT *, date_trunc('hour', event_at) AS hour_at, status = 'ok' AS ok, ok AND NOT gateway_cache_hit AS answered,
  answered AND duration_ms IS NOT NULL AS timed,
  timed AND ttft_ms IS NOT NULL AND coalesce(output_tokens > 1, false) AS generated,
  cost_status IN ('priced', 'free') AS has_price
FROM silver
"""


USAGE_SQL = Template("""
SELECT $key, count(*) AS request_count, count_if(NOT ok) AS error_count,
  count_if(gateway_cache_hit) AS gateway_cache_hit_count, coalesce(sum(retry_count), 0)::BIGINT AS retry_count,
  count_if(has_price) AS priced_count, count_if(cost_status IN ('unpriced', 'reported_only')) AS unpriced_count,
  count_if(cost_status = 'no_usage') AS no_usage_count, $sums,
  coalesce(sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) FILTER (has_price), 0)::BIGINT AS priced_tokens,
  sum(cost_usd) FILTER (cost_reported_usd IS NOT NULL)::DECIMAL(38, 12) AS cost_compared_usd,
  sum(cost_reported_usd) FILTER (cost_usd IS NOT NULL)::DECIMAL(38, 12) AS cost_reported_priced_usd,
  sum(round(duration_ms * 1000)::BIGINT) FILTER (timed) / 1000.0::DOUBLE AS duration_sum_ms,
  count_if(timed) AS duration_count,
  sum(round((duration_ms - ttft_ms) * 1000)::BIGINT) FILTER (generated) / 1000.0::DOUBLE AS generation_sum_ms,
  sum(output_tokens - 1) FILTER (generated)::BIGINT AS generation_tokens,
  sum(output_tokens) FILTER (timed)::BIGINT AS timed_output_tokens
FROM hours GROUP BY $key
""")

LATENCY_SQL = Template("""
WITH long AS (
  SELECT $dimensions, $bands,
    unnest(['duration_ms', 'ttft_ms', 'tpot_ms', 'time_to_failure_ms']) AS metric,
    unnest([CASE WHEN answered THEN duration_ms END, CASE WHEN answered THEN ttft_ms END,
      CASE WHEN answered AND output_tokens > 1 THEN (duration_ms - ttft_ms) / (output_tokens - 1) END,
      CASE WHEN NOT ok THEN duration_ms END]) AS value
  FROM hours
), bucketed AS (
  SELECT *, CASE WHEN value > 0 THEN ceil(ln(value) / ln($gamma::DOUBLE))::INT ELSE $zero END AS bucket
  FROM long WHERE value >= 0
)
SELECT $key, count(*) AS request_count FROM bucketed GROUP BY ALL
""")

ERRORS_SQL = Template("""
SELECT $key, count(*) AS request_count, sum(cost_usd)::DECIMAL(38, 12) AS cost_usd,
  sum(round(duration_ms * 1000)::BIGINT) / 1000.0::DOUBLE AS duration_sum_ms
FROM hours WHERE NOT ok GROUP BY $key
""")


def usage() -> str:
    """gold.usage_hourly."""
    sums = [f"sum({name})::BIGINT AS {name}" for name in TOKENS]
    sums += [f"sum({name})::DECIMAL(38, 12) AS {name}" for name in COSTS]
    return USAGE_SQL.substitute(key=", ".join(USAGE.key), sums=", ".join(sums))


def latency() -> str:
    """gold.latency_histogram_hourly."""
    return LATENCY_SQL.substitute(
        key=", ".join(LATENCY.key),
        dimensions=", ".join(name for name in LATENCY.key if name not in ("metric", "bucket") and "band" not in name),
        bands=", ".join(map(_band, ("input", "output"))),
        gamma=GAMMA,
        zero=ZERO_BUCKET,
    )


def _band(side: str) -> str:
    cases = " ".join(f"WHEN {side}_tokens >= {low} THEN '{name}'" for low, name in BANDS)
    return f"CASE WHEN {side}_tokens IS NULL THEN 'unknown' {cases} ELSE '0' END AS {side}_token_band"


def errors() -> str:
    """gold.error_hourly."""
    return ERRORS_SQL.substitute(key=", ".join(ERRORS.key))
