-- What was held back and why. Grain: source and rule; a row that broke two rules stands under both.
CREATE OR REPLACE VIEW analytics.quarantine_summary (
  source_name COMMENT 'Source',
  rule_id COMMENT 'Rule that was broken',
  row_count COMMENT 'Rows that broke it',
  discarded_count COMMENT 'Of them, rows that somebody decided to leave out for good',
  first_seen_at COMMENT 'When the first of them was held back, UTC',
  last_seen_at COMMENT 'When the last of them was held back, UTC'
)
COMMENT 'One row per source and rule'
AS
WITH discarded AS (
  SELECT DISTINCT
    source_name,
    record_hash,
    batch_id
  FROM ops.quarantine_decision
  WHERE outcome = 'discarded'
),

broken AS (
  SELECT
    held.source_name,
    held.recorded_at,
    discarded.batch_id IS NOT NULL AS is_discarded,
    EXPLODE(held.failed_rules) AS rule_id
  FROM silver.quarantine AS held
  LEFT JOIN discarded
    ON
      held.source_name = discarded.source_name
      AND held.record_hash = discarded.record_hash
      AND held.batch_id = discarded.batch_id
)

SELECT
  source_name,
  rule_id,
  COUNT(*) AS `row_count`,
  COUNT_IF(is_discarded) AS discarded_count,
  MIN(recorded_at) AS first_seen_at,
  MAX(recorded_at) AS last_seen_at
FROM broken
GROUP BY source_name, rule_id
