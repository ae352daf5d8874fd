-- Hours since any run recorded anything. Grain: the lakehouse. observed is null before the first run.
SELECT
  'pipeline' AS subject,
  CAST(3 AS DOUBLE) AS threshold,
  TIMESTAMPDIFF(MINUTE, MAX(recorded_at), CURRENT_TIMESTAMP()) / 60D AS observed,
  CONCAT('no run has recorded anything since ', COALESCE(CAST(MAX(recorded_at) AS STRING), 'ever'), ' UTC') AS message
FROM ops.batch
