-- Two clocks: when the pipeline last verified a batch, and how new the newest event is. Grain: source.
CREATE OR REPLACE VIEW analytics.source_freshness (
  source_name COMMENT 'Source',
  batch_count COMMENT 'Verified batches',
  last_batch_at COMMENT 'When the last batch was verified, UTC',
  newest_event_at COMMENT 'Newest event time read, UTC; null where the source has none',
  bronze_count COMMENT 'Rows in bronze',
  read_again_count COMMENT 'Rows read again because they lie in the overlap'
)
COMMENT 'One row per source'
AS
SELECT
  source_name,
  COUNT(*) AS batch_count,
  MAX(recorded_at) AS last_batch_at,
  MAX(max_event_at) AS newest_event_at,
  SUM(rows_written) AS bronze_count,
  SUM(rows_read - rows_written) AS read_again_count
FROM ops.batch
WHERE state = 'VERIFIED'
GROUP BY source_name
