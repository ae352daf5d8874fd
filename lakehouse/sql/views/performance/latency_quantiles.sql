-- Quantiles of every latency with their 95 % order-statistic interval, from the mergeable log buckets.
-- Grain: provider, model, metric and quantile. The interval's ranks are n*q -/+ z*sqrt(n*q*(1-q)), the normal
-- approximation of the binomial (Conover, Practical Nonparametric Statistics, 1999, 3.2); values are within 1 %.
-- Failures and answers from a gateway's cache are in no latency but time_to_failure_ms, rows that were not streamed in
-- no ttft_ms or tpot_ms. A quantile needs n * (1 - q) >= 10 attempts, else it is null.
CREATE OR REPLACE VIEW analytics.latency_quantiles (
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  metric COMMENT 'Which latency: duration_ms, ttft_ms, tpot_ms or time_to_failure_ms',
  quantile COMMENT 'Between 0 and 1',
  request_count COMMENT 'Attempts measured, n',
  value_ms COMMENT 'The quantile, ms; null where fewer than 10 attempts lie beyond it',
  low_ms COMMENT 'Lower end of its 95 % interval, ms',
  high_ms COMMENT 'Upper end of its 95 % interval, ms'
)
COMMENT 'One row per provider, model, latency metric and quantile'
AS
WITH buckets AS (
  SELECT
    provider_name,
    model_key,
    metric,
    bucket,
    SUM(request_count) AS n
  FROM gold.latency_histogram_hourly
  GROUP BY provider_name, model_key, metric, bucket
),

ranked AS (
  SELECT
    provider_name,
    model_key,
    metric,
    CASE WHEN bucket = -100000 THEN 0 ELSE 2 * POWER(1.01D / 0.99D, bucket) / (1.01D / 0.99D + 1) END AS value_ms,
    SUM(n) OVER (
      PARTITION BY provider_name, model_key, metric
      ORDER BY bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS upto,
    SUM(n) OVER (PARTITION BY provider_name, model_key, metric) AS total
  FROM buckets
),

wanted AS (
  SELECT
    ranked.*,
    quantiles.q,
    1.959963984540054D * SQRT(ranked.total * quantiles.q * (1 - quantiles.q)) AS reach
  FROM ranked
  CROSS JOIN VALUES (0.5D), (0.75D), (0.9D), (0.95D), (0.99D), (0.999D) AS quantiles (q)
)

SELECT
  provider_name,
  model_key,
  metric,
  q AS quantile,
  MAX(total) AS request_count,
  MIN(value_ms) FILTER (WHERE upto >= total * q AND total * (1 - q) >= 9.999999D) AS value_ms,
  MIN(value_ms) FILTER (WHERE upto >= total * q - reach AND total * (1 - q) >= 9.999999D) AS low_ms,
  MIN(value_ms) FILTER (WHERE upto >= LEAST(total, total * q + reach + 1) AND total * (1 - q) >= 9.999999D) AS high_ms
FROM wanted
GROUP BY provider_name, model_key, metric, q
