-- Failures of each model in the newest hour against its 7 days before. Grain: provider and model.
-- observed is how far the count is from what those days lead to expect, in standard deviations of a binomial count
-- of probability (failures + 1) / (requests + 2) in those days (Laplace's rule); null below 10 failures.
WITH newest AS (
  SELECT MAX(hour_at) AS hour_at
  FROM gold.usage_hourly
),

counts AS (
  SELECT
    hourly.provider_name,
    hourly.model_key,
    SUM(hourly.request_count) FILTER (WHERE hourly.hour_at = newest.hour_at) AS n,
    SUM(hourly.error_count) FILTER (WHERE hourly.hour_at = newest.hour_at) AS k,
    COALESCE(SUM(hourly.request_count) FILTER (WHERE hourly.hour_at < newest.hour_at), 0) AS n_before,
    COALESCE(SUM(hourly.error_count) FILTER (WHERE hourly.hour_at < newest.hour_at), 0) AS k_before
  FROM gold.usage_hourly AS hourly
  CROSS JOIN newest
  WHERE hourly.hour_at BETWEEN newest.hour_at - INTERVAL 168 HOURS AND newest.hour_at
  GROUP BY hourly.provider_name, hourly.model_key
),

expected AS (
  SELECT
    *,
    (k_before + 1) / (n_before + 2) AS p
  FROM counts
)

SELECT
  CAST(6 AS DOUBLE) AS threshold,
  CONCAT_WS('/', provider_name, model_key) AS subject,
  CASE WHEN k >= 10 THEN CAST((k - n * p) / SQRT(n * p * (1 - p)) AS DOUBLE) END AS observed,
  CONCAT(k, ' of ', n, ' requests failed in the newest hour, ', k_before, ' of ', n_before, ' in the week before')
    AS message
FROM expected
WHERE n > 0
