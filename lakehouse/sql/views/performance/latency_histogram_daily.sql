-- Latencies per UTC day and dimension as value and count: PERCENTILE(value_ms, q, request_count) over any filter and
-- grouping is the quantile q, at most 1 % off. Grain: day, provider, model, application, metric and value.
CREATE OR REPLACE VIEW analytics.latency_histogram_daily (
  event_date COMMENT 'UTC day; null where no date is known',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  app_name COMMENT 'Application; null where unknown',
  metric COMMENT 'Which latency: duration_ms, ttft_ms, tpot_ms or time_to_failure_ms',
  value_ms COMMENT 'Latency that stands for its log bucket, ms; 0 for zero',
  request_count COMMENT 'Attempts with this latency'
)
COMMENT 'One row per UTC day, provider, model, application, metric and log bucket'
AS
SELECT
  event_date,
  provider_name,
  model_key,
  app_name,
  metric,
  CASE WHEN bucket = -100000 THEN 0 ELSE 2 * POWER(1.01D / 0.99D, bucket) / (1.01D / 0.99D + 1) END AS value_ms,
  SUM(request_count) AS request_count
FROM gold.latency_histogram_hourly
GROUP BY event_date, provider_name, model_key, app_name, metric, bucket
