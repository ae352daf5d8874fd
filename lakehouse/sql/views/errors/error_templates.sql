-- What error texts say once their values are masked, and which are new. Grain: template.
CREATE OR REPLACE VIEW analytics.error_templates (
  template_id COMMENT 'Names the template for good',
  template COMMENT 'Text with values as <*>',
  example COMMENT 'One masked text of it',
  error_type COMMENT 'Commonest class of its errors',
  error_count COMMENT 'Failed attempts of the analysed days; 0 where it was only seen before',
  error_ratio COMMENT 'Of all failed attempts with a text in those days',
  providers COMMENT 'Providers touched',
  models COMMENT 'Models touched',
  first_seen_at COMMENT 'First event time seen, UTC; null where no row had one',
  last_seen_at COMMENT 'Last event time seen, UTC; null where no row had one',
  is_new COMMENT 'First seen in the last 7 days of data, where the data are older'
)
COMMENT 'One row per template of error texts'
AS
SELECT
  template_id,
  template,
  example,
  error_type,
  request_count AS error_count,
  TRY_DIVIDE(request_count, SUM(request_count) OVER ()) AS error_ratio,
  providers,
  models,
  first_seen_at,
  last_seen_at,
  is_new
FROM gold.error_template
