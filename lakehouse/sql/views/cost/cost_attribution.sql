-- Who costs what: every level that a cost can be charged to. Days are those of the reporting time zone.
-- Grain: day and every column up to prompt_version.
CREATE OR REPLACE VIEW analytics.cost_attribution (
  reporting_date COMMENT 'Day in reporting_time_zone; the UTC date where only that is known; null without',
  source_name COMMENT 'Source',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  service_tier COMMENT 'Tier that the response names; null counts as standard',
  operation_name COMMENT 'Kind of request',
  org_id COMMENT 'Organization; null where unknown',
  team_id COMMENT 'Team; null where unknown',
  app_name COMMENT 'Application; null where unknown',
  environment COMMENT 'Environment; null where unknown',
  user_id COMMENT 'User who is charged; null where unknown',
  end_user_id COMMENT 'End user behind the application; null where unknown',
  api_key_hash COMMENT 'Virtual key, hashed; null where unknown',
  prompt_name COMMENT 'Managed prompt; null where unknown',
  prompt_version COMMENT 'Its version; null where unknown',
  request_count COMMENT 'Attempts',
  unpriced_count COMMENT 'Attempts with usage but no price: not in cost_usd',
  input_tokens COMMENT 'Input tokens, cached ones included',
  output_tokens COMMENT 'Output tokens',
  cost_usd COMMENT 'Cost of priced attempts, USD: the exact sum of the five components; null where none is priced',
  cost_fresh_input_usd COMMENT 'Of it, input that no cache served, USD',
  cost_cache_read_usd COMMENT 'Of it, cached input, USD',
  cost_cache_write_usd COMMENT 'Of it, writing to the cache, USD',
  cost_output_usd COMMENT 'Of it, output, USD',
  cost_other_usd COMMENT 'Of it, the rest, USD',
  cost_reasoning_usd COMMENT 'Part of cost_output_usd that went into reasoning, USD; null where no reasoning is counted'
)
COMMENT 'One row per day in the reporting time zone and combination of all levels of attribution'
AS
WITH zone AS (
  SELECT COALESCE(MAX(setting_value), 'UTC') AS zone_name FROM ops.setting
  WHERE name = 'reporting_time_zone'
),

rates AS (
  SELECT
    price_id,
    COALESCE(
      MAX(CASE WHEN component = 'output_reasoning_mtok' THEN rate_usd END),
      MAX(CASE WHEN component = 'output_mtok' THEN rate_usd END)
    ) AS reasoning_rate_usd
  FROM gold.dim_model_price
  GROUP BY price_id
)

SELECT
  COALESCE(CAST(FROM_UTC_TIMESTAMP(attempts.event_at, zone.zone_name) AS DATE), attempts.event_date) AS reporting_date,
  attempts.source_name,
  attempts.provider_name,
  attempts.model_key,
  attempts.service_tier,
  attempts.operation_name,
  attempts.org_id,
  attempts.team_id,
  attempts.app_name,
  attempts.environment,
  attempts.user_id,
  attempts.end_user_id,
  attempts.api_key_hash,
  attempts.prompt_name,
  attempts.prompt_version,
  COUNT(*) AS request_count,
  COUNT_IF(attempts.cost_status IN ('unpriced', 'reported_only')) AS unpriced_count,
  SUM(attempts.input_tokens) AS input_tokens,
  SUM(attempts.output_tokens) AS output_tokens,
  SUM(attempts.cost_usd) AS cost_usd,
  SUM(attempts.cost_fresh_input_usd) AS cost_fresh_input_usd,
  SUM(attempts.cost_cache_read_usd) AS cost_cache_read_usd,
  SUM(attempts.cost_cache_write_usd) AS cost_cache_write_usd,
  SUM(attempts.cost_output_usd) AS cost_output_usd,
  SUM(attempts.cost_other_usd) AS cost_other_usd,
  CAST(SUM(CAST(attempts.reasoning_output_tokens AS DECIMAL(12, 0)) * rates.reasoning_rate_usd) AS DECIMAL(26, 6))
  * 0.000001 AS cost_reasoning_usd
FROM silver.llm_interactions AS attempts
CROSS JOIN zone
LEFT JOIN rates ON attempts.price_id = rates.price_id
GROUP BY ALL
