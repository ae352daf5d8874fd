"""Gate bronze: the batches that silver has not taken yet, and their rows' envelopes."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from jobs.gates.measure import measured
from jobs.gates.record import Subject, gate
from lakehouse.tables.bronze import ENVELOPE
from quality.loader import load_suite

NAMES = tuple(column.name for column in ENVELOPE)


def judge_arrived(context: JobContext) -> None:
    """Judge what arrived since silver was made.

    Raises:
        DataGateError: A critical rule failed; silver is not made from it.
    """
    pending = batches.in_state(context.spark, "VERIFIED", without="REFINED")
    if not pending:
        context.tell("gate bronze: nothing to judge")
        return
    batch, source = load_suite("bronze.batch"), load_suite("bronze.source")
    written = {"rows_written": sum(row.rows_written for row in pending)}
    subjects = [
        Subject(batch, batch.expectations, *measured(batch.expectations, batches_with_previous(context, pending))),
        Subject(source, source.expectations, *measured(source.expectations, envelopes(context, pending)), written),
    ]
    gate(context, "bronze", subjects)


def batches_with_previous(context: JobContext, pending: list[Row]) -> DataFrame:
    """The given batches, each with the schema of the batch before of its source."""
    verified = context.spark.table(batches.BATCH.full_name).where("state = 'VERIFIED'")
    order = Window.partitionBy("source_name").orderBy("batch_id")
    before = verified.withColumn("previous_fingerprint", F.lag("schema_fingerprint").over(order))
    return before.where(F.col("batch_id").isin([row.batch_id for row in pending]))


def envelopes(context: JobContext, pending: list[Row]) -> DataFrame:
    """Envelopes of the rows that the given batches brought."""
    frames = []
    for name in sorted({row.source_name for row in pending}):
        ids = [row.batch_id for row in pending if row.source_name == name]
        frames.append(context.spark.table(f"bronze.{name}").where(F.col("_batch_id").isin(ids)).select(*NAMES))
    return reduce(DataFrame.unionByName, frames)
