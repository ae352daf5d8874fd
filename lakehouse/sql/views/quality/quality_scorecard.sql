-- How good each table was when its gate last judged it. Scores: docs/DATA_QUALITY.md.
-- Grain: gate, table and dimension; a null dimension is the table as a whole.
CREATE OR REPLACE VIEW analytics.quality_scorecard (
  layer COMMENT 'Gate that judged: bronze, silver or gold',
  table_name COMMENT 'Table',
  dimension COMMENT 'Dimension of quality; null for the table as a whole',
  score COMMENT '0 to 100, at most 49 when a critical rule failed; null when no rule was judged',
  pass_ratio COMMENT 'Rows that met rules by rows in scope; null where no rule counts rows',
  rule_count COMMENT 'Rules that were judged',
  clean_row_ratio COMMENT 'Rows that broke no rule; null where it is not known',
  rule_coverage_ratio COMMENT 'Columns with a rule by columns of the table',
  judged_at COMMENT 'When the gate judged, UTC'
)
COMMENT 'One row per gate, table and dimension'
AS
WITH ranked AS (
  SELECT
    *,
    RANK() OVER (PARTITION BY layer, table_name ORDER BY judged_at DESC) AS place
  FROM ops.quality_score
)

SELECT
  layer,
  table_name,
  dimension,
  score,
  pass_ratio,
  rule_count,
  clean_row_ratio,
  rule_coverage_ratio,
  judged_at
FROM ranked
WHERE place = 1
