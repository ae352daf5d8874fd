-- What fills each canonical column, per source, and why a column is null. Grain: source and column.
CREATE OR REPLACE VIEW analytics.column_coverage (
  source_name COMMENT 'Source',
  source_system COMMENT 'Kind of the source',
  canonical_column COMMENT 'Column of silver.llm_interactions',
  expression COMMENT 'What fills it; null when nothing does',
  why_null COMMENT 'Why it is null for this source; null when it is filled'
)
COMMENT 'One row per source and canonical column'
AS
SELECT
  source_name,
  source_system,
  canonical_column,
  expression,
  why_null
FROM ops.source_column
