-- Every version of the price book: `observatory reprice --book N` computes by version N again.
-- Grain: instant at which a snapshot changed the book.
CREATE OR REPLACE VIEW analytics.price_book_versions (
  book_version COMMENT 'Number, 1 for the first',
  recorded_at COMMENT 'When the book changed, UTC',
  source_version COMMENT 'Versions of the lists and contracts it was made from; null where prices only ended',
  added_count COMMENT 'Rates that this version added',
  superseded_count COMMENT 'Rates of earlier versions that it does not have any more'
)
COMMENT 'One row per version of the price book'
AS
WITH changes AS (
  SELECT
    recorded_at,
    source_version,
    1 AS added,
    0 AS superseded
  FROM gold.dim_model_price
  UNION ALL
  SELECT
    superseded_at AS recorded_at,
    CAST(NULL AS STRING) AS source_version,
    0 AS added,
    1 AS superseded
  FROM gold.dim_model_price
  WHERE superseded_at IS NOT NULL
)

SELECT
  ROW_NUMBER() OVER (ORDER BY recorded_at) AS book_version,
  recorded_at,
  MAX(source_version) AS source_version,
  SUM(added) AS added_count,
  SUM(superseded) AS superseded_count
FROM changes
GROUP BY recorded_at
