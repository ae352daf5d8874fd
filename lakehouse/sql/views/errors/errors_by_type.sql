-- What fails, by class and origin. Grain: model, class, origin and HTTP status.
CREATE OR REPLACE VIEW analytics.errors_by_type (
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model; (none) where the source names none',
  status COMMENT 'Outcome: error, cancelled or rejected',
  error_type COMMENT 'Class of the error',
  error_origin COMMENT 'Who made it; null where it cannot be told',
  http_status_code COMMENT 'HTTP status; null where none was recorded',
  error_count COMMENT 'Failed attempts',
  cost_usd COMMENT 'What they cost by our price book, USD; null where none is priced',
  lost_s COMMENT 'Time they took, seconds; null where none was measured'
)
COMMENT 'One row per model, class, origin and HTTP status of an error'
AS
SELECT
  provider_name,
  model_key,
  status,
  error_type,
  error_origin,
  http_status_code,
  SUM(request_count) AS error_count,
  SUM(cost_usd) AS cost_usd,
  SUM(duration_sum_ms) / 1000 AS lost_s
FROM gold.error_hourly
GROUP BY provider_name, model_key, status, error_type, error_origin, http_status_code
