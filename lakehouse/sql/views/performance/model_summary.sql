-- The models at a glance: traffic, latency, failures and cost. Grain: model.
CREATE OR REPLACE VIEW analytics.model_summary (
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model; (none) where the source names none',
  request_count COMMENT 'Attempts',
  latency_count COMMENT 'Answered attempts with a duration, n of the quantiles',
  p50_ms COMMENT 'Median duration, ms; null when n is below 20',
  p95_ms COMMENT '95th percentile of duration, ms; null when n is below 200',
  error_ratio COMMENT 'Failed attempts over attempts',
  cost_usd COMMENT 'Cost by our price book, USD; null where nothing is priced',
  cost_reported_usd COMMENT 'Cost as the sources report it, USD; null where they report none',
  unpriced_ratio COMMENT 'Attempts with usage but no price, over attempts with usage; null without usage'
)
COMMENT 'One row per provider and model'
AS
SELECT
  traffic.provider_name,
  traffic.model_key,
  SUM(traffic.request_count) AS request_count,
  MAX(COALESCE(latency.request_count, 0)) AS latency_count,
  MAX(latency.p50_ms) AS p50_ms,
  MAX(latency.p95_ms) AS p95_ms,
  SUM(traffic.error_count) / SUM(traffic.request_count) AS error_ratio,
  SUM(traffic.cost_usd) AS cost_usd,
  SUM(traffic.cost_reported_usd) AS cost_reported_usd,
  TRY_DIVIDE(SUM(traffic.unpriced_count), SUM(traffic.priced_count + traffic.unpriced_count)) AS unpriced_ratio
FROM gold.usage_hourly AS traffic
LEFT JOIN analytics.model_latency AS latency
  ON
    latency.metric = 'duration_ms'
    AND traffic.provider_name <=> latency.provider_name
    AND traffic.model_key <=> latency.model_key
GROUP BY traffic.provider_name, traffic.model_key
