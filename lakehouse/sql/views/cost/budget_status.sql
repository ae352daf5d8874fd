-- Each budget's month as it was forecast last.
-- Grain: budget and month.
CREATE OR REPLACE VIEW analytics.budget_status (
  budget_name COMMENT 'Budget, [[budgets]] of the settings',
  month_start COMMENT 'Month, in the reporting time zone',
  as_of_date COMMENT 'First day that was not known yet',
  budget_usd COMMENT 'What the month may cost, USD',
  spent_usd COMMENT 'What its known days cost, USD',
  used_ratio COMMENT 'Spent over budget',
  forecast_usd COMMENT 'Expected cost of the whole month, USD; null with fewer than 7 days of history',
  forecast_low_usd COMMENT 'Lower end of the 95 % prediction interval, USD; null as before',
  forecast_high_usd COMMENT 'Upper end of it, USD; null as before',
  verdict COMMENT 'exceeded; will_exceed (interval above the budget); may_exceed (around it); within; unknown',
  method COMMENT 'ets, daily_mean, or none with too little history',
  history_days COMMENT 'Days that the forecast was made from'
)
COMMENT 'One row per budget and month'
AS
WITH ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY budget_name, month_start ORDER BY as_of_date DESC) AS place
  FROM gold.budget_forecast
)

SELECT
  budget_name,
  month_start,
  as_of_date,
  budget_usd,
  spent_usd,
  CAST(spent_usd AS DOUBLE) / CAST(budget_usd AS DOUBLE) AS used_ratio,
  forecast_usd,
  forecast_low_usd,
  forecast_high_usd,
  verdict,
  method,
  history_days
FROM ranked
WHERE place = 1
