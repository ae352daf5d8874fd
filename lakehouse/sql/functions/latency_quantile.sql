-- Any quantile of any latency over any window, per model, from the mergeable log buckets (at most 1 % relative error),
-- with its 95 % order-statistic interval. Null where fewer than 10 attempts lie beyond it, on either side.
-- SELECT * FROM analytics.latency_quantile('ttft_ms', 0.95D, TIMESTAMP '2026-03-01', TIMESTAMP '2026-04-01')
CREATE OR REPLACE FUNCTION analytics.latency_quantile (
  wanted_metric STRING COMMENT 'duration_ms, ttft_ms, tpot_ms or time_to_failure_ms',
  q DOUBLE COMMENT 'Between 0 and 1',
  from_at TIMESTAMP COMMENT 'First hour, UTC',
  until_at TIMESTAMP COMMENT 'End, exclusive, UTC'
)
RETURNS TABLE (
  provider_name STRING COMMENT 'Provider; null where it cannot be told',
  model_key STRING COMMENT 'Canonical model',
  request_count BIGINT COMMENT 'Attempts measured, n',
  value_ms DOUBLE COMMENT 'The quantile, ms',
  low_ms DOUBLE COMMENT 'Lower end of its 95 % interval, ms',
  high_ms DOUBLE COMMENT 'Upper end of it, ms'
)
COMMENT 'One row per provider and model'
RETURN
WITH buckets AS (
  SELECT
    provider_name,
    model_key,
    bucket,
    SUM(request_count) AS n
  FROM gold.latency_histogram_hourly
  WHERE metric = wanted_metric AND hour_at >= from_at AND hour_at < until_at
  GROUP BY provider_name, model_key, bucket
),

ranked AS (
  SELECT
    provider_name,
    model_key,
    CASE WHEN bucket = -100000 THEN 0D ELSE 2 * POWER(1.01D / 0.99D, bucket) / (1.01D / 0.99D + 1) END AS value_ms,
    SUM(n) OVER (
      PARTITION BY provider_name, model_key ORDER BY bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS upto,
    SUM(n) OVER (PARTITION BY provider_name, model_key) AS total
  FROM buckets
)

SELECT
  provider_name,
  model_key,
  MAX(total) AS request_count,
  MIN(value_ms) FILTER (WHERE upto >= total * q AND total * LEAST(q, 1 - q) >= 9.999999D) AS value_ms,
  MIN(value_ms) FILTER (
    WHERE upto >= total * q - 1.959963984540054D * SQRT(total * q * (1 - q)) AND total * LEAST(q, 1 - q) >= 9.999999D
  ) AS low_ms,
  MIN(value_ms) FILTER (
    WHERE
    upto >= LEAST(total, total * q + 1.959963984540054D * SQRT(total * q * (1 - q)) + 1)
    AND total * LEAST(q, 1 - q) >= 9.999999D
  ) AS high_ms
FROM ranked
GROUP BY provider_name, model_key
