-- What the price book does not know, the most tokens first: what to put into the contract prices.
-- Grain: source, provider and model with usage but no price.
CREATE OR REPLACE VIEW analytics.unpriced_models (
  source_name COMMENT 'Source',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Model as the source spells it',
  unpriced_count COMMENT 'Attempts with usage but no price',
  unpriced_tokens COMMENT 'Input and output tokens of attempts without a price',
  unpriced_token_ratio COMMENT 'Those over all tokens of everything loaded; null without tokens',
  cost_reported_unpriced_usd COMMENT 'What the source reports for attempts that we do not price, USD; null without',
  first_date COMMENT 'First UTC day; null where none is known',
  last_date COMMENT 'Last UTC day; null where none is known'
)
COMMENT 'One row per source, provider and model without a price'
AS
WITH models AS (
  SELECT
    source_name,
    provider_name,
    model_key,
    SUM(unpriced_count) AS unpriced_count,
    COALESCE(SUM(input_tokens), 0) + COALESCE(SUM(output_tokens), 0) AS tokens,
    SUM(priced_tokens) AS priced_tokens,
    SUM(cost_reported_usd) - COALESCE(SUM(cost_reported_priced_usd), 0) AS cost_reported_unpriced_usd,
    MIN(event_date) AS first_date,
    MAX(event_date) AS last_date
  FROM gold.usage_hourly
  GROUP BY source_name, provider_name, model_key
),

whole AS (SELECT SUM(tokens) AS all_tokens FROM models)

SELECT
  models.source_name,
  models.provider_name,
  models.model_key,
  models.unpriced_count,
  models.tokens - models.priced_tokens AS unpriced_tokens,
  TRY_DIVIDE(models.tokens - models.priced_tokens, whole.all_tokens) AS unpriced_token_ratio,
  models.cost_reported_unpriced_usd,
  models.first_date,
  models.last_date
FROM models
CROSS JOIN whole
WHERE models.unpriced_count > 0
ORDER BY models.tokens - models.priced_tokens DESC
