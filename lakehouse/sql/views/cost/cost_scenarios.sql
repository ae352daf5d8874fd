-- What the same requests would have cost by another price book, beside what they cost. A scenario, never a fact.
-- Grain: scenario, UTC day, provider and model.
CREATE OR REPLACE VIEW analytics.cost_scenarios (
  scenario_name COMMENT 'Scenario, as it was named to `observatory reprice --scenario`',
  price_book COMMENT 'The book that it was computed by',
  recorded_at COMMENT 'When, UTC',
  event_date COMMENT 'UTC day; null where no date is known',
  provider_name COMMENT 'Provider; null where it cannot be told',
  model_key COMMENT 'Canonical model',
  request_count COMMENT 'Attempts',
  priced_count COMMENT 'Of them, with a price in both books',
  cost_usd COMMENT 'Their cost by the price book that holds, USD; null where none has both',
  cost_scenario_usd COMMENT 'Their cost by the scenario''s book, USD; null where none has both',
  difference_usd COMMENT 'The scenario minus what holds, USD',
  cost_only_scenario_usd COMMENT 'Cost of attempts that only the scenario''s book prices, USD; null where none'
)
COMMENT 'One row per scenario, UTC day, provider and model'
AS
SELECT
  scenario_name,
  price_book,
  recorded_at,
  event_date,
  provider_name,
  model_key,
  SUM(request_count) AS request_count,
  SUM(priced_count) AS priced_count,
  SUM(cost_usd) AS cost_usd,
  SUM(cost_scenario_usd) AS cost_scenario_usd,
  SUM(cost_scenario_usd) - SUM(cost_usd) AS difference_usd,
  SUM(cost_only_scenario_usd) AS cost_only_scenario_usd
FROM gold.cost_scenario
GROUP BY scenario_name, price_book, recorded_at, event_date, provider_name, model_key
