-- What each view's figures rest on: the newest verdict of every gate between its sources and it.
-- Grain: view, gate and table with rules. A gate that blocked leaves the view at its last good state.
CREATE OR REPLACE VIEW analytics.quality_gate_state (
  view_name COMMENT 'View of analytics',
  layer COMMENT 'Gate: bronze, silver or gold; null when it never judged',
  table_name COMMENT 'Table with rules that it rests on',
  gate_decision COMMENT 'PASS, WARN or BLOCK of the newest judgement; null when it was never judged',
  score COMMENT 'Score of the table then, 0 to 100',
  failed_rules COMMENT 'Rules that failed then, in order; empty where none did',
  judged_at COMMENT 'When, UTC; null when it was never judged',
  passed_at COMMENT 'When the gate last let data through, UTC; null when it never did'
)
COMMENT 'One row per view, gate and table with rules that it rests on'
AS
WITH judged AS (
  SELECT
    layer,
    table_name,
    judged_at,
    MAX(gate_decision) AS gate_decision,
    SORT_ARRAY(COLLECT_SET(CASE WHEN NOT is_met THEN rule_id END)) AS failed_rules
  FROM ops.quality_result
  GROUP BY layer, table_name, judged_at
),

newest AS (
  SELECT
    layer,
    table_name,
    MAX(judged_at) AS judged_at,
    MAX_BY(gate_decision, judged_at) AS gate_decision,
    MAX_BY(failed_rules, judged_at) AS failed_rules,
    MAX(judged_at) FILTER (WHERE gate_decision <> 'BLOCK') AS passed_at
  FROM judged
  GROUP BY layer, table_name
)

SELECT
  lineage.view_name,
  newest.layer,
  lineage.table_name,
  newest.gate_decision,
  card.score,
  newest.failed_rules,
  newest.judged_at,
  newest.passed_at
FROM ops.view_lineage AS lineage
LEFT JOIN newest ON lineage.table_name = newest.table_name
LEFT JOIN analytics.quality_scorecard AS card
  ON newest.layer = card.layer AND newest.table_name = card.table_name AND card.dimension IS NULL
