-- method: Cost of failed attempts of a call that another attempt answered.
-- assumptions: The call would have been answered at once. Upper bound: failures without usage were billed the
--   input of the attempt that was answered.
-- confidence: high
-- needs: silver.llm_interactions.request_group_id
WITH attempts AS (
  SELECT
    provider_name,
    model_key,
    status,
    cost_usd,
    MAX(CASE WHEN status = 'ok' THEN COALESCE(cost_fresh_input_usd, 0) END) OVER (
      PARTITION BY source_name, request_group_id
    ) AS answered_input_usd
  FROM silver.llm_interactions
  WHERE event_date BETWEEN DATE '1970-01-01' AND DATE '9999-12-31' AND request_group_id IS NOT NULL
)

SELECT
  provider_name,
  model_key,
  COUNT(*) AS request_count,
  SUM(cost_usd) AS cost_usd,
  COALESCE(SUM(cost_usd), 0) AS saving_low_usd,
  SUM(COALESCE(cost_usd, answered_input_usd)) AS saving_high_usd
FROM attempts
WHERE status <> 'ok' AND answered_input_usd IS NOT NULL
GROUP BY provider_name, model_key
