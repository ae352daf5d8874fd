-- Cost by the clients' own tags. An attempt with two tags stands under both, so never sum over tags.
-- Grain: day in the reporting time zone and tag; attempts without tags stand under a null tag.
CREATE OR REPLACE VIEW analytics.cost_by_tag (
  reporting_date COMMENT 'Day in reporting_time_zone; the UTC date where only that is known; null without',
  request_tag COMMENT 'Tag; null for attempts without any',
  request_count COMMENT 'Attempts with the tag',
  unpriced_count COMMENT 'Attempts with usage but no price: not in cost_usd',
  cost_usd COMMENT 'Cost of priced attempts, USD; null where none is priced'
)
COMMENT 'One row per day in the reporting time zone and tag'
AS
WITH zone AS (
  SELECT COALESCE(MAX(setting_value), 'UTC') AS zone_name
  FROM ops.setting
  WHERE name = 'reporting_time_zone'
),

tagged AS (
  SELECT
    event_at,
    event_date,
    cost_status,
    cost_usd,
    EXPLODE_OUTER(ARRAY_DISTINCT(tags)) AS request_tag
  FROM silver.llm_interactions
)

SELECT
  COALESCE(CAST(FROM_UTC_TIMESTAMP(tagged.event_at, zone.zone_name) AS DATE), tagged.event_date) AS reporting_date,
  tagged.request_tag,
  COUNT(*) AS request_count,
  COUNT_IF(tagged.cost_status IN ('unpriced', 'reported_only')) AS unpriced_count,
  SUM(tagged.cost_usd) AS cost_usd
FROM tagged
CROSS JOIN zone
GROUP BY ALL
