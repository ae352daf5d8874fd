-- Output speed of each model as sum over sum, never as a mean of ratios.
-- Grain: model. Units in the column names.
CREATE OR REPLACE VIEW analytics.model_throughput (
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  timed_count COMMENT 'Attempts that were answered and timed',
  mean_duration_ms COMMENT 'Sum of durations over attempts, ms',
  output_tokens_per_s COMMENT 'Output tokens over whole duration, tokens per second',
  generation_tokens_per_s COMMENT 'Tokens after the first over time after it, tokens per second; null if not streamed'
)
COMMENT 'One row per provider and model'
AS
SELECT
  provider_name,
  model_key,
  SUM(duration_count) AS timed_count,
  TRY_DIVIDE(SUM(duration_sum_ms), SUM(duration_count)) AS mean_duration_ms,
  TRY_DIVIDE(SUM(timed_output_tokens) * 1000, SUM(duration_sum_ms)) AS output_tokens_per_s,
  TRY_DIVIDE(SUM(generation_tokens) * 1000, SUM(generation_sum_ms)) AS generation_tokens_per_s
FROM gold.usage_hourly
GROUP BY provider_name, model_key
