-- Every application that was seen, for BI.
-- Grain: application; traffic without one stands under null.
CREATE OR REPLACE VIEW analytics.dim_app (
  app_name COMMENT 'Application; null for traffic without one',
  first_date COMMENT 'First UTC day; null where no date is known',
  last_date COMMENT 'Last UTC day; null where no date is known',
  request_count COMMENT 'Attempts',
  cost_usd COMMENT 'Cost of priced attempts, USD; null where none is priced'
)
COMMENT 'One row per application'
AS
SELECT
  app_name,
  MIN(event_date) AS first_date,
  MAX(event_date) AS last_date,
  SUM(request_count) AS request_count,
  SUM(cost_usd) AS cost_usd
FROM gold.usage_hourly
GROUP BY app_name
