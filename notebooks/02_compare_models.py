# Databricks notebook source
# MAGIC %md
# MAGIC # Compare models: which is faster, and is that sure?
# MAGIC
# MAGIC Views of `analytics` only. Pairs are compared over their common mix: same operation, bands of input and output
# MAGIC tokens, same streaming. `docs/analyses.md` says how, and when not to believe it.

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
# MAGIC ## Latency with its uncertainty
# MAGIC A quantile is null, and not drawn, where fewer than ten attempts lie beyond it.

# COMMAND ----------

quantiles = spark.sql(
    """
    SELECT concat_ws('/', provider_name, model_key) AS model, quantile, request_count AS n, value_ms, low_ms, high_ms
    FROM analytics.latency_quantiles
    WHERE metric = 'duration_ms' AND value_ms IS NOT NULL
    ORDER BY request_count DESC, model, quantile
    LIMIT 60
    """
).toPandas()
print(quantiles.round(1).to_string(index=False))

# COMMAND ----------

figure, axes = plt.subplots(figsize=(9, 5))
for model, rows in list(quantiles.groupby("model", sort=False))[:8]:
    axes.fill_between(rows["quantile"], rows["low_ms"], rows["high_ms"], alpha=0.2)
    axes.plot(rows["quantile"], rows["value_ms"], marker="o", label=f"{model} (n = {rows['n'].iloc[0]:,})")
axes.set(xscale="logit", yscale="log", xlabel="quantile", ylabel="duration, ms", title="Duration, 95 % intervals")
if len(quantiles):
    axes.legend()
plt.show()

# COMMAND ----------

# MAGIC %md
# MAGIC ## Is the difference real?
# MAGIC A ratio of 0.5 means half the time. The q-value is over all pairs and metrics, so that many pairs do not make
# MAGIC findings by chance alone.

# COMMAND ----------

pairs = spark.sql(
    """
    SELECT metric, concat_ws('/', provider_name, model_key) AS model,
      concat_ws('/', other_provider_name, other_model_key) AS other, request_count AS n, other_request_count AS other_n,
      ratio, ratio_low, ratio_high, q_value, verdict
    FROM analytics.model_comparison
    WHERE metric <> 'error_ratio' AND verdict IN ('faster', 'no evidence')
    ORDER BY metric, verdict, q_value, model, other
    LIMIT 60
    """
).toPandas()
print(pairs.round(3).to_string(index=False))

# COMMAND ----------

drawn = pairs[pairs["metric"] == "duration_ms"].head(20).iloc[::-1]
figure, axes = plt.subplots(figsize=(9, 1 + 0.35 * len(drawn)))
reach = [drawn["ratio"] - drawn["ratio_low"], drawn["ratio_high"] - drawn["ratio"]]
axes.errorbar(drawn["ratio"], drawn["model"] + " : " + drawn["other"], xerr=reach, fmt="o", capsize=3)
axes.axvline(1, color="grey", linewidth=1)
axes.set(xlabel="duration, ratio of the first to the second", title="95 % intervals over the common mix")
plt.show()

# COMMAND ----------

# MAGIC %md
# MAGIC ## What an answer takes
# MAGIC Duration is modelled as time to first token + time per token × (tokens − 1).

# COMMAND ----------

spark.sql(
    """
    SELECT provider_name, model_key, ttft_count AS n, round(ttft_p50_ms) AS ttft_p50_ms, round(tpot_ms, 1) AS tpot_ms,
      round(tokens_per_s, 1) AS tokens_per_s, round(duration_1000_tokens_ms) AS duration_1000_tokens_ms
    FROM analytics.latency_model
    ORDER BY tpot_ms
    """
).show(20, truncate=False)
