-- Strange hours of failures, traffic, cost and latency, joined to episodes. Grain: episode.
CREATE OR REPLACE VIEW analytics.anomalies (
  anomaly_id COMMENT 'Names the episode',
  incident_id COMMENT 'Shared by episodes of harm of one provider that overlap in time',
  metric COMMENT 'errors, volume, cost, duration_p50 or duration_p95',
  direction COMMENT 'up or down',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  started_at COMMENT 'First strange hour, UTC',
  ended_at COMMENT 'End of the last one, UTC',
  hour_count COMMENT 'Strange hours',
  peak_at COMMENT 'The strangest hour, UTC',
  value COMMENT 'Its value: attempts, USD or ms',
  expected COMMENT 'What was to be expected of it, same unit',
  p_value COMMENT 'Chance of such a value if nothing changed',
  q_value COMMENT 'The same, adjusted over all tests of the day',
  excess COMMENT 'Sum over the episode of value minus expected; null for latencies',
  state COMMENT 'open or closed'
)
COMMENT 'One row per episode of a metric of a model'
AS
SELECT
  anomaly_id,
  incident_id,
  metric,
  direction,
  provider_name,
  model_key,
  started_at,
  ended_at,
  hour_count,
  peak_at,
  value,
  expected,
  p_value,
  q_value,
  excess,
  state
FROM gold.anomaly
