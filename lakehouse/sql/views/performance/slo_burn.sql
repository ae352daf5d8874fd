-- How fast each service level objective of the settings burns its error budget, over 1 h, 6 h and 3 d.
-- A burn rate is the share that missed the objective over the share that may. A window alerts when it and a shorter one
-- burn at the alert rate (Google, The Site Reliability Workbook, 2018, chapter 5). Grain: objective and window.
CREATE OR REPLACE VIEW analytics.slo_burn (
  slo_name COMMENT 'Objective',
  metric COMMENT 'errors, or a latency',
  threshold_ms COMMENT 'Answers that take longer miss it, ms; null for errors',
  objective_ratio COMMENT 'Share of attempts that must meet it',
  window_hours COMMENT 'Hours up to measured_at',
  request_count COMMENT 'Attempts of the window',
  bad_count COMMENT 'Of them, those that missed it',
  burn_rate COMMENT 'Share that missed over share that may; null without attempts',
  short_burn_rate COMMENT 'The same over the shorter window',
  alert_rate COMMENT 'Rate from which both are an alert',
  state COMMENT 'ok, ticket or page',
  measured_at COMMENT 'End of the newest hour of data, UTC'
)
COMMENT 'One row per service level objective and window'
AS
SELECT
  slo_name,
  metric,
  threshold_ms,
  objective_ratio,
  window_hours,
  request_count,
  bad_count,
  burn_rate,
  short_burn_rate,
  alert_rate,
  state,
  measured_at
FROM gold.slo_burn
