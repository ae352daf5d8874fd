-- Latency quantiles per UTC day, from the mergeable log buckets (at most 1 % relative error).
-- Grain: day, provider, model and metric. A quantile q needs n * (1 - q) >= 10 attempts, else it is null.
CREATE OR REPLACE VIEW analytics.latency_daily (
  event_date COMMENT 'UTC day; null where no date is known',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  metric COMMENT 'Which latency: duration_ms, ttft_ms, tpot_ms or time_to_failure_ms',
  request_count COMMENT 'Attempts measured, n',
  p50_ms COMMENT 'Median, ms',
  p95_ms COMMENT '95th percentile, ms',
  p99_ms COMMENT '99th percentile, ms'
)
COMMENT 'One row per UTC day, provider, model and latency metric'
AS
WITH buckets AS (
  SELECT
    event_date,
    provider_name,
    model_key,
    metric,
    bucket,
    SUM(request_count) AS n
  FROM gold.latency_histogram_hourly
  GROUP BY event_date, provider_name, model_key, metric, bucket
),

ranked AS (
  SELECT
    event_date,
    provider_name,
    model_key,
    metric,
    CASE WHEN bucket = -100000 THEN 0 ELSE 2 * POWER(1.01D / 0.99D, bucket) / (1.01D / 0.99D + 1) END AS value_ms,
    SUM(n) OVER (
      PARTITION BY event_date, provider_name, model_key, metric
      ORDER BY bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS upto,
    SUM(n) OVER (PARTITION BY event_date, provider_name, model_key, metric) AS total
  FROM buckets
)

SELECT
  event_date,
  provider_name,
  model_key,
  metric,
  MAX(total) AS request_count,
  CASE WHEN MAX(total) * 0.50 >= 10 THEN MIN(value_ms) FILTER (WHERE upto >= total * 0.50) END AS p50_ms,
  CASE WHEN MAX(total) * 0.05 >= 10 THEN MIN(value_ms) FILTER (WHERE upto >= total * 0.95) END AS p95_ms,
  CASE WHEN MAX(total) * 0.01 >= 10 THEN MIN(value_ms) FILTER (WHERE upto >= total * 0.99) END AS p99_ms
FROM ranked
GROUP BY event_date, provider_name, model_key, metric
