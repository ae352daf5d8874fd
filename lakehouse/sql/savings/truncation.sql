-- method: Cost of answers that were cut off at the token limit.
-- assumptions: Upper bound: none of them was of use. Lower bound: all were.
-- confidence: low
-- needs: silver.llm_interactions.finish_reason
SELECT
  provider_name,
  model_key,
  0 AS saving_low_usd,
  COUNT(*) AS request_count,
  SUM(cost_usd) AS cost_usd,
  SUM(cost_usd) AS saving_high_usd
FROM silver.llm_interactions
WHERE
  event_date BETWEEN DATE '1970-01-01' AND DATE '9999-12-31'
  AND status = 'ok' AND cost_usd > 0 AND LOWER(finish_reason) IN ('length', 'max_tokens', 'max_output_tokens')
GROUP BY provider_name, model_key
