-- method: Cost of failed attempts of calls that no attempt answered.
-- assumptions: Their cause can be removed. Upper bound: timeouts, cancellations and server errors without usage
--   were billed the model's mean cost of an answer.
-- confidence: medium
-- needs: silver.llm_interactions.error_type
WITH attempts AS (
  SELECT
    provider_name,
    model_key,
    status,
    error_type,
    cost_usd,
    AVG(CASE WHEN status = 'ok' THEN cost_usd END) OVER (PARTITION BY provider_name, model_key) AS answer_usd,
    request_group_id IS NOT NULL
    AND COUNT_IF(status = 'ok') OVER (PARTITION BY source_name, request_group_id) > 0 AS is_answered
  FROM silver.llm_interactions
  WHERE event_date BETWEEN DATE '1970-01-01' AND DATE '9999-12-31'
)

SELECT
  provider_name,
  model_key,
  COUNT(*) AS request_count,
  SUM(cost_usd) AS cost_usd,
  COALESCE(SUM(cost_usd), 0) AS saving_low_usd,
  SUM(
    CASE
      WHEN cost_usd IS NOT NULL THEN cost_usd
      WHEN error_type IN ('timeout', 'cancelled', 'server_error') THEN COALESCE(answer_usd, 0)
      ELSE 0
    END
  ) AS saving_high_usd
FROM attempts
WHERE status <> 'ok' AND NOT is_answered
GROUP BY provider_name, model_key
