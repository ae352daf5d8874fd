-- method: Half the cost of attempts that nobody waits for; batch interfaces are listed at half price.
-- assumptions: The provider has a batch interface for the model, and answers may take a day. Upper bound: all that
--   is not streamed. Lower bound: of that, a key's hours with 100 or more such attempts at one model, without
--   conversation or end user.
-- confidence: low
-- needs: silver.llm_interactions.is_stream
WITH waiting AS (
  SELECT
    provider_name,
    model_key,
    cost_usd,
    conversation_id IS NULL AND end_user_id IS NULL
    AND COUNT_IF(conversation_id IS NULL AND end_user_id IS NULL) OVER (
      PARTITION BY provider_name, model_key, api_key_hash, DATE_TRUNC('HOUR', event_at)
    ) >= 100 AS is_bulk
  FROM silver.llm_interactions
  WHERE
    event_date BETWEEN DATE '1970-01-01' AND DATE '9999-12-31'
    AND status = 'ok' AND NOT gateway_cache_hit AND NOT is_stream AND event_at IS NOT NULL AND cost_usd > 0
    AND COALESCE(service_tier, 'standard') = 'standard'
    AND operation_name IN ('chat', 'text_completion', 'embeddings', 'generate_content')
)

SELECT
  provider_name,
  model_key,
  COUNT(*) AS request_count,
  SUM(cost_usd) AS cost_usd,
  0.5 * COALESCE(SUM(cost_usd) FILTER (WHERE is_bulk), 0) AS saving_low_usd,
  0.5 * SUM(cost_usd) AS saving_high_usd
FROM waiting
GROUP BY provider_name, model_key
