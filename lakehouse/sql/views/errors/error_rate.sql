-- Error ratio of each model with its 95 % Wilson interval (Wilson 1927; z = 1.959964).
-- Grain: provider and model.
CREATE OR REPLACE VIEW analytics.error_rate (
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model; (none) where the source names none',
  request_count COMMENT 'Attempts, n',
  error_count COMMENT 'Attempts whose status is not ok',
  error_ratio COMMENT 'error_count over request_count',
  error_ratio_low COMMENT 'Lower end of the 95 % Wilson interval',
  error_ratio_high COMMENT 'Upper end of the 95 % Wilson interval'
)
COMMENT 'One row per provider and model'
AS
WITH totals AS (
  SELECT
    provider_name,
    model_key,
    SUM(request_count) AS n,
    SUM(error_count) AS k,
    SUM(error_count) / SUM(request_count) AS p,
    1.959963984540054D AS z
  FROM gold.usage_hourly
  GROUP BY provider_name, model_key
),

wilson AS (
  SELECT
    *,
    (p + z * z / (2 * n)) / (1 + z * z / n) AS middle,
    z * SQRT(p * (1 - p) / n + POWER(z / (2 * n), 2)) / (1 + z * z / n) AS half_width
  FROM totals
)

SELECT
  provider_name,
  model_key,
  n AS request_count,
  k AS error_count,
  p AS error_ratio,
  GREATEST(0, middle - half_width) AS error_ratio_low,
  LEAST(1, middle + half_width) AS error_ratio_high
FROM wilson
