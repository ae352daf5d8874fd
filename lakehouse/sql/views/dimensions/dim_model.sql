-- Every model that was seen, with what it costs now, for BI.
-- Grain: provider and canonical model.
CREATE OR REPLACE VIEW analytics.dim_model (
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  is_matched COMMENT 'Whether the price book knows it',
  spellings COMMENT 'How the sources spell it',
  input_usd_per_mtok COMMENT 'Standard price of a million input tokens now, USD; null where unknown',
  output_usd_per_mtok COMMENT 'Standard price of a million output tokens now, USD; null where unknown',
  price_source COMMENT 'Who says so: contract, genai-prices or mlflow; null without a price',
  first_date COMMENT 'First UTC day; null where no date is known',
  last_date COMMENT 'Last UTC day; null where no date is known',
  request_count COMMENT 'Attempts'
)
COMMENT 'One row per provider and canonical model'
AS
WITH seen AS (
  SELECT
    provider_name,
    model_key,
    MIN(event_date) AS first_date,
    MAX(event_date) AS last_date,
    SUM(request_count) AS request_count
  FROM gold.usage_hourly
  GROUP BY provider_name, model_key
),

spelled AS (
  SELECT
    provider_name,
    model_key,
    MAX(is_matched) AS is_matched,
    ARRAY_SORT(COLLECT_SET(response_model)) AS spellings
  FROM silver.model_alias
  GROUP BY provider_name, model_key
),

prices AS (
  SELECT
    provider_name,
    model_key,
    MAX(CASE WHEN component = 'input_mtok' THEN rate_usd END) AS input_usd_per_mtok,
    MAX(CASE WHEN component = 'output_mtok' THEN rate_usd END) AS output_usd_per_mtok,
    MIN(price_source) AS price_source
  FROM gold.dim_model_price
  WHERE
    superseded_at IS NULL AND service_tier = 'standard' AND tier_start_tokens IS NULL
    AND COALESCE(daily_start, '00:00:00') = '00:00:00'
    AND (valid_from IS NULL OR valid_from <= CURRENT_TIMESTAMP())
    AND (valid_to IS NULL OR valid_to > CURRENT_TIMESTAMP())
  GROUP BY provider_name, model_key
)

SELECT
  seen.provider_name,
  seen.model_key,
  COALESCE(spelled.is_matched, FALSE) AS is_matched,
  spelled.spellings,
  prices.input_usd_per_mtok,
  prices.output_usd_per_mtok,
  prices.price_source,
  seen.first_date,
  seen.last_date,
  seen.request_count
FROM seen
LEFT JOIN spelled ON seen.provider_name <=> spelled.provider_name AND seen.model_key = spelled.model_key
LEFT JOIN prices ON seen.provider_name = prices.provider_name AND seen.model_key = prices.model_key
