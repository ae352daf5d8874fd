-- Traffic per UTC day. Grain: day and source; rows without any date stand under a null day.
CREATE OR REPLACE VIEW analytics.traffic_daily (
  event_date COMMENT 'UTC day; null where no date is known',
  source_name COMMENT 'Source',
  request_count COMMENT 'Attempts',
  error_count COMMENT 'Attempts that failed',
  untimed_count COMMENT 'Attempts without an event time: only their date, or nothing, is known',
  input_tokens COMMENT 'Input tokens, cached ones included',
  output_tokens COMMENT 'Output tokens',
  mean_duration_ms COMMENT 'Mean duration of answered attempts, ms'
)
COMMENT 'One row per UTC day and source'
AS
SELECT
  event_date,
  source_name,
  SUM(request_count) AS request_count,
  SUM(error_count) AS error_count,
  COALESCE(SUM(request_count) FILTER (WHERE hour_at IS NULL), 0) AS untimed_count,
  SUM(input_tokens) AS input_tokens,
  SUM(output_tokens) AS output_tokens,
  TRY_DIVIDE(SUM(duration_sum_ms), SUM(duration_count)) AS mean_duration_ms
FROM gold.usage_hourly
GROUP BY event_date, source_name
