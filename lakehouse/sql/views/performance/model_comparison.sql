-- Every pair of models in both directions, over their common mix of operation, token bands and streaming.
-- Latencies: stratified Mann-Whitney, A12, shift as ratio; error ratios: Newcombe. q-values over all pairs.
-- Grain: metric, model and other model.
CREATE OR REPLACE VIEW analytics.model_comparison (
  metric COMMENT 'duration_ms, ttft_ms, tpot_ms or error_ratio',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  other_provider_name COMMENT 'Provider of the other model',
  other_model_key COMMENT 'The model it is compared with',
  request_count COMMENT 'Attempts of the model in the strata that both have',
  other_request_count COMMENT 'Attempts of the other in them',
  a12 COMMENT 'Chance that the model takes longer than the other, ties half; null for errors',
  ratio COMMENT 'Model over other: median ratio of pairs; null for errors',
  ratio_low COMMENT 'Lower end of its 95 % interval',
  ratio_high COMMENT 'Upper end of its 95 % interval',
  difference COMMENT 'Error ratio of the model minus that of the other; null for latencies',
  difference_low COMMENT 'Lower end of its 95 % interval',
  difference_high COMMENT 'Upper end of its 95 % interval',
  q_value COMMENT 'p-value adjusted for false discoveries over all pairs and metrics; null where too few',
  verdict COMMENT 'faster, slower, fewer errors, more errors, no evidence or too few (under 30 a side)'
)
COMMENT 'One row per metric, model and other model'
AS
SELECT
  metric,
  provider_name,
  model_key,
  other_provider_name,
  other_model_key,
  request_count,
  other_request_count,
  a12,
  ratio,
  ratio_low,
  ratio_high,
  difference,
  difference_low,
  difference_high,
  q_value,
  verdict
FROM gold.model_comparison
UNION ALL
SELECT
  metric,
  other_provider_name,
  other_model_key,
  provider_name,
  model_key,
  other_request_count,
  request_count,
  1 - a12 AS a12,
  1 / ratio AS ratio,
  1 / ratio_high AS ratio_low,
  1 / ratio_low AS ratio_high,
  -difference AS difference,
  -difference_high AS difference_low,
  -difference_low AS difference_high,
  q_value,
  CASE verdict
    WHEN 'faster' THEN 'slower'
    WHEN 'slower' THEN 'faster'
    WHEN 'fewer errors' THEN 'more errors'
    WHEN 'more errors' THEN 'fewer errors'
    ELSE verdict
  END AS verdict
FROM gold.model_comparison
