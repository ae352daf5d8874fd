-- What to look at first: findings of all analyses as sentences. Grain: finding.
CREATE OR REPLACE VIEW analytics.insights (
  insight_rank COMMENT '1 is the most pressing: open anomalies, then money, new errors, the rest',
  kind COMMENT 'anomaly, saving, error_template or comparison',
  subject COMMENT 'What it is about',
  sentence COMMENT 'The finding in words',
  usd_low COMMENT 'Lower end of what is at stake, USD; null where it is not money',
  usd_high COMMENT 'Upper end of it, USD',
  ms_low COMMENT 'Lower end of the difference in time, ms; null where it is not time',
  ms_high COMMENT 'Upper end of it, ms',
  state COMMENT 'open, closed, or standing for what has no end',
  evidence_query COMMENT 'The query that shows it'
)
COMMENT 'One row per finding'
AS
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
FROM gold.insight
