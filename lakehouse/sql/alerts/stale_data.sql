-- Hours since the newest event that a source had. Grain: source. observed is null where it has no event time.
SELECT
  source_name AS subject,
  CAST(24 AS DOUBLE) AS threshold,
  TIMESTAMPDIFF(MINUTE, newest_event_at, CURRENT_TIMESTAMP()) / 60D AS observed,
  CONCAT('newest event of ', source_name, ' at ', COALESCE(CAST(newest_event_at AS STRING), 'no known time'), ' UTC')
    AS message
FROM analytics.source_freshness
