"""`observatory quarantine`: rows that were held back, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from jobs import batches
from jobs.aggregate import aggregate
from jobs.context import JobContext
from jobs.prices import learn_models
from jobs.refine import canonical, publish_rows
from lakehouse.io.write import append_new, remove, stage
from lakehouse.tables import ops, silver
from lakehouse.tables.quality import BRONZE_ROW, DECISION
from quality.compile import broken, compile_suite
from quality.loader import load_suite

ONCE = ("decision_id", *BRONZE_ROW, "outcome")


@dataclass(frozen=True)
class Choice:
    """Which held rows are meant: of a source, of a batch, that broke a rule; None means any."""

    source: str | None = None
    rule: str | None = None
    batch: int | None = None


def held(spark: SparkSession, choice: Choice) -> DataFrame:
    """Rows of silver.quarantine that wait for a decision; those that were discarded do not."""
    discarded = spark.table(DECISION.full_name).where("outcome = 'discarded'").select(*BRONZE_ROW)
    rows = spark.table(silver.QUARANTINE.full_name).join(discarded, list(BRONZE_ROW), "left_anti")
    wanted = [
        F.col("source_name") == choice.source if choice.source else None,
        F.array_contains("failed_rules", choice.rule) if choice.rule else None,
        F.col("batch_id") == choice.batch if choice.batch else None,
    ]
    return reduce(DataFrame.where, [condition for condition in wanted if condition is not None], rows)


def discard(context: JobContext, choice: Choice, why: str) -> int:
    """Decide that rows never enter silver; they stay in silver.quarantine, so that every row is accounted for.

    Returns:
        Rows that were waiting until now.
    """
    decision = batches.next_batch_id(context.spark, context.now())
    rows = _decided(context, held(context.spark, choice), decision, "discarded", why)
    done = append_new(rows, DECISION, ONCE).rows
    context.tell(f"quarantine: {done:,} rows discarded")
    return done


def release(context: JobContext, choice: Choice, why: str) -> int:
    """Send rows through refine again, by the mapping and the rules as they are now; what still breaks a rule stays.

    Returns:
        Rows published.

    Raises:
        DataGateError: Gold would not agree with silver; it is what it was before.
    """
    waiting = held(context.spark, choice)
    names = sorted(row.source_name for row in waiting.select("source_name").distinct().collect())
    for name in names:
        decision = batches.next_batch_id(context.spark, context.now())
        mine = waiting.where(F.col("source_name") == name)
        append_new(_decided(context, mine, decision, "requested", why), DECISION, ONCE)
    done = finish_releases(context)
    if not names:
        context.tell("quarantine: no row waits that matches")
    aggregate(context)
    return done


def finish_releases(context: JobContext) -> int:
    """Carry out every release that is decided and not done, those of a broken run too; gives the rows published.

    Each write is idempotent, and the last one, the release's entry in ops.batch, says that it is done.
    """
    decisions = context.spark.table(DECISION.full_name).where("outcome = 'requested'")
    if decisions.isEmpty():  # nearly always, and much faster than the join
        return 0
    done = context.spark.table(ops.BATCH.full_name).where("state = 'REFINED'").select("batch_id")
    is_open = F.col("decision_id") == F.col("done.batch_id")
    opened = decisions.join(done.alias("done"), is_open, "left_anti").select("decision_id", "source_name").distinct()
    return sum(_finish(context, row) for row in opened.orderBy("decision_id").collect())


def _finish(context: JobContext, release: Row) -> int:
    asked = context.spark.table(DECISION.full_name).where(
        (F.col("decision_id") == release.decision_id) & (F.col("outcome") == "requested")
    )
    pending = asked.select("source_name", "batch_id").distinct().collect()
    rules = compile_suite(load_suite(silver.INTERACTIONS.full_name))
    rows = canonical(context, pending).join(asked.select(*BRONZE_ROW).distinct(), list(BRONZE_ROW), "left_semi")
    staged = stage(rows.withColumn("failed_rules", broken(rules, "quarantine")), ops.STAGING)
    good = staged.where("size(failed_rules) = 0")
    if published := good.count():
        learn_models(context, good)
        publish_rows(context, good.drop("failed_rules"), rules, pending)
        remove(good, silver.QUARANTINE, BRONZE_ROW)
    why = asked.select("reason").limit(1).collect()[0].reason
    outcome = F.when(F.size("failed_rules") == 0, "published").otherwise("held")
    append_new(_decided(context, staged, release.decision_id, outcome, why), DECISION, ONCE)
    batch = {"batch_id": release.decision_id, "source_name": release.source_name}
    batches.record(context, [batch | {"state": "REFINED", "strategy": "release"}])
    context.tell(f"quarantine: {published:,} of {staged.count():,} rows of {release.source_name} published")
    return published


def _decided(context: JobContext, rows: DataFrame, decision: int, outcome: Column | str, why: str) -> DataFrame:
    """Rows of ops.quarantine_decision; identical rows of one batch share an entry."""
    facts = {
        "decision_id": F.lit(decision),
        "outcome": outcome if isinstance(outcome, Column) else F.lit(outcome),
        "reason": F.lit(why),
        "decided_by": F.current_user(),
        "run_id": F.lit(context.run_id),
        "recorded_at": F.lit(context.now()),
    }
    return rows.dropDuplicates(list(BRONZE_ROW)).withColumns(facts).select(*DECISION.column_names)
