-- method: Cost less that of the same tokens at the mean prices per token of the cheapest model whose error ratio
--   is at most one point higher, by the 95 % interval.
-- assumptions: A scenario: nothing is known of the quality of its answers, so the lower bound is 0. Upper bound:
--   its tokenizer needs a fifth fewer tokens.
-- confidence: scenario
-- needs: silver.llm_interactions.cost_usd
WITH used AS (
  SELECT
    provider_name,
    model_key,
    SUM(priced_count) AS n,
    SUM(cost_usd) AS cost_usd,
    SUM(input_tokens) AS input_tokens,
    SUM(output_tokens) AS output_tokens,
    SUM(cost_fresh_input_usd + cost_cache_read_usd + cost_cache_write_usd) AS input_usd,
    SUM(cost_output_usd) AS output_usd
  FROM gold.usage_hourly
  WHERE event_date BETWEEN DATE '1970-01-01' AND DATE '9999-12-31' AND unpriced_count = 0 AND cost_usd > 0
  GROUP BY provider_name, model_key
),

allowed AS (
  SELECT
    provider_name,
    model_key,
    other_provider_name,
    other_model_key
  FROM gold.model_comparison
  WHERE metric = 'error_ratio' AND verdict <> 'too few' AND difference_low >= -0.01
  UNION ALL
  SELECT
    other_provider_name,
    other_model_key,
    provider_name,
    model_key
  FROM gold.model_comparison
  WHERE metric = 'error_ratio' AND verdict <> 'too few' AND difference_high <= 0.01
),

priced AS (
  SELECT
    ours.*,
    CONCAT_WS('/', theirs.provider_name, theirs.model_key) AS variant_name,
    ours.input_tokens * theirs.input_usd / theirs.input_tokens
    + ours.output_tokens * theirs.output_usd / theirs.output_tokens AS instead_usd
  FROM used AS ours
  INNER JOIN allowed ON ours.provider_name <=> allowed.provider_name AND ours.model_key = allowed.model_key
  INNER JOIN used AS theirs
    ON allowed.other_provider_name <=> theirs.provider_name AND allowed.other_model_key = theirs.model_key
  WHERE theirs.input_tokens > 0 AND theirs.output_tokens > 0
)

SELECT
  provider_name,
  model_key,
  0 AS saving_low_usd,
  MIN_BY(variant_name, (instead_usd, variant_name)) AS variant_name,
  MAX(n) AS request_count,
  MAX(cost_usd) AS cost_usd,
  MAX(cost_usd) - 0.8 * MIN(instead_usd) AS saving_high_usd
FROM priced
GROUP BY provider_name, model_key
HAVING MIN(instead_usd) < 0.8 * MAX(cost_usd)
