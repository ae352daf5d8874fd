-- Which attempts each delivered file holds: membership in deliveries, joined to deduplicated silver.
-- An attempt that came in three files stands here three times, in silver once: never sum this view over deliveries.
-- Grain: delivered file and attempt. `is_standing` is false where a later delivery changed the row.
CREATE OR REPLACE VIEW analytics.delivered_interactions (
  source_name COMMENT 'Source',
  file_name COMMENT 'Delivered file that holds the row',
  batch_id COMMENT 'Batch that read the file',
  interaction_id COMMENT 'Attempt in silver.llm_interactions',
  delivered_count COMMENT 'How often the file has the row',
  is_standing COMMENT 'Whether silver has the version that this file brought',
  app_name COMMENT 'Application; null where unknown',
  provider_name COMMENT 'Provider; null where it cannot be told',
  response_model COMMENT 'Model as the source spells it',
  model_key COMMENT 'Canonical model',
  status COMMENT 'Outcome of the attempt',
  duration_ms COMMENT 'Milliseconds from start to end; null where unknown',
  ttft_ms COMMENT 'Milliseconds to the first token; null where unknown',
  input_tokens COMMENT 'Input tokens; null where no usage is known',
  output_tokens COMMENT 'Output tokens; null where no usage is known',
  cost_usd COMMENT 'Cost by our price book, USD; null when unpriced'
)
COMMENT 'One row per delivered file and attempt in it'
AS
SELECT
  deliveries.source_name,
  deliveries.file_name,
  deliveries.batch_id,
  interactions.interaction_id,
  delivered.row_count AS delivered_count,
  interactions.record_hash = delivered.record_hash AS is_standing,
  interactions.app_name,
  interactions.provider_name,
  interactions.response_model,
  interactions.model_key,
  interactions.status,
  interactions.duration_ms,
  interactions.ttft_ms,
  interactions.input_tokens,
  interactions.output_tokens,
  interactions.cost_usd
FROM ops.batch AS deliveries
INNER JOIN ops.delivered_row AS delivered ON deliveries.batch_id = delivered.batch_id
INNER JOIN silver.llm_interactions AS interactions
  ON
    delivered.source_name = interactions.source_name
    AND delivered.source_record_id = interactions.source_record_id
WHERE deliveries.state = 'VERIFIED' AND deliveries.file_name IS NOT NULL
