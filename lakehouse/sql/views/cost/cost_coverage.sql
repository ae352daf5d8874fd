-- How much of the traffic has a price, and how far ours is from what the source reports.
-- Grain: source, provider and model. USD.
CREATE OR REPLACE VIEW analytics.cost_coverage (
  source_name COMMENT 'Source',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  request_count COMMENT 'Attempts',
  priced_count COMMENT 'Attempts with a price',
  unpriced_count COMMENT 'Attempts with usage but no price',
  no_usage_count COMMENT 'Attempts without usage: failures, or sources that record none',
  priced_token_ratio COMMENT 'Tokens of priced attempts over all tokens; null without tokens',
  cost_usd COMMENT 'Our cost of the priced attempts, USD',
  cost_reported_priced_usd COMMENT 'What the source reports for the same attempts, USD; null where it reports none',
  variance_usd COMMENT 'Ours minus reported over the attempts that have both, USD; null where none has'
)
COMMENT 'One row per source, provider and model'
AS
SELECT
  source_name,
  provider_name,
  model_key,
  SUM(request_count) AS request_count,
  SUM(priced_count) AS priced_count,
  SUM(unpriced_count) AS unpriced_count,
  SUM(no_usage_count) AS no_usage_count,
  TRY_DIVIDE(
    SUM(priced_tokens), COALESCE(SUM(input_tokens), 0) + COALESCE(SUM(output_tokens), 0)
  ) AS priced_token_ratio,
  SUM(cost_usd) AS cost_usd,
  SUM(cost_reported_priced_usd) AS cost_reported_priced_usd,
  SUM(cost_compared_usd) - SUM(cost_reported_priced_usd) AS variance_usd
FROM gold.usage_hourly
GROUP BY source_name, provider_name, model_key
