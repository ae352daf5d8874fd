-- Rules that block in the newest judgement of each table. Grain: table.
WITH newest AS (
  SELECT
    table_name,
    MAX(judged_at) AS judged_at
  FROM ops.quality_result
  GROUP BY table_name
)

SELECT
  judged.table_name AS subject,
  CAST(COUNT_IF(judged.decision = 'BLOCK') AS DOUBLE) AS observed,
  CAST(0 AS DOUBLE) AS threshold,
  CONCAT(
    'the gate of ', judged.table_name, ' says ', MAX(judged.gate_decision), ', rules that block: ',
    ARRAY_JOIN(ARRAY_SORT(COLLECT_LIST(CASE WHEN judged.decision = 'BLOCK' THEN judged.rule_id END)), ', ')
  ) AS message
FROM ops.quality_result AS judged
INNER JOIN newest ON judged.table_name = newest.table_name AND judged.judged_at = newest.judged_at
GROUP BY judged.table_name
