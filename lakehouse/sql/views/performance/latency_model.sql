-- What an answer takes: duration = time to first token + time per output token * (tokens - 1).
-- Time per output token is (end - first token) / (output tokens - 1) as sum over sum, never a mean of ratios.
-- Grain: provider and model, of those with streamed answers.
CREATE OR REPLACE VIEW analytics.latency_model (
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  ttft_count COMMENT 'Answered attempts with a time to first token',
  ttft_p50_ms COMMENT 'Median time to first token, ms; null when there are fewer than 20',
  tpot_ms COMMENT 'Time per output token after the first: sum of times over sum of tokens, ms',
  tokens_per_s COMMENT 'Output tokens per second while generating, its inverse',
  duration_100_tokens_ms COMMENT 'Modelled duration of an answer of 100 tokens, ms',
  duration_1000_tokens_ms COMMENT 'Modelled duration of an answer of 1,000 tokens, ms'
)
COMMENT 'One row per provider and model with streamed answers'
AS
WITH speed AS (
  SELECT
    provider_name,
    model_key,
    SUM(generation_sum_ms) / SUM(generation_tokens) AS tpot_ms
  FROM gold.usage_hourly
  GROUP BY provider_name, model_key
  HAVING SUM(generation_tokens) > 0 AND SUM(generation_sum_ms) > 0
)

SELECT
  speed.provider_name,
  speed.model_key,
  ttft.request_count AS ttft_count,
  ttft.p50_ms AS ttft_p50_ms,
  speed.tpot_ms,
  1000 / speed.tpot_ms AS tokens_per_s,
  ttft.p50_ms + 99 * speed.tpot_ms AS duration_100_tokens_ms,
  ttft.p50_ms + 999 * speed.tpot_ms AS duration_1000_tokens_ms
FROM speed
LEFT JOIN analytics.model_latency AS ttft
  ON
    ttft.metric = 'ttft_ms'
    AND speed.provider_name <=> ttft.provider_name
    AND speed.model_key <=> ttft.model_key
