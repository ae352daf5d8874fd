-- method: Fresh input cost of the longest leading part (4,096, 16,384 or 65,536 characters) that the model had
--   seen in the last 5 minutes, times a cache's discount.
-- assumptions: Tokens are spread evenly over a prompt's characters; at least 1,024 tokens. Upper bound: a cached
--   read costs a tenth. Lower bound: it costs half, and each first use a quarter more.
-- confidence: medium
-- needs: silver.llm_interaction_content.input_messages
WITH prompts AS (
  SELECT
    calls.interaction_id,
    calls.provider_name,
    calls.model_key,
    calls.input_tokens,
    calls.cost_usd,
    calls.cost_fresh_input_usd,
    content.input_messages AS prompt,
    UNIX_MICROS(calls.event_at) / 1e6 AS at_s
  FROM silver.llm_interactions AS calls
  INNER JOIN silver.llm_interaction_content AS content ON calls.interaction_id = content.interaction_id
  WHERE
    calls.event_date BETWEEN DATE '1970-01-01' AND DATE '9999-12-31'
    AND calls.status = 'ok' AND NOT calls.gateway_cache_hit AND calls.event_at IS NOT NULL
    AND calls.cost_fresh_input_usd > 0 AND COALESCE(calls.cache_read_input_tokens, 0) = 0
),

parts AS (
  SELECT
    prompts.*,
    sizes.size,
    prompts.cost_fresh_input_usd * sizes.size / LENGTH(prompts.prompt) AS part_usd,
    prompts.at_s - LAG(prompts.at_s) OVER (
      PARTITION BY prompts.provider_name, prompts.model_key, sizes.size, LEFT(prompts.prompt, sizes.size)
      ORDER BY prompts.at_s, prompts.interaction_id
    ) AS age_s
  FROM prompts
  INNER JOIN VALUES (4096), (16384), (65536) AS sizes (size) ON LENGTH(prompts.prompt) >= sizes.size
  WHERE prompts.input_tokens * sizes.size / LENGTH(prompts.prompt) >= 1024
),

attempts AS (
  SELECT
    provider_name,
    model_key,
    interaction_id,
    MAX(cost_usd) AS cost_usd,
    COALESCE(MAX(part_usd) FILTER (WHERE age_s <= 300), 0) AS reused_usd,
    COALESCE(MAX(part_usd) FILTER (WHERE age_s IS NULL OR age_s > 300), 0) AS written_usd
  FROM parts
  GROUP BY provider_name, model_key, interaction_id
)

SELECT
  provider_name,
  model_key,
  COUNT_IF(reused_usd > 0) AS request_count,
  SUM(cost_usd) FILTER (WHERE reused_usd > 0) AS cost_usd,
  GREATEST(0, 0.5 * SUM(reused_usd) - 0.25 * SUM(written_usd)) AS saving_low_usd,
  0.9 * SUM(reused_usd) AS saving_high_usd
FROM attempts
GROUP BY provider_name, model_key
HAVING SUM(reused_usd) > 0
