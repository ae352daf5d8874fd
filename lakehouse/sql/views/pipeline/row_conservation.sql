-- Nothing is lost: every bronze row stands in silver, is held in quarantine or was superseded.
-- Grain: source. `is_conserved` is false when the two sides differ; while batches wait for refine it is null.
CREATE OR REPLACE VIEW analytics.row_conservation (
  source_name COMMENT 'Source',
  bronze_count COMMENT 'Rows that verified batches appended to bronze',
  silver_count COMMENT 'Rows that stand in silver.llm_interactions',
  quarantine_count COMMENT 'Rows held in silver.quarantine',
  superseded_count COMMENT 'Rows that a newer or equal version replaced',
  waiting_batch_count COMMENT 'Verified batches that are not refined yet',
  is_conserved COMMENT 'Whether bronze = silver + quarantine + superseded; null while batches wait'
)
COMMENT 'One row per source'
AS
WITH batches AS (
  SELECT
    source_name,
    SUM(rows_written) FILTER (WHERE state = 'VERIFIED') AS n,
    COUNT_IF(state = 'VERIFIED') - COUNT_IF(state = 'REFINED' AND NOT strategy <=> 'release') AS waiting
  FROM ops.batch
  GROUP BY source_name
),

silver_rows AS (
  SELECT
    source_name,
    COUNT(*) AS n
  FROM silver.llm_interactions
  GROUP BY source_name
),

held AS (
  SELECT
    source_name,
    COUNT(*) AS n
  FROM silver.quarantine
  GROUP BY source_name
),

replaced AS (
  SELECT
    source_name,
    COUNT(*) AS n
  FROM silver.superseded
  GROUP BY source_name
)

SELECT
  batches.source_name,
  batches.n AS bronze_count,
  COALESCE(silver_rows.n, 0) AS silver_count,
  COALESCE(held.n, 0) AS quarantine_count,
  COALESCE(replaced.n, 0) AS superseded_count,
  batches.waiting AS waiting_batch_count,
  CASE
    WHEN batches.waiting = 0
      THEN batches.n = COALESCE(silver_rows.n, 0) + COALESCE(held.n, 0) + COALESCE(replaced.n, 0)
  END AS is_conserved
FROM batches
LEFT JOIN silver_rows ON batches.source_name = silver_rows.source_name
LEFT JOIN held ON batches.source_name = held.source_name
LEFT JOIN replaced ON batches.source_name = replaced.source_name
