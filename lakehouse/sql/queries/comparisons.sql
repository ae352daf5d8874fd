-- Pairs of models over their common mix of requests, in both directions, the surest findings first.
-- Grain: metric, model and other model.
-- @param metric STRING: duration_ms, ttft_ms, tpot_ms or error_ratio; null for all
-- @param model_key STRING: null for all
-- @param other_model_key STRING: null for all
-- @param row_limit INT: rows at most
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
FROM analytics.model_comparison
WHERE
  (:metric IS NULL OR metric = :metric)
  AND (:model_key IS NULL OR model_key = :model_key)
  AND (:other_model_key IS NULL OR other_model_key = :other_model_key)
ORDER BY
  q_value ASC NULLS LAST,
  metric ASC,
  provider_name ASC,
  model_key ASC,
  other_provider_name ASC,
  other_model_key ASC
LIMIT :row_limit
