-- Traffic, latency, failures and cost of each model over the days and dimensions asked for. Grain: provider and model.
-- A quantile q needs n * (1 - q) >= 10 attempts, else it is null. Latencies know no team: with one given they are null.
-- @param first_day DATE: from this UTC day on; null from the first
-- @param last_day DATE: until this UTC day; null until the last
-- @param provider_name STRING: null for all
-- @param model_key STRING: null for all
-- @param app_name STRING: null for all
-- @param team_id STRING: null for all
-- @param row_limit INT: rows at most
WITH parts AS (
  SELECT
    provider_name,
    model_key,
    event_date,
    app_name,
    team_id,
    request_count AS n,
    error_count AS failed,
    priced_count AS priced,
    cost_usd AS usd,
    NULL AS value_ms,
    0 AS timed
  FROM analytics.usage_daily
  UNION ALL
  SELECT
    provider_name,
    model_key,
    event_date,
    app_name,
    NULL AS team_id,
    0 AS n,
    0 AS failed,
    0 AS priced,
    NULL AS usd,
    value_ms,
    request_count AS timed
  FROM analytics.latency_histogram_daily
  WHERE metric = 'duration_ms'
)

SELECT
  provider_name,
  model_key,
  SUM(n) AS request_count,
  SUM(failed) AS error_count,
  TRY_DIVIDE(SUM(failed), SUM(n)) AS error_ratio,
  GREATEST(
    0,
    (
      SUM(failed) + 1.920729
      - 1.959964 * SQRT(SUM(failed) * (1 - TRY_DIVIDE(SUM(failed), SUM(n))) + 0.960365)
    ) / (SUM(n) + 3.841459)
  ) AS error_ratio_low,
  LEAST(
    1,
    (
      SUM(failed) + 1.920729
      + 1.959964 * SQRT(SUM(failed) * (1 - TRY_DIVIDE(SUM(failed), SUM(n))) + 0.960365)
    ) / (SUM(n) + 3.841459)
  ) AS error_ratio_high,
  SUM(timed) AS latency_count,
  CASE WHEN SUM(timed) * 0.50 >= 10 THEN PERCENTILE(value_ms, 0.50, timed) END AS p50_ms,
  CASE WHEN SUM(timed) * 0.10 >= 10 THEN PERCENTILE(value_ms, 0.90, timed) END AS p90_ms,
  CASE WHEN SUM(timed) * 0.05 >= 10 THEN PERCENTILE(value_ms, 0.95, timed) END AS p95_ms,
  CASE WHEN SUM(timed) * 0.01 >= 10 THEN PERCENTILE(value_ms, 0.99, timed) END AS p99_ms,
  SUM(priced) AS priced_count,
  SUM(usd) AS cost_usd
FROM parts
WHERE
  (:first_day IS NULL OR event_date >= :first_day)
  AND (:last_day IS NULL OR event_date <= :last_day)
  AND (:provider_name IS NULL OR provider_name = :provider_name)
  AND (:model_key IS NULL OR model_key = :model_key)
  AND (:app_name IS NULL OR app_name = :app_name)
  AND (:team_id IS NULL OR team_id = :team_id)
GROUP BY provider_name, model_key
HAVING SUM(n) > 0
ORDER BY request_count DESC, provider_name ASC, model_key ASC
LIMIT :row_limit
