-- Findings of all analyses as sentences, the most pressing first. Grain: finding.
-- @param kind STRING: anomaly, saving, error_template or comparison; null for all
-- @param state STRING: open, closed or standing; null for all
-- @param row_limit INT: rows at most
SELECT
  insight_rank,
  kind,
  subject,
  sentence,
  usd_low,
  usd_high,
  ms_low,
  ms_high,
  state,
  evidence_query
FROM analytics.insights
WHERE
  (:kind IS NULL OR kind = :kind)
  AND (:state IS NULL OR state = :state)
ORDER BY insight_rank ASC
LIMIT :row_limit
