-- Episodes of failures and slowness of one provider that overlap in time, as one incident. Grain: incident.
CREATE OR REPLACE VIEW analytics.incidents (
  incident_id COMMENT 'Names the incident',
  provider_name COMMENT 'Provider; null where it cannot be told',
  started_at COMMENT 'Start of its first episode, UTC',
  ended_at COMMENT 'End of its last episode, UTC',
  duration_h COMMENT 'From start to end, hours',
  model_count COMMENT 'Models touched',
  model_names COMMENT 'Their names',
  metric_names COMMENT 'What was strange',
  excess_error_count COMMENT 'Failures beyond those to be expected; null where no failures were strange',
  incident_state COMMENT 'open while one of its episodes is'
)
COMMENT 'One row per incident'
AS
SELECT
  incident_id,
  provider_name,
  MIN(started_at) AS started_at,
  MAX(ended_at) AS ended_at,
  (UNIX_SECONDS(MAX(ended_at)) - UNIX_SECONDS(MIN(started_at))) / 3600 AS duration_h,
  COUNT(DISTINCT model_key) AS model_count,
  ARRAY_SORT(COLLECT_SET(model_key)) AS model_names,
  ARRAY_SORT(COLLECT_SET(metric)) AS metric_names,
  SUM(excess) FILTER (WHERE metric = 'errors') AS excess_error_count,
  MAX(state) AS incident_state
FROM gold.anomaly
WHERE incident_id IS NOT NULL
GROUP BY incident_id, provider_name
