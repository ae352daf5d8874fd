-- method: Cost of attempts whose prompt the same model had answered within the cache's lifetime; counted by hash.
-- assumptions: A hit renews an entry. Masked prompts that differ only in what was masked look equal, and sampling
--   may be wanted: the lower bound counts only repeats that got the same answer.
-- confidence: high
-- needs: silver.llm_interaction_content.input_messages
WITH prompts AS (
  SELECT
    calls.interaction_id,
    calls.provider_name,
    calls.model_key,
    calls.cost_usd,
    UNIX_MICROS(calls.event_at) / 1e6 AS at_s,
    SHA2(content.input_messages, 256) AS prompt,
    SHA2(content.output_messages, 256) AS answer
  FROM silver.llm_interactions AS calls
  INNER JOIN silver.llm_interaction_content AS content ON calls.interaction_id = content.interaction_id
  WHERE
    calls.event_date BETWEEN DATE '1970-01-01' AND DATE '9999-12-31'
    AND calls.status = 'ok' AND NOT calls.gateway_cache_hit
    AND calls.cost_usd IS NOT NULL AND calls.event_at IS NOT NULL AND content.input_messages IS NOT NULL
),

spaced AS (
  SELECT
    *,
    at_s - LAG(at_s) OVER (PARTITION BY provider_name, model_key, prompt ORDER BY at_s, interaction_id) AS age_s,
    answer
    = LAG(answer) OVER (PARTITION BY provider_name, model_key, prompt ORDER BY at_s, interaction_id) AS is_same
  FROM prompts
)

SELECT
  lifetimes.variant_name,
  spaced.provider_name,
  spaced.model_key,
  COUNT(*) AS request_count,
  SUM(spaced.cost_usd) AS cost_usd,
  SUM(CASE WHEN spaced.is_same THEN spaced.cost_usd ELSE 0 END) AS saving_low_usd,
  SUM(spaced.cost_usd) AS saving_high_usd
FROM spaced
INNER JOIN VALUES ('5 min', 300), ('1 h', 3600), ('24 h', 86400), ('7 d', 604800) AS lifetimes (variant_name, ttl_s)
  ON spaced.age_s <= lifetimes.ttl_s
GROUP BY lifetimes.variant_name, spaced.provider_name, spaced.model_key
