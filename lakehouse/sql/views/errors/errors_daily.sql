-- Failures per UTC day and dimension, by class and origin.
-- Grain: day, source, provider, model, application, team, status, class, origin and HTTP status.
CREATE OR REPLACE VIEW analytics.errors_daily (
  event_date COMMENT 'UTC day; null where no date is known',
  source_name COMMENT 'Source',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model; (none) where the source names none',
  app_name COMMENT 'Application; null where unknown',
  team_id COMMENT 'Team; null where unknown',
  status COMMENT 'Outcome: error, cancelled or rejected',
  error_type COMMENT 'Class of the error',
  error_origin COMMENT 'Who made it; null where it cannot be told',
  http_status_code COMMENT 'HTTP status; null where none was recorded',
  error_count COMMENT 'Failed attempts',
  cost_usd COMMENT 'What they cost by our price book, USD; null where none is priced',
  lost_s COMMENT 'Time they took, seconds; null where none was measured'
)
COMMENT 'One row per UTC day, dimensions and kind of error'
AS
SELECT
  event_date,
  source_name,
  provider_name,
  model_key,
  app_name,
  team_id,
  status,
  error_type,
  error_origin,
  http_status_code,
  SUM(request_count) AS error_count,
  SUM(cost_usd) AS cost_usd,
  SUM(duration_sum_ms) / 1000 AS lost_s
FROM gold.error_hourly
GROUP BY
  event_date, source_name, provider_name, model_key, app_name, team_id, status, error_type, error_origin,
  http_status_code
