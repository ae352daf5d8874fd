# Databricks notebook source
# MAGIC %md
# MAGIC # Quickstart: how do the models perform, what do they cost, what breaks?
# MAGIC
# MAGIC Reads views of `analytics` only. Locally `observatory demo` makes the lakehouse, and `OBSERVATORY_HOME` says
# MAGIC where it lies; on Databricks `OBSERVATORY_CATALOG` names the catalog.

# COMMAND ----------

import os

import lakehouse
from lakehouse.config import load_settings
from lakehouse.io.session import get_session

if "DATABRICKS_RUNTIME_VERSION" in os.environ:
    spark = get_session(load_settings())
else:
    spark = lakehouse.open(os.environ.get("OBSERVATORY_HOME", ".observatory"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Is it all there?
# MAGIC `is_conserved` is true when every row that was read stands in silver, is held in quarantine or was superseded.

# COMMAND ----------

spark.sql(
    """
    SELECT rows.source_name, rows.bronze_count, rows.silver_count, rows.quarantine_count, rows.superseded_count,
      rows.is_conserved, fresh.newest_event_at
    FROM analytics.row_conservation AS rows
    JOIN analytics.source_freshness AS fresh USING (source_name)
    ORDER BY source_name
    """
).show(truncate=False)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Models by latency
# MAGIC A quantile is null where its n is too small to show it (p50 needs 20 attempts, p95 needs 200).

# COMMAND ----------

spark.sql(
    """
    SELECT provider_name, model_key, request_count AS n, round(p50_ms) AS p50_ms, round(p95_ms) AS p95_ms
    FROM analytics.model_latency
    WHERE metric = 'duration_ms' AND p50_ms IS NOT NULL
    ORDER BY p50_ms
    """
).show(15, truncate=False)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Models by cost
# MAGIC `cost_usd` is computed from the price book; null means that nothing could be priced, never that it was free.

# COMMAND ----------

spark.sql(
    """
    SELECT provider_name, model_key, request_count, cost_usd, cost_reported_usd, unpriced_ratio
    FROM analytics.model_summary
    ORDER BY cost_usd DESC NULLS LAST, request_count DESC
    """
).show(15, truncate=False)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Models by errors
# MAGIC With the 95 % Wilson interval, which is wide where there are few attempts.

# COMMAND ----------

spark.sql(
    """
    SELECT provider_name, model_key, request_count, error_count, round(error_ratio, 4) AS error_ratio,
      round(error_ratio_low, 4) AS low, round(error_ratio_high, 4) AS high
    FROM analytics.error_rate
    WHERE error_count > 0
    ORDER BY error_ratio_low DESC
    """
).show(15, truncate=False)

# COMMAND ----------

spark.sql(
    """
    SELECT error_type, error_origin, sum(error_count) AS errors
    FROM analytics.errors_by_type
    GROUP BY ALL
    ORDER BY errors DESC
    """
).show(truncate=False)
