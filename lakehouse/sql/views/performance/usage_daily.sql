-- Traffic, speed and money per UTC day and dimension: sums only, so any filter and any grouping adds them up again.
-- Grain: day, source, provider, model, application and team.
CREATE OR REPLACE VIEW analytics.usage_daily (
  event_date COMMENT 'UTC day; null where no date is known',
  source_name COMMENT 'Source',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model; (none) where the source names none',
  app_name COMMENT 'Application; null where unknown',
  team_id COMMENT 'Team; null where unknown',
  request_count COMMENT 'Attempts',
  error_count COMMENT 'Attempts whose status is not ok',
  gateway_cache_hit_count COMMENT 'Attempts answered from the gateway cache',
  retry_count COMMENT 'Retries made within the attempts',
  priced_count COMMENT 'Attempts with a price',
  unpriced_count COMMENT 'Attempts with usage but no price: not in cost_usd',
  input_tokens COMMENT 'Input tokens, cached ones included; null where no attempt has any',
  cache_read_input_tokens COMMENT 'Of them, read from the provider cache',
  output_tokens COMMENT 'Output tokens',
  duration_count COMMENT 'Answered attempts with a duration',
  duration_sum_ms COMMENT 'Sum of their durations, ms',
  timed_output_tokens COMMENT 'Sum of their output tokens',
  generation_tokens COMMENT 'Output tokens after the first, of streamed attempts',
  generation_sum_ms COMMENT 'Sum of the times after the first token, ms',
  cost_usd COMMENT 'Cost of priced attempts, USD; null where none is priced',
  cost_reported_usd COMMENT 'What the source reports, USD; null where it reports nothing'
)
COMMENT 'One row per UTC day, source, provider, model, application and team'
AS
SELECT
  event_date,
  source_name,
  provider_name,
  model_key,
  app_name,
  team_id,
  SUM(request_count) AS request_count,
  SUM(error_count) AS error_count,
  SUM(gateway_cache_hit_count) AS gateway_cache_hit_count,
  SUM(retry_count) AS retry_count,
  SUM(priced_count) AS priced_count,
  SUM(unpriced_count) AS unpriced_count,
  SUM(input_tokens) AS input_tokens,
  SUM(cache_read_input_tokens) AS cache_read_input_tokens,
  SUM(output_tokens) AS output_tokens,
  SUM(duration_count) AS duration_count,
  SUM(duration_sum_ms) AS duration_sum_ms,
  SUM(timed_output_tokens) AS timed_output_tokens,
  SUM(generation_tokens) AS generation_tokens,
  SUM(generation_sum_ms) AS generation_sum_ms,
  SUM(cost_usd) AS cost_usd,
  SUM(cost_reported_usd) AS cost_reported_usd
FROM gold.usage_hourly
GROUP BY event_date, source_name, provider_name, model_key, app_name, team_id
