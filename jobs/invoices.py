"""Within refine: lines of delivered invoices → silver.provider_invoice."""

from __future__ import annotations

from pyspark.sql import Window
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from lakehouse.io.write import replace_windows
from lakehouse.silver.invoices import provider_invoice
from lakehouse.sources.files.source import FileSource
from lakehouse.tables import ops, silver


def refine_invoices(context: JobContext) -> int:
    """Rebuild the invoices of every source that delivered one; a replay leaves the same lines.

    Returns:
        Lines written.
    """
    names = [source.name for source in context.settings.sources if source.records == "invoice"]
    invoices = context.sources(names) if names else []
    waiting = batches.in_state(context.spark, "VERIFIED", without="REFINED") if invoices else []
    written = 0
    for source in invoices:
        mine = [batch for batch in waiting if batch.source_name == source.settings.name]
        if mine and isinstance(source, FileSource):
            written += _rebuild(context, source)
            for state in ("REFINED", "AGGREGATED"):  # no gold is made of them
                batches.advance(context, mine, state)
    return written


def _rebuild(context: JobContext, source: FileSource) -> int:
    spark, name = context.spark, source.settings.name
    newest_first = Window.partitionBy("file_name").orderBy(F.desc("batch_id"))
    files = batches.of_source(spark, name).withColumn("place", F.row_number().over(newest_first))
    newest = files.where("place = 1").select("batch_id", "file_name")
    delivered = spark.table(ops.DELIVERED_ROW.full_name).where(F.col("source_name") == name)
    delivered = delivered.drop("source_name").join(F.broadcast(newest), "batch_id")
    lines = provider_invoice(spark.table(f"bronze.{name}"), delivered, source.mapped)
    commit = replace_windows(lines, silver.INVOICE, f"source_name = '{name}'")
    context.tell(f"{silver.INVOICE.full_name}: {commit.rows:,} lines of {name}")
    return commit.rows
