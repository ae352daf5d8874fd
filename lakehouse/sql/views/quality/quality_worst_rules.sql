-- Rules that were broken, worst first by how often they stopped a gate, then by how often they failed.
-- Grain: table and rule that failed at least once. What to do about each: docs/DATA_QUALITY.md.
CREATE OR REPLACE VIEW analytics.quality_worst_rules (
  worst_rank COMMENT '1 for the worst',
  table_name COMMENT 'Table',
  rule_id COMMENT 'Rule',
  dimension COMMENT 'Dimension of quality',
  severity COMMENT 'critical or warning',
  on_fail COMMENT 'quarantine holds rows back, flag marks them, gate judges the run',
  judged_count COMMENT 'Times that it was judged',
  failed_count COMMENT 'Times that it failed',
  blocked_count COMMENT 'Times that it stopped the gate',
  unexpected_count COMMENT 'Rows that broke it, summed; null where it counts none',
  last_unexpected_ratio COMMENT 'Share of rows that broke it when last judged; null where it counts none',
  is_failing COMMENT 'Whether it failed when last judged',
  last_failed_at COMMENT 'When it last failed, UTC'
)
COMMENT 'One row per table and rule that failed at least once'
AS
WITH rules AS (
  SELECT
    table_name,
    rule_id,
    MAX_BY(dimension, judged_at) AS dimension,
    MAX_BY(severity, judged_at) AS severity,
    MAX_BY(on_fail, judged_at) AS on_fail,
    COUNT(*) AS judged_count,
    COUNT_IF(NOT is_met) AS failed_count,
    COUNT_IF(decision = 'BLOCK') AS blocked_count,
    SUM(unexpected_count) AS unexpected_count,
    MAX_BY(unexpected_ratio, judged_at) AS last_unexpected_ratio,
    NOT MAX_BY(is_met, judged_at) AS is_failing,
    MAX(judged_at) FILTER (WHERE NOT is_met) AS last_failed_at
  FROM ops.quality_result
  WHERE is_met IS NOT NULL
  GROUP BY table_name, rule_id
)

SELECT
  ROW_NUMBER() OVER (ORDER BY blocked_count DESC, failed_count DESC, table_name ASC, rule_id ASC) AS worst_rank,
  table_name,
  rule_id,
  dimension,
  severity,
  on_fail,
  judged_count,
  failed_count,
  blocked_count,
  unexpected_count,
  last_unexpected_ratio,
  is_failing,
  last_failed_at
FROM rules
WHERE failed_count > 0
