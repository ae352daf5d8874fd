-- Calls of more than one attempt: what the attempts before the last cost and how long they took.
-- Grain: source, first model, last model and outcome. Sources that name no call have none.
CREATE OR REPLACE VIEW analytics.retry_chains (
  source_name COMMENT 'Source',
  first_model COMMENT 'Model of the first attempt',
  last_model COMMENT 'Model of the last attempt; another one is a fallback',
  is_fallback COMMENT 'Whether they differ',
  outcome COMMENT 'Status of the last attempt',
  call_count COMMENT 'Calls',
  attempt_count COMMENT 'Attempts of these calls',
  wasted_usd COMMENT 'Cost of failed attempts, USD; null where none is priced',
  added_s COMMENT 'Time from the first start to the last start, seconds, summed; null where times are missing'
)
COMMENT 'One row per source, first model, last model and outcome'
AS
WITH calls AS (
  SELECT
    source_name,
    request_group_id,
    MIN_BY(model_key, STRUCT(started_at, interaction_id)) AS first_model,
    MAX_BY(model_key, STRUCT(started_at, interaction_id)) AS last_model,
    MAX_BY(status, STRUCT(started_at, interaction_id)) AS outcome,
    COUNT(*) AS attempts,
    SUM(cost_usd) FILTER (WHERE status <> 'ok') AS wasted_usd,
    (UNIX_MICROS(MAX(started_at)) - UNIX_MICROS(MIN(started_at))) / 1e6 AS added_s
  FROM silver.llm_interactions
  WHERE request_group_id IS NOT NULL
  GROUP BY source_name, request_group_id
  HAVING COUNT(*) > 1
)

SELECT
  source_name,
  first_model,
  last_model,
  first_model <> last_model AS is_fallback,
  outcome,
  COUNT(*) AS call_count,
  SUM(attempts) AS attempt_count,
  SUM(wasted_usd) AS wasted_usd,
  SUM(added_s) AS added_s
FROM calls
GROUP BY source_name, first_model, last_model, outcome
