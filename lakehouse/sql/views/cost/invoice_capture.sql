-- How much of what a provider charges we saw: our cost over the invoiced one.
-- Grain: provider and UTC day, of either side. Below 1: calls that pass us by, or prices that we lack.
CREATE OR REPLACE VIEW analytics.invoice_capture (
  charge_date COMMENT 'UTC day; null where neither side names one',
  provider_name COMMENT 'Provider as in the price book',
  invoiced_usd COMMENT 'What its invoices charge, USD; null where none was delivered for the day',
  computed_usd COMMENT 'Our cost of the same provider and day, USD; null where nothing was priced',
  capture_ratio COMMENT 'Ours over invoiced; null without an invoice above 0',
  missing_usd COMMENT 'Invoiced minus ours, USD; null where one of them is missing',
  unpriced_count COMMENT 'Attempts with usage but no price: not in computed_usd'
)
COMMENT 'One row per provider and UTC day'
AS
WITH invoiced AS (
  SELECT
    charge_date,
    provider_name,
    SUM(billed_cost_usd * CAST(line_count AS DECIMAL(9, 0))) AS invoiced_usd
  FROM silver.provider_invoice
  WHERE provider_name IS NOT NULL
  GROUP BY charge_date, provider_name
),

computed AS (
  SELECT
    event_date,
    provider_name,
    SUM(cost_usd) AS computed_usd,
    SUM(unpriced_count) AS unpriced_count
  FROM gold.usage_hourly
  WHERE provider_name IS NOT NULL
  GROUP BY event_date, provider_name
)

SELECT
  COALESCE(invoiced.charge_date, computed.event_date) AS charge_date,
  COALESCE(invoiced.provider_name, computed.provider_name) AS provider_name,
  invoiced.invoiced_usd,
  computed.computed_usd,
  CASE
    WHEN invoiced.invoiced_usd > 0
      THEN CAST(COALESCE(computed.computed_usd, 0) AS DOUBLE) / CAST(invoiced.invoiced_usd AS DOUBLE)
  END AS capture_ratio,
  invoiced.invoiced_usd - computed.computed_usd AS missing_usd,
  COALESCE(computed.unpriced_count, 0) AS unpriced_count
FROM invoiced
FULL OUTER JOIN computed
  ON invoiced.charge_date <=> computed.event_date AND invoiced.provider_name = computed.provider_name
