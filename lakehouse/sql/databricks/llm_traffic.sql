-- Metric view: measures that stay right however they are grouped, as sums over sums.
CREATE OR REPLACE VIEW analytics.llm_traffic
WITH METRICS
LANGUAGE YAML
AS $$
version: "1.0"
source: gold.usage_hourly
dimensions:
  - name: event_date
    expr: event_date
  - name: provider_name
    expr: provider_name
  - name: model_key
    expr: model_key
  - name: app_name
    expr: app_name
  - name: team_id
    expr: team_id
measures:
  - name: requests
    expr: SUM(request_count)
  - name: error_ratio
    expr: SUM(error_count) / SUM(request_count)
  - name: cost_usd
    expr: SUM(cost_usd)
  - name: cost_per_request_usd
    expr: TRY_DIVIDE(SUM(cost_usd), SUM(priced_count))
  - name: mean_duration_ms
    expr: TRY_DIVIDE(SUM(duration_sum_ms), SUM(duration_count))
  - name: output_tokens_per_s
    expr: TRY_DIVIDE(1000 * SUM(generation_tokens), SUM(generation_sum_ms))
$$;
