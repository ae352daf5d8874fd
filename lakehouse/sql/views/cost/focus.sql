-- Our costs in the shape of FOCUS 1.2 (FinOps Foundation), for tools that read it. They are computed, not billed.
-- Grain: hour (or date, or no time), combination of gold.usage_hourly's dimensions, and component of cost.
-- List prices are left null: a contract price stands in the place of the list's.
CREATE OR REPLACE VIEW analytics.focus (
  BilledCost COMMENT 'Computed cost, USD: sums to cost_usd of gold.usage_hourly exactly',
  EffectiveCost COMMENT 'The same: there are no commitments',
  ContractedCost COMMENT 'The same',
  ListCost COMMENT 'Null: not kept beside a contract price',
  BillingCurrency COMMENT 'USD',
  BillingPeriodStart COMMENT 'First instant of the UTC month; null without a date',
  BillingPeriodEnd COMMENT 'First instant of the next one; null without a date',
  ChargePeriodStart COMMENT 'Start of the UTC hour, else of the UTC day; null without a date',
  ChargePeriodEnd COMMENT 'End of it, exclusive',
  ChargeCategory COMMENT 'Usage',
  ChargeFrequency COMMENT 'Usage-Based',
  ChargeDescription COMMENT 'Model and component in words',
  ConsumedQuantity COMMENT 'Tokens of the component, of unpriced attempts too; null where it is not priced by tokens',
  ConsumedUnit COMMENT 'Tokens; null as before',
  PricingCategory COMMENT 'Standard',
  ProviderName COMMENT 'Provider; null where it cannot be told',
  PublisherName COMMENT 'The same',
  InvoiceIssuerName COMMENT 'The same',
  ServiceCategory COMMENT 'AI and Machine Learning',
  ServiceSubcategory COMMENT 'Generative AI',
  ServiceName COMMENT 'Kind of request',
  ResourceId COMMENT 'Canonical model',
  SkuId COMMENT 'Provider, model and component',
  SkuMeter COMMENT 'Component',
  RegionId COMMENT 'Region; null where unknown',
  SubAccountId COMMENT 'Team; null where unknown',
  Tags COMMENT 'Source, application and environment'
)
COMMENT 'One row per row of gold.usage_hourly and component of its cost'
AS
WITH charges AS (
  SELECT
    *,
    STACK(
      5,
      'fresh_input', cost_fresh_input_usd,
      COALESCE(input_tokens, 0) - COALESCE(cache_read_input_tokens, 0) - COALESCE(cache_write_input_tokens, 0),
      'cache_read', cost_cache_read_usd, COALESCE(cache_read_input_tokens, 0),
      'cache_write', cost_cache_write_usd, COALESCE(cache_write_input_tokens, 0),
      'output', cost_output_usd, COALESCE(output_tokens, 0),
      'other', cost_other_usd, CAST(NULL AS BIGINT)
    ) AS (component, charge_usd, tokens),
    COALESCE(hour_at, CAST(event_date AS TIMESTAMP)) AS starts_at
  FROM gold.usage_hourly
)

SELECT
  charge_usd AS BilledCost,
  charge_usd AS EffectiveCost,
  charge_usd AS ContractedCost,
  CAST(NULL AS DECIMAL(38, 12)) AS ListCost,
  'USD' AS BillingCurrency,
  DATE_TRUNC('MONTH', starts_at) AS BillingPeriodStart,
  DATE_TRUNC('MONTH', starts_at) + INTERVAL 1 MONTH AS BillingPeriodEnd,
  starts_at AS ChargePeriodStart,
  CASE WHEN hour_at IS NULL THEN starts_at + INTERVAL 1 DAY ELSE starts_at + INTERVAL 1 HOUR END AS ChargePeriodEnd,
  'Usage' AS ChargeCategory,
  'Usage-Based' AS ChargeFrequency,
  CONCAT(model_key, ': ', REPLACE(component, '_', ' ')) AS ChargeDescription,
  tokens AS ConsumedQuantity,
  CASE WHEN tokens IS NOT NULL THEN 'Tokens' END AS ConsumedUnit,
  'Standard' AS PricingCategory,
  provider_name AS ProviderName,
  provider_name AS PublisherName,
  provider_name AS InvoiceIssuerName,
  'AI and Machine Learning' AS ServiceCategory,
  'Generative AI' AS ServiceSubcategory,
  operation_name AS ServiceName,
  model_key AS ResourceId,
  CONCAT_WS('/', provider_name, model_key, component) AS SkuId,
  component AS SkuMeter,
  region AS RegionId,
  team_id AS SubAccountId,
  MAP('source', source_name, 'application', app_name, 'environment', environment) AS Tags
FROM charges
WHERE charge_usd IS NOT NULL AND (charge_usd <> 0 OR component IN ('fresh_input', 'output'))
