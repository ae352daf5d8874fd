-- Cost of each model on the newest day against its days of the 28 before. Grain: provider and model. USD.
-- observed is (cost − median) / (1.4826 · MAD), the MAD at least 5 % of the median; null with less than 7 days to
-- compare with, or below 1 USD.
WITH newest AS (
  SELECT MAX(event_date) AS event_date
  FROM gold.usage_hourly
),

days AS (
  SELECT
    hourly.provider_name,
    hourly.model_key,
    hourly.event_date,
    CAST(SUM(hourly.cost_usd) AS DOUBLE) AS cost_usd,
    hourly.event_date = MAX(newest.event_date) AS is_newest
  FROM gold.usage_hourly AS hourly
  CROSS JOIN newest
  WHERE hourly.event_date BETWEEN DATE_SUB(newest.event_date, 28) AND newest.event_date
  GROUP BY hourly.provider_name, hourly.model_key, hourly.event_date
),

medians AS (
  SELECT
    provider_name,
    model_key,
    MEDIAN(cost_usd) AS median_usd,
    COUNT(cost_usd) AS day_count
  FROM days
  WHERE NOT is_newest
  GROUP BY provider_name, model_key
),

spreads AS (
  SELECT
    days.provider_name,
    days.model_key,
    MEDIAN(ABS(days.cost_usd - medians.median_usd)) AS mad_usd
  FROM days
  INNER JOIN medians ON days.provider_name <=> medians.provider_name AND days.model_key = medians.model_key
  WHERE NOT days.is_newest
  GROUP BY days.provider_name, days.model_key
)

SELECT
  CAST(6 AS DOUBLE) AS threshold,
  CONCAT_WS('/', days.provider_name, days.model_key) AS subject,
  CASE
    WHEN medians.day_count >= 7 AND days.cost_usd >= 1 AND medians.median_usd > 0
      THEN (days.cost_usd - medians.median_usd) / (1.4826D * GREATEST(spreads.mad_usd, 0.05D * medians.median_usd))
  END AS observed,
  CONCAT(
    ROUND(days.cost_usd, 2), ' USD on ', days.event_date, ', ', ROUND(medians.median_usd, 2), ' USD on the median of ',
    medians.day_count, ' days before'
  ) AS message
FROM days
INNER JOIN medians ON days.provider_name <=> medians.provider_name AND days.model_key = medians.model_key
INNER JOIN spreads ON days.provider_name <=> spreads.provider_name AND days.model_key = spreads.model_key
WHERE days.is_newest
