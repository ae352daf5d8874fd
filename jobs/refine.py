"""Task refine: verified bronze batches → priced, judged rows of silver; what breaks a rule goes to quarantine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, Observation, Row
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from jobs.gates.silver import judge_staged, record_staged, staged_rules
from jobs.invoices import refine_invoices
from jobs.prices import learn_models
from lakehouse.errors import DataGateError
from lakehouse.io.write import append_first, append_new, merge_by_key, stage
from lakehouse.pricing.cost import price
from lakehouse.silver import supersede, versions
from lakehouse.silver.content import llm_interaction_content
from lakehouse.silver.interactions import llm_interactions
from lakehouse.silver.quarantine import quarantine
from lakehouse.tables import gold, ops, silver
from quality.compile import ROW_COUNT, Rule, broken, compile_rules, compile_suite, measures
from quality.loader import load_suite

# What Spark says when a value, not the expression, is wrong: the condition's name, and never the value.
FAILS_ON_A_ROW = re.compile(r"Spark(?:Arithmetic|NumberFormat|DateTime|Runtime)Exception: \[([A-Z_.]+)\]")
NEWER = "source.batch_id > target.batch_id AND source.record_hash <> target.record_hash"


@dataclass(frozen=True)
class Refined:
    """What refine did, in rows."""

    published: int
    quarantined: int


def refine(context: JobContext) -> Refined:
    """Stage, judge and publish every verified batch that is not refined yet.

    Raises:
        DataGateError: A critical rule failed; silver stays as it is.
    """
    stage_pending(context)
    return publish_judged(context)


def stage_pending(context: JobContext) -> int:
    """Stage every verified batch that is not refined yet, judged row by row, and record what the rules counted.

    Returns:
        Rows staged.

    Raises:
        DataGateError: An expression of a mapping fails on a row.
    """
    refine_invoices(context)
    pending = _configured(context, batches.in_state(context.spark, "VERIFIED", without="REFINED"))
    if not pending:
        context.tell("silver: nothing to refine")
        return 0
    specs = staged_rules(load_suite(silver.INTERACTIONS.full_name))
    rules = compile_rules(specs)
    judged = canonical(context, pending).withColumn("failed_rules", broken(rules, "quarantine"))
    seen = Observation("rules")
    clean = F.count_if(~reduce(Column.__or__, [rule.bad for rule in rules])).alias("clean")
    _staged(judged.observe(seen, clean, *measures(rules, specs)))
    record_staged(context, pending, seen.get)
    context.tell(f"silver: {seen.get[ROW_COUNT]:,} rows staged")
    return int(seen.get[ROW_COUNT])


def publish_judged(context: JobContext) -> Refined:
    """Judge what is staged and publish it.

    A replay after a broken run changes no row: every write is idempotent by key and batch.

    Raises:
        DataGateError: A critical rule failed; silver stays as it is.
    """
    if not (pending := judge_staged(context)):
        return Refined(0, 0)
    rules = compile_suite(load_suite(silver.INTERACTIONS.full_name))
    staged = context.spark.table(ops.STAGING.full_name)
    learn_models(context, staged)
    good = staged.where("size(failed_rules) = 0").drop("failed_rules")
    done = Refined(publish_rows(context, good, rules, pending), _quarantine(context, staged))
    batches.advance(context, pending, "REFINED")
    context.tell(f"silver: {done.published:,} rows published, {done.quarantined:,} quarantined")
    return done


def _configured(context: JobContext, pending: list[Row]) -> list[Row]:
    """Leave out batches of sources that the settings do not have any more: nobody knows how to read them."""
    known = {source.name for source in context.settings.sources}
    for name in sorted({batch.source_name for batch in pending} - known):
        context.tell(f"silver: batches of {name} wait, for the settings have no such source")
    return [batch for batch in pending if batch.source_name in known]


def _staged(judged: DataFrame) -> DataFrame:
    """Stage judged rows.

    Raises:
        DataGateError: An expression of a mapping fails on a row; nothing was published.
    """
    try:
        return stage(judged, ops.STAGING)
    except Exception as error:
        if not (found := FAILS_ON_A_ROW.search(str(error))):
            raise
        raise DataGateError(
            f"an expression of [sources.columns] fails on a row: {found[1]}; write try_cast, try_divide or nullif, "
            "which give null instead; nothing was published"
        ) from error


def canonical(context: JobContext, pending: list[Row]) -> DataFrame:
    """Union of the pending batches of every source, mapped but neither priced nor judged."""
    by_source = {
        batch.source_name: [b.batch_id for b in pending if b.source_name == batch.source_name] for batch in pending
    }
    frames = []
    for source in context.sources(sorted(by_source)):
        bronze = context.spark.table(f"bronze.{source.settings.name}")
        mine = bronze.where(F.col("_batch_id").isin(by_source[source.settings.name]))
        frames.append(llm_interactions(source.map_interactions(mine), source.settings.kind))
    return reduce(DataFrame.unionByName, frames)


def publish_rows(context: JobContext, good: DataFrame, rules: list[Rule], pending: list[Row]) -> int:
    """Price and write what stands; versions that an earlier or newer one replaces go to silver.superseded first.

    Args:
        context: The run.
        good: Rows as staged that broke no rule that holds rows back.
        rules: Of silver.
        pending: Source and batch of the rows, for their prompts and answers.

    Returns:
        Rows inserted or updated.
    """
    standing, losers = _standing(good)
    known = context.spark.table(silver.INTERACTIONS.full_name)
    keys = standing.select("interaction_id")
    old = known.select("interaction_id", *supersede.FACTS).join(keys, "interaction_id", "left_semi")
    is_update = bool(old.limit(1).collect())
    if is_update:
        losers = [*losers, supersede.against(standing, old)]
    for loser in losers:
        stamped = loser.withColumn("recorded_at", F.lit(context.now()))
        append_new(stamped, silver.SUPERSEDED, silver.SUPERSEDED.key)
    _publish_content(context, standing, pending)
    priced = price(standing, context.spark.table(silver.ALIASES.full_name), context.spark.table(gold.PRICES.full_name))
    priced = priced.withColumn("quality_flags", broken(rules, "flag"))
    if is_update:
        return merge_by_key(priced, silver.INTERACTIONS, NEWER).rows
    return append_first(priced, silver.INTERACTIONS).rows


def _standing(good: DataFrame) -> tuple[DataFrame, list[DataFrame]]:
    """One row per key, and the versions that lost within these batches; only repeated keys are shuffled whole."""
    repeated = versions.repeated(good)
    if not repeated.limit(1).collect():
        return good, []
    single = good.join(F.broadcast(repeated), "interaction_id", "left_anti")
    ranked = versions.newest(good.join(F.broadcast(repeated), "interaction_id", "left_semi"))
    winners = ranked.where("version_rank = 1").select(*good.columns)
    return single.unionByName(winners), [supersede.within(ranked)]


def _publish_content(context: JobContext, standing: DataFrame, pending: list[Row]) -> None:
    """Write prompts and answers of the sources that keep them; they are never staged."""
    kept = [source.settings.name for source in context.sources() if source.settings.content == "keep"]
    if kept:
        mine = canonical(context, pending).where(F.col("source_name").isin(kept))
        versions_kept = standing.select("interaction_id", "batch_id", "record_hash")
        content = llm_interaction_content(mine.join(versions_kept, versions_kept.columns, "left_semi"))
        merge_by_key(content, silver.CONTENT, "source.batch_id > target.batch_id")


def _quarantine(context: JobContext, staged: DataFrame) -> int:
    bad = staged.where("size(failed_rules) > 0")
    if not bad.limit(1).collect():
        return 0
    held = quarantine(bad).withColumn("recorded_at", F.lit(context.now()))
    return append_new(held, silver.QUARANTINE, silver.QUARANTINE.key).rows
