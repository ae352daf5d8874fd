# Databricks notebook source
# MAGIC %md
# MAGIC # Cost review: what was spent, on what, and what could be saved
# MAGIC
# MAGIC Views of `analytics` only. A saving has two bounds and the query that gives them; kinds overlap, so
# MAGIC they must not be added. A scenario is no saving to count on.

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
# MAGIC ## Cost by day and component

# COMMAND ----------

parts = ["fresh_input", "cache_read", "cache_write", "output", "other"]
daily = spark.sql(
    """
    SELECT event_date, CAST(sum(cost_usd) AS DOUBLE) AS cost_usd,
      CAST(sum(cost_fresh_input_usd) AS DOUBLE) AS fresh_input,
      CAST(sum(cost_cache_read_usd) AS DOUBLE) AS cache_read, CAST(sum(cost_cache_write_usd) AS DOUBLE) AS cache_write,
      CAST(sum(cost_output_usd) AS DOUBLE) AS output, CAST(sum(cost_other_usd) AS DOUBLE) AS other
    FROM analytics.cost_daily
    WHERE event_date IS NOT NULL
    GROUP BY event_date
    ORDER BY event_date
    """
).toPandas()
print(daily.tail(10).round(4).to_string(index=False))

# COMMAND ----------

figure, axes = plt.subplots(figsize=(9, 4))
axes.stackplot(daily["event_date"], *[daily[part].fillna(0) for part in parts], labels=parts)
axes.set(ylabel="USD a day", title="Cost by component")
axes.legend(loc="upper left")
figure.autofmt_xdate()
plt.show()

# COMMAND ----------

# MAGIC %md
# MAGIC ## Is every request priced?

# COMMAND ----------

spark.sql(
    """
    SELECT source_name, provider_name, model_key, request_count, round(priced_token_ratio, 3) AS priced_token_ratio,
      cost_usd, variance_usd
    FROM analytics.cost_coverage
    ORDER BY unpriced_count DESC, request_count DESC
    """
).show(15, truncate=False)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What could be saved
# MAGIC Where the data lack a column, `why_unknown` says which.

# COMMAND ----------

savings = spark.sql(
    """
    SELECT kind, variant_name, concat_ws('/', provider_name, model_key) AS model, request_count AS n,
      CAST(saving_low_usd AS DOUBLE) AS low, CAST(saving_high_usd AS DOUBLE) AS high, confidence, why_unknown
    FROM analytics.savings_opportunities
    ORDER BY saving_low_usd DESC NULLS LAST, saving_high_usd DESC NULLS LAST, kind
    """
).toPandas()
print(savings.head(40).round(4).to_string(index=False))

# COMMAND ----------

drawn = savings[savings["high"].fillna(0) > 0].head(15).iloc[::-1]
names = drawn["kind"] + " " + drawn["variant_name"].fillna("") + " " + drawn["model"]
figure, axes = plt.subplots(figsize=(9, 1 + 0.35 * len(drawn)))
axes.hlines(names, drawn["low"], drawn["high"], linewidth=6)
axes.set(xlabel="USD over the analysed days", title="Savings, from lower to upper bound")
plt.show()
