-- How the scores moved. Grain: UTC day of the judgement, gate and table.
CREATE OR REPLACE VIEW analytics.quality_trend (
  judged_date COMMENT 'UTC day of the judgement',
  layer COMMENT 'Gate that judged: bronze, silver or gold',
  table_name COMMENT 'Table',
  gate_count COMMENT 'Times that its gate judged',
  last_score COMMENT 'Score of the last of them, 0 to 100; null when no rule was judged',
  lowest_score COMMENT 'Lowest of them',
  lowest_pass_ratio COMMENT 'Lowest share of rows that met rules; null where no rule counts rows'
)
COMMENT 'One row per UTC day, gate and table'
AS
SELECT
  CAST(judged_at AS DATE) AS judged_date,
  layer,
  table_name,
  COUNT(*) AS gate_count,
  MAX_BY(score, judged_at) AS last_score,
  MIN(score) AS lowest_score,
  MIN(pass_ratio) AS lowest_pass_ratio
FROM ops.quality_score
WHERE dimension IS NULL
GROUP BY CAST(judged_at AS DATE), layer, table_name
