"""Cost every request by the price book: exact, map-only, in whole 1e-12 USD.

The split of inclusive token counts is genai-prices' (its decompose.py): tokens of a kind that has a rate of its own
cost that, all others the rate of what they are part of, so no token is counted twice.

Whole numbers carry the arithmetic, since Spark computes decimals as objects: of the time that `price` takes, turning
the results into decimals is the greater part.
"""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from operator import add

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.pricing.units import ANCESTORS, MAX_TOKENS, NO_MODEL
from lakehouse.tables.columns import MONEY
from lakehouse.tables.silver import PRICED

# What each cost component sums.
COMPONENTS = {
    "fresh_input": ("input_mtok", "input_audio_mtok"),
    "cache_read": ("cache_read_mtok", "cache_audio_read_mtok"),
    "cache_write": ("cache_write_mtok", "cache_write_1h_mtok"),
    "output": ("output_mtok", "output_audio_mtok", "output_reasoning_mtok"),
    "other": ("requests_kcount",),
}
INPUT = COMPONENTS["fresh_input"] + COMPONENTS["cache_read"] + COMPONENTS["cache_write"]
OUTPUT = COMPONENTS["output"]
SET = (
    "price_id", "provider_name", "model_key", "service_tier", "tier_start_tokens", "tier_end_tokens", "daily_start",
    "daily_end", "valid_from", "valid_to",
)  # fmt: skip
PER_TOKEN = 1_000_000  # turns USD per million tokens into 1e-12 USD per token
PER_REQUEST = 1_000_000_000  # and USD per thousand requests into 1e-12 USD per request
# Seconds since 1970 before and after every bound, and the seconds of a day.
EVER, NEVER, DAY = -(2**62), 2**62, 86_400


def price(interactions: DataFrame, aliases: DataFrame, prices: DataFrame) -> DataFrame:
    """Give `interactions` with the columns of `lakehouse.tables.silver.PRICED`; those it has already are replaced.

    Args:
        interactions: Rows with `provider_raw`, `response_model`, `service_tier`, the token counts, `event_at`,
            `event_date`, `gateway_cache_hit` and `cost_reported_usd`.
        aliases: silver.model_alias.
        prices: gold.dim_model_price; superseded rows are left out.

    The rate is the one that holds at `event_at`, else on `event_date` at 00:00 UTC, for the response's tier (null is
    standard, as is a tier that the model has no rates for) and for the whole request's input tokens. Where no time is
    known, or only a date and the price changes within the day, only a price that always holds is one.

    `cost_status` says what the cost columns are:

    - ``free``: all rates are zero, or the gateway's own cache answered. Every component is 0.
    - ``no_usage``: no tokens are counted (null or 0 on both sides), or a side that has a rate is null, since half a
      cost is no cost. NULL.
    - ``unpriced``: usage without a price, or counts that contradict each other (a part above its whole, a count below
      0 or above 10⁹). NULL, never 0.
    - ``reported_only``: as unpriced, where the source reports a cost above 0. NULL.
    - ``priced``: `cost_usd` is the exact sum of the components.

    What silver does not count (web searches, seconds, images, pages) is not in the cost.
    """
    kept = interactions.drop(*(column.name for column in PRICED))
    named = kept.join(F.broadcast(_names(aliases, prices)), _is_spelling(), "left").withColumns(_request())
    rated = named.join(F.broadcast(_rate_sets(prices)), _holds(), "left")
    judged = rated.withColumns(_split()).withColumns({"_status": _status()})
    total = reduce(add, (F.col(f"_cost_{name}") for name in COMPONENTS))
    costed = judged.withColumns(_costs()).withColumns({"_cost_total": total})
    money = {f"cost_{name}_usd": _usd(f"_cost_{name}") for name in COMPONENTS} | {"cost_usd": _usd("_cost_total")}
    return costed.withColumns(_named() | money).select(*kept.columns, *(column.name for column in PRICED))


def _names(aliases: DataFrame, prices: DataFrame) -> DataFrame:
    """One row per spelling, with the tiers that its model has rates for."""
    models = _standing(prices).groupBy("provider_name", "model_key").agg(F.collect_set("service_tier").alias("_tiers"))
    known = aliases.join(F.broadcast(models), ["provider_name", "model_key"], "left").select(
        F.coalesce("provider_raw", F.lit("")).alias("_provider_raw"),
        F.coalesce("response_model", F.lit("")).alias("_response_model"),
        F.col("provider_name").alias("_provider_name"),
        F.col("model_key").alias("_model_key"),
        F.when(F.col("is_matched"), F.col("_tiers")).alias("_tiers"),
    )
    return known.coalesce(1).dropDuplicates(["_provider_raw", "_response_model"])


def _is_spelling() -> Column:
    raw, model = F.coalesce("provider_raw", F.lit("")), F.coalesce("response_model", F.lit(""))
    return (raw == F.col("_provider_raw")) & (model == F.col("_response_model"))


def _request() -> dict[str, Column]:
    """The tier that prices a request, and when it was made; a time that is not known is the whole of time."""
    own = F.array_contains("_tiers", F.col("service_tier"))
    at = F.coalesce(F.unix_seconds("event_at"), F.unix_date("event_date") * DAY)
    second = F.pmod(F.unix_seconds("event_at"), F.lit(DAY))
    return {
        "_tier": F.when(own, F.col("service_tier")).when(F.col("_tiers").isNotNull(), "standard"),
        "_first_at": F.coalesce(at, F.lit(EVER)),
        "_last_at": F.coalesce(at, F.lit(NEVER - 1)),
        "_first_second": F.coalesce(second, F.lit(0)),
        "_last_second": F.coalesce(second, F.lit(DAY - 1)),
    }


def _rate_sets(prices: DataFrame) -> DataFrame:
    """One row per set of rates that prices requests, each component's rate in 1e-12 USD per token or request."""
    unit = {part: PER_REQUEST if part == "requests_kcount" else PER_TOKEN for part in ANCESTORS}
    stated = [F.max(F.when(F.col("component") == part, F.col("rate_usd"))).alias(part) for part in ANCESTORS]
    wide = _standing(prices).groupBy(*SET).agg(*stated).where(F.coalesce(*ANCESTORS).isNotNull())
    return wide.select(
        *(F.col(name).alias(f"_{name}") for name in ("price_id", "service_tier")),
        *(F.col(name).alias(f"_set_{name}") for name in ("provider_name", "model_key")),
        F.coalesce("tier_start_tokens", F.lit(-1)).alias("_above_tokens"),
        F.coalesce("tier_end_tokens", F.lit(NEVER)).alias("_upto_tokens"),
        F.coalesce(F.unix_seconds("valid_from"), F.lit(EVER)).alias("_from_at"),
        F.coalesce(F.unix_seconds("valid_to"), F.lit(NEVER)).alias("_until_at"),
        F.coalesce(_second_of_day("daily_start"), F.lit(0)).alias("_from_second"),
        F.coalesce(_second_of_day("daily_end"), F.lit(DAY)).alias("_until_second"),
        F.col("output_reasoning_mtok").isNotNull().alias("_has_reasoning"),
        (F.greatest(*INPUT) > 0).alias("_costs_input"),
        (F.greatest(*OUTPUT) > 0).alias("_costs_output"),
        (F.greatest(*ANCESTORS) == 0).alias("_is_free"),
        *((F.coalesce(p, *of, F.lit(0)) * unit[p]).cast("bigint").alias(f"_{p}") for p, of in ANCESTORS.items()),
    )


def _standing(prices: DataFrame) -> DataFrame:
    """Prices that no newer snapshot contradicts, in one partition: they are few, and grouping them then moves none."""
    return prices.where(F.col("superseded_at").isNull()).coalesce(1)


def _second_of_day(column: str) -> Column:
    hours, minutes, seconds = (F.split_part(F.col(column), F.lit(":"), F.lit(n)).cast("bigint") for n in (1, 2, 3))
    return hours * 3600 + minutes * 60 + seconds


def _holds() -> Column:
    tokens = F.coalesce("input_tokens", F.lit(0))
    same = {"_set_provider_name": "_provider_name", "_set_model_key": "_model_key", "_service_tier": "_tier"}
    return (
        reduce(Column.__and__, (F.col(left) == F.col(right) for left, right in same.items()))
        & (tokens > F.col("_above_tokens")) & (tokens <= F.col("_upto_tokens"))
        & (F.col("_first_at") >= F.col("_from_at")) & (F.col("_last_at") < F.col("_until_at"))
        & (F.col("_first_second") >= F.col("_from_second")) & (F.col("_last_second") < F.col("_until_second"))
    )  # fmt: skip


def _split() -> dict[str, Column]:
    """Token counts that neither overlap nor leave any out; one below zero tells that they contradict each other."""
    read, write, audio = map(_count, ("cache_read_input_tokens", "cache_write_input_tokens", "input_audio_tokens"))
    audio_read, write_1h = _count("cache_audio_read_tokens"), _count("cache_write_1h_input_tokens")
    output, output_audio = _count("output_tokens"), _count("output_audio_tokens")
    reasoning = F.when(F.col("_has_reasoning"), _count("reasoning_output_tokens")).otherwise(0)
    parts = {
        "input_mtok": _count("input_tokens") - read - write - (audio - audio_read),
        "input_audio_mtok": audio - audio_read,
        "cache_read_mtok": read - audio_read,
        "cache_audio_read_mtok": audio_read,
        "cache_write_mtok": write - write_1h,
        "cache_write_1h_mtok": write_1h,
        "output_mtok": output - output_audio - reasoning,
        "output_audio_mtok": output_audio,
        "output_reasoning_mtok": reasoning,
    }
    return {f"_n_{part}": tokens for part, tokens in parts.items()}


def _count(name: str) -> Column:
    """A count, 0 where null, and -1 where arithmetic with it could overflow."""
    tokens = F.col(name)
    return F.when(tokens.isNull(), 0).when(tokens.between(0, MAX_TOKENS), tokens).otherwise(-1)


def _status() -> Column:
    tokens, output = F.col("input_tokens"), F.col("output_tokens")
    counts_none = F.coalesce(F.greatest(tokens, output), F.lit(0)) == 0
    counts_half = (tokens.isNull() & F.col("_costs_input")) | (output.isNull() & F.col("_costs_output"))
    contradicts = F.least(*(F.col(f"_n_{part}") for part in INPUT + OUTPUT)) < 0
    unpriced = F.when(F.col("cost_reported_usd") > 0, "reported_only").otherwise("unpriced")
    return (
        F.when(F.col("gateway_cache_hit"), "free")
        .when(counts_none, "no_usage")
        .when(F.col("_price_id").isNull(), unpriced)
        .when(counts_half, "no_usage")
        .when(contradicts, unpriced)
        .when(F.col("_is_free"), "free")
        .otherwise("priced")
    )


def _costs() -> dict[str, Column]:
    """Cost of each component in 1e-12 USD, null without a price."""
    is_priced, is_free = F.col("_status") == "priced", F.col("_status") == "free"
    return {
        f"_cost_{name}": F.when(is_priced, reduce(add, map(_cost, parts))).when(is_free, 0)
        for name, parts in COMPONENTS.items()
    }


def _named() -> dict[str, Column]:
    has_rates = F.col("_cost_total").isNotNull() & ~F.coalesce("gateway_cache_hit", F.lit(False))
    spelling = F.when(F.trim("response_model") != "", F.col("response_model"))
    return {
        "provider_name": F.col("_provider_name"),
        "model_key": F.coalesce("_model_key", spelling, F.lit(NO_MODEL)),
        "price_id": F.when(has_rates, F.col("_price_id")),
        "cost_status": F.col("_status"),
    }


def _cost(part: str) -> Column:
    return F.col(f"_{part}") if part == "requests_kcount" else F.col(f"_n_{part}") * F.col(f"_{part}")


def _usd(pico: str) -> Column:
    return (F.col(pico).cast("decimal(19,0)") * F.lit(Decimal("1e-12"))).cast(MONEY)
