-- What each delivered file brought, and what of it still stands.
-- Grain: source and file as it was delivered: the same name with other content is another delivery.
CREATE OR REPLACE VIEW analytics.deliveries (
  source_name COMMENT 'Source',
  file_name COMMENT 'Path within the source''s folder',
  batch_id COMMENT 'Batch that read the file',
  read_at COMMENT 'When it was read, UTC',
  file_sha256 COMMENT 'SHA-256 of its bytes',
  file_bytes COMMENT 'Its size',
  delivered_count COMMENT 'Rows in the file',
  new_count COMMENT 'Rows that bronze did not have yet',
  repeated_count COMMENT 'Rows that earlier deliveries had brought already'
)
COMMENT 'One row per delivered file'
AS
SELECT
  source_name,
  file_name,
  batch_id,
  recorded_at AS read_at,
  file_sha256,
  file_bytes,
  rows_source AS delivered_count,
  rows_written AS new_count,
  rows_source - rows_written AS repeated_count
FROM ops.batch
WHERE state = 'VERIFIED' AND file_name IS NOT NULL
