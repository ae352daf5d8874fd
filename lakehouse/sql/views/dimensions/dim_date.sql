-- The calendar between the first and the last day of traffic, for BI.
-- Grain: UTC day; days without traffic are there too.
CREATE OR REPLACE VIEW analytics.dim_date (
  event_date COMMENT 'UTC day',
  calendar_year COMMENT 'Year',
  calendar_quarter COMMENT 'Quarter, 1 to 4',
  calendar_month COMMENT 'Month, 1 to 12',
  month_start COMMENT 'First day of the month',
  iso_week COMMENT 'ISO 8601 week',
  week_start COMMENT 'Monday of the week',
  iso_weekday COMMENT 'Day of the week, 1 for Monday to 7 for Sunday',
  is_weekend COMMENT 'Saturday or Sunday'
)
COMMENT 'One row per UTC day'
AS
WITH bounds AS (
  SELECT
    MIN(event_date) AS first_date,
    MAX(event_date) AS last_date
  FROM gold.usage_hourly
),

days AS (
  SELECT EXPLODE(SEQUENCE(first_date, last_date, INTERVAL 1 DAY)) AS event_date
  FROM bounds
  WHERE first_date IS NOT NULL
)

SELECT
  event_date,
  YEAR(event_date) AS calendar_year,
  QUARTER(event_date) AS calendar_quarter,
  MONTH(event_date) AS calendar_month,
  CAST(DATE_TRUNC('MONTH', event_date) AS DATE) AS month_start,
  WEEKOFYEAR(event_date) AS iso_week,
  CAST(DATE_TRUNC('WEEK', event_date) AS DATE) AS week_start,
  WEEKDAY(event_date) + 1 AS iso_weekday,
  WEEKDAY(event_date) >= 5 AS is_weekend
FROM days
