-- What could be saved, between bounds, with method, assumptions and the query that gives the figure.
-- A scenario is an upper bound only. What cannot be known stands with its reason and without a figure.
-- Grain: kind, variant and model. USD over the analysed days. Kinds overlap: do not add them.
CREATE OR REPLACE VIEW analytics.savings_opportunities (
  kind COMMENT 'What could be saved on',
  variant_name COMMENT 'Lifetime of a cache, or the cheaper model; null where there is one variant',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  request_count COMMENT 'Attempts it concerns',
  cost_usd COMMENT 'What they cost, USD',
  saving_low_usd COMMENT 'Lower bound, USD',
  saving_high_usd COMMENT 'Upper bound, USD',
  confidence COMMENT 'high, medium, low or scenario',
  method COMMENT 'How it was computed',
  assumptions COMMENT 'What must hold',
  why_unknown COMMENT 'What the data lack; null where there is a figure',
  evidence_query COMMENT 'The query that gives the figure',
  period_from COMMENT 'First UTC day analysed',
  period_to COMMENT 'Last UTC day analysed'
)
COMMENT 'One row per kind of saving, variant and model'
AS
SELECT
  kind,
  variant_name,
  provider_name,
  model_key,
  request_count,
  cost_usd,
  saving_low_usd,
  saving_high_usd,
  confidence,
  method,
  assumptions,
  why_unknown,
  evidence_query,
  period_from,
  period_to
FROM gold.savings_opportunity
