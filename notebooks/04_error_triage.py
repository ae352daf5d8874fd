# Databricks notebook source
# MAGIC %md
# MAGIC # Error triage: what breaks, since when, and for whom
# MAGIC
# MAGIC Views of `analytics` only: rates with intervals, anomalies, incidents, templates of error texts, retries.

# COMMAND ----------

import os

import matplotlib.pyplot as plt

import lakehouse
from lakehouse.config import load_settings
from lakehouse.io.session import get_session

if "DATABRICKS_RUNTIME_VERSION" in os.environ:
    spark = get_session(load_settings())
else:
    spark = lakehouse.open(os.environ.get("OBSERVATORY_HOME", ".observatory"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Error ratios
# MAGIC With the 95 % Wilson interval, which is wide where there are few attempts.

# COMMAND ----------

rates = spark.sql(
    """
    SELECT concat_ws('/', provider_name, model_key) AS model, request_count AS n, error_ratio AS ratio,
      error_ratio_low AS low, error_ratio_high AS high
    FROM analytics.error_rate
    ORDER BY error_ratio_low DESC
    LIMIT 15
    """
).toPandas()
print(rates.round(4).to_string(index=False))

# COMMAND ----------

drawn = rates.iloc[::-1]
figure, axes = plt.subplots(figsize=(9, 1 + 0.35 * len(drawn)))
reach = [(drawn["ratio"] - drawn["low"]).clip(lower=0), (drawn["high"] - drawn["ratio"]).clip(lower=0)]
axes.errorbar(drawn["ratio"], drawn["model"], xerr=reach, fmt="o", capsize=3)
axes.set(xlabel="failed attempts over attempts", title="Error ratios, 95 % intervals")
plt.show()

# COMMAND ----------

# MAGIC %md
# MAGIC ## Anomalies and incidents

# COMMAND ----------

anomalies = spark.sql(
    """
    SELECT state, metric, direction, concat_ws('/', provider_name, model_key) AS model, started_at, ended_at, value,
      expected, p_value, incident_id
    FROM analytics.anomalies
    ORDER BY state DESC, p_value
    LIMIT 30
    """
).toPandas()
print(anomalies.to_string(index=False))

# COMMAND ----------

figure, axes = plt.subplots(figsize=(9, 1 + 0.3 * len(anomalies)))
names = anomalies["metric"] + " " + anomalies["direction"] + " " + anomalies["model"]
axes.hlines(names, anomalies["started_at"], anomalies["ended_at"], linewidth=8)
axes.set(title="Strange hours")
figure.autofmt_xdate()
plt.show()

# COMMAND ----------

spark.sql("SELECT * FROM analytics.incidents ORDER BY started_at DESC").show(10, truncate=False)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What the texts say

# COMMAND ----------

spark.sql(
    """
    SELECT is_new, error_count, error_type, template, models, first_seen_at, last_seen_at
    FROM analytics.error_templates
    ORDER BY is_new DESC, error_count DESC
    """
).show(20, truncate=80)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Retries
# MAGIC Calls of more than one attempt: what the failed ones cost and the time they added.

# COMMAND ----------

spark.sql("SELECT * FROM analytics.retry_chains ORDER BY call_count DESC").show(15, truncate=False)
