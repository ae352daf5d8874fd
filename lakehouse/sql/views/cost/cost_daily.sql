-- Cost per UTC day and model, by component; the components sum to cost_usd exactly.
-- Grain: day, source, team, application and model. USD.
CREATE OR REPLACE VIEW analytics.cost_daily (
  event_date COMMENT 'UTC day; null where no date is known',
  source_name COMMENT 'Source',
  team_id COMMENT 'Team; null where unknown',
  app_name COMMENT 'Application; null where unknown',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  request_count COMMENT 'Attempts',
  cost_usd COMMENT 'Cost of priced attempts, USD; null where none is priced',
  cost_fresh_input_usd COMMENT 'Of it, input that no cache served, USD',
  cost_cache_read_usd COMMENT 'Of it, cached input, USD',
  cost_cache_write_usd COMMENT 'Of it, writing to the cache, USD',
  cost_output_usd COMMENT 'Of it, output, USD',
  cost_other_usd COMMENT 'Of it, the rest, USD',
  unpriced_count COMMENT 'Attempts with usage but no price: not in cost_usd'
)
COMMENT 'One row per UTC day, source, team, application and model'
AS
SELECT
  event_date,
  source_name,
  team_id,
  app_name,
  provider_name,
  model_key,
  SUM(request_count) AS request_count,
  SUM(cost_usd) AS cost_usd,
  SUM(cost_fresh_input_usd) AS cost_fresh_input_usd,
  SUM(cost_cache_read_usd) AS cost_cache_read_usd,
  SUM(cost_cache_write_usd) AS cost_cache_write_usd,
  SUM(cost_output_usd) AS cost_output_usd,
  SUM(cost_other_usd) AS cost_other_usd,
  SUM(unpriced_count) AS unpriced_count
FROM gold.usage_hourly
GROUP BY event_date, source_name, team_id, app_name, provider_name, model_key
