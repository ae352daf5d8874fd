-- What was held back and why. Grain: source and rule; a row that broke two rules stands under both.
CREATE OR REPLACE VIEW analytics.quarantine_summary (
  source_name COMMENT 'Source',
  rule_id COMMENT 'Rule that was broken',
  row_count COMMENT 'Rows that broke it',
  first_seen_at COMMENT 'When the first of them was held back, UTC',
  last_seen_at COMMENT 'When the last of them was held back, UTC'
)
COMMENT 'One row per source and rule'
AS
WITH broken AS (
  SELECT
    source_name,
    recorded_at,
    EXPLODE(failed_rules) AS rule_id
  FROM silver.quarantine
)

SELECT
  source_name,
  rule_id,
  COUNT(*) AS `row_count`,
  MIN(recorded_at) AS first_seen_at,
  MAX(recorded_at) AS last_seen_at
FROM broken
GROUP BY source_name, rule_id
