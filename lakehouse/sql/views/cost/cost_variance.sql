-- Why our cost differs from what a source reports, attempt by attempt: the first cause that explains it to 0.1 %.
-- Grain: source, provider, model and cause, over attempts that have both costs.
CREATE OR REPLACE VIEW analytics.cost_variance (
  source_name COMMENT 'Source',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  cause COMMENT 'agrees; gateway_cache_billed; reported_zero; cache_at_input_rate (cached input billed as fresh);
 cache_counted_twice (as fresh and as cached); cache_not_billed; reasoning_counted_twice; reasoning_not_billed;
 service_tier (a tier other than standard, which the source may not know); other_rates (none of these)',
  request_count COMMENT 'Attempts',
  cost_usd COMMENT 'Our cost, USD',
  cost_reported_usd COMMENT 'What the source reports, USD',
  variance_usd COMMENT 'Ours minus reported, USD',
  reported_ratio COMMENT 'Reported over ours: the same for all attempts where the source has another price'
)
COMMENT 'One row per source, provider, model and cause'
AS
WITH rates AS (
  SELECT
    price_id,
    MAX(CASE WHEN component = 'input_mtok' THEN CAST(rate_usd AS DOUBLE) END) / 1000000 AS input_usd,
    MAX(CASE WHEN component = 'output_mtok' THEN CAST(rate_usd AS DOUBLE) END) / 1000000 AS output_usd
  FROM gold.dim_model_price
  GROUP BY price_id
),

compared AS (
  SELECT
    attempts.*,
    COALESCE(attempts.cache_read_input_tokens, 0) + COALESCE(attempts.cache_write_input_tokens, 0) AS cached_tokens,
    attempts.cost_cache_read_usd + attempts.cost_cache_write_usd AS cost_cached_usd,
    COALESCE(rates.input_usd, 0) AS input_usd,
    COALESCE(attempts.reasoning_output_tokens, 0) * COALESCE(rates.output_usd, 0) AS cost_reasoning_usd,
    attempts.cost_reported_usd - attempts.cost_usd AS surplus_usd,
    GREATEST(0.001 * attempts.cost_reported_usd, 0.000000001) AS tolerance_usd
  FROM silver.llm_interactions AS attempts
  LEFT JOIN rates ON attempts.price_id = rates.price_id
  WHERE attempts.cost_usd IS NOT NULL AND attempts.cost_reported_usd IS NOT NULL
),

explained AS (
  SELECT
    *,
    CASE
      WHEN ABS(surplus_usd) <= tolerance_usd THEN 'agrees'
      WHEN gateway_cache_hit THEN 'gateway_cache_billed'
      WHEN cost_reported_usd = 0 THEN 'reported_zero'
      WHEN ABS(surplus_usd - (cached_tokens * input_usd - cost_cached_usd)) <= tolerance_usd THEN 'cache_at_input_rate'
      WHEN ABS(surplus_usd - cached_tokens * input_usd) <= tolerance_usd THEN 'cache_counted_twice'
      WHEN ABS(surplus_usd + cost_cached_usd) <= tolerance_usd THEN 'cache_not_billed'
      WHEN ABS(surplus_usd - cost_reasoning_usd) <= tolerance_usd THEN 'reasoning_counted_twice'
      WHEN ABS(surplus_usd + cost_reasoning_usd) <= tolerance_usd THEN 'reasoning_not_billed'
      WHEN service_tier <> 'standard' THEN 'service_tier'
      ELSE 'other_rates'
    END AS cause
  FROM compared
)

SELECT
  source_name,
  provider_name,
  model_key,
  cause,
  COUNT(*) AS request_count,
  SUM(cost_usd) AS cost_usd,
  SUM(cost_reported_usd) AS cost_reported_usd,
  SUM(cost_usd) - SUM(cost_reported_usd) AS variance_usd,
  TRY_DIVIDE(CAST(SUM(cost_reported_usd) AS DOUBLE), CAST(SUM(cost_usd) AS DOUBLE)) AS reported_ratio
FROM explained
GROUP BY source_name, provider_name, model_key, cause
