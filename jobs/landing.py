"""Task ingest for deliveries as files: each file that is new is one batch, checked against the file itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from lakehouse.bronze.envelope import envelope
from lakehouse.errors import DataGateError, DeliveryError, ReconciliationError, SourceSchemaError
from lakehouse.io.catalog import provision_table
from lakehouse.io.landing import Delivery, arrived
from lakehouse.io.write import absent, append_first, restore, version
from lakehouse.sources.files.source import FileSource
from lakehouse.tables import ops
from lakehouse.tables.bronze import MALFORMED, bronze_table
from lakehouse.tables.model import Table

HEAD = ("batch_id", "source_name")
VERSION = ("_source_key", "_record_hash")
UNREADABLE = "FAILED_READ_FILE"  # Spark's name for a file whose bytes break off or contradict each other


@dataclass(frozen=True)
class Landing:
    """One source of files being read."""

    context: JobContext
    source: FileSource
    table: Table


def land(context: JobContext, source: FileSource, again: bool = False) -> int:
    """Read every delivery that was not read yet, by name.

    A file is known by its path and its content: one that comes again unchanged is left out, one that changed is read
    and adds what is new in it.

    Args:
        context: The run.
        source: Of kind files.
        again: Read all files again, in the same order (backfill): what bronze has already is not added twice.

    Returns:
        Rows appended to bronze.

    Raises:
        ConfigurationError: There is no such folder, or key, event time or mapping is wrong.
        DataGateError: Files could not be read; each is named, the others were.
        ReconciliationError: A file had other rows than arrived, or changed meanwhile; it was taken back.
    """
    settings, problems, written = source.settings, list[str](), 0
    found = arrived(source, context.tell)
    table = bronze_table(settings.name, source.columns, str(settings.path))
    provision_table(context.spark, context.settings, table)
    for kept in (ops.DELIVERED_ROW, table):
        batches.take_back_unrecorded(context, kept)
    batches.describe_columns(context, source, {})
    new = found if again else _unread(context, source, found)
    for delivery in new:
        try:
            written += _land(Landing(context, source, table), delivery)
        except (DeliveryError, SourceSchemaError) as error:
            problems.append(str(error))
    context.tell(f"{settings.name}: {len(found)} files, {len(new)} to read, {written:,} new rows")
    if problems:
        raise DataGateError(f"{settings.name}: {'; '.join(problems)}; repair or remove them, other files were read")
    return written


def _unread(context: JobContext, source: FileSource, found: list[Delivery]) -> list[Delivery]:
    """Leave out files whose name and content were read; the content of one that was not touched is not read again."""
    recorded = batches.of_source(context.spark, source.settings.name)
    rows = recorded.select("file_name", "file_sha256", "file_bytes", F.unix_micros("file_modified_at")).collect()
    contents = {(name, sha256) for name, sha256, _, _ in rows}
    untouched = {(name, size, micros) for name, _, size, micros in rows}
    return [d for d in found if (d.name, *_stat(d)) not in untouched and (d.name, d.sha256()) not in contents]


def _stat(delivery: Delivery) -> tuple[int, int]:
    size, modified_at = delivery.stat
    return size, round(modified_at.timestamp() * 1_000_000)


def _land(landing: Landing, delivery: Delivery) -> int:
    context, name = landing.context, landing.source.settings.name
    batch_id, size_and_time = batches.next_batch_id(context.spark, context.now()), delivery.stat
    facts: dict[str, object] = {"batch_id": batch_id, "source_name": name, "state": "VERIFIED"}
    facts |= {"strategy": "incremental", "file_name": delivery.name, "file_sha256": delivery.sha256()}
    facts |= dict(zip(("file_bytes", "file_modified_at"), size_and_time, strict=True))
    facts |= {"rows_source": delivery.rows, "checksum_source": facts["file_sha256"]}
    if delivery.rows:
        with _all_or_nothing(landing):
            facts |= _append(landing, delivery, facts)
    else:
        context.tell(f"{name}: {delivery.name} has no rows")
        facts |= {"rows_read": 0, "rows_written": 0, "checksum_read": facts["file_sha256"]}
    states = [facts]
    if not facts["rows_written"] and landing.source.settings.records == "requests":  # nothing is left to be done
        states += [{key: facts[key] for key in HEAD} | {"state": state} for state in ("REFINED", "AGGREGATED")]
    batches.record(context, states)
    return int(str(facts["rows_written"]))


@contextmanager
def _all_or_nothing(landing: Landing) -> Iterator[None]:
    """Take back what was written of a delivery that is not whole."""
    spark, tables = landing.context.spark, (ops.DELIVERED_ROW, landing.table)
    before = [version(spark, table) for table in tables]
    try:
        yield
    except Exception as error:
        for table, at in zip(tables, before, strict=True):
            if version(spark, table) != at:
                restore(spark, table, at)
        if UNREADABLE not in str(error):
            raise
        raise DeliveryError("a file breaks off or contradicts itself while it is read") from error


def _append(landing: Landing, delivery: Delivery, facts: Mapping[str, object]) -> dict[str, object]:
    """Write which rows were delivered, then those that bronze lacks."""
    context, table = landing.context, landing.table
    note = {key: facts[key] for key in ("batch_id", "file_name", "file_sha256", "rows_source")}
    found = delivery.found(context.spark)
    observed = Observation(f"batch_{facts['batch_id']}")
    rows = _rows(landing, delivery, found, int(str(facts["batch_id"])))
    newest = F.max(F.when(F.col("_event_at") <= F.col("_ingested_at"), F.col("_event_at")))
    measures = (F.count(F.lit(1)).alias("rows"), F.count(MALFORMED.name).alias("malformed"), newest.alias("newest"))
    append_first(_delivered(rows.observe(observed, *measures)), ops.DELIVERED_ROW, note)
    delivered = context.spark.table(ops.DELIVERED_ROW.full_name).where(F.col("batch_id") == facts["batch_id"])
    if delivered.where("row_count > 1").limit(1).collect():
        rows = rows.dropDuplicates(VERSION)
    commit = append_first(_new(rows, delivered, context.spark.table(table.full_name)), table, note)
    read = observed.get
    _verify(delivery, facts, read["rows"])
    if read["malformed"] == read["rows"]:
        raise DeliveryError(f"{delivery.name}: none of its {read['rows']} lines is a row of {delivery.format}")
    fingerprint = hashlib.sha256(repr(sorted(found.values())).encode()).hexdigest()[:16]
    told = {"rows_read": read["rows"], "checksum_read": facts["file_sha256"], "rows_written": commit.rows}
    return told | {
        "max_event_at": read["newest"], "bronze_version": commit.version, "schema_fingerprint": fingerprint
    }  # fmt: skip


def _rows(landing: Landing, delivery: Delivery, found: Mapping[str, str], batch_id: int) -> DataFrame:
    """The delivery's rows in bronze's envelope."""
    context, source = landing.context, landing.source
    if lacks := source.require(delivery.name, found):
        context.tell(f"{source.settings.name}: {delivery.name} has no {', '.join(lacks)}: null")
    names = [column.name for column in source.columns]
    keep = source.settings.content == "keep"
    texts = source.rows(delivery.read(context.spark, names[:-1], found, keep=keep))
    return envelope(texts, names, source.settings.name, batch_id, context.now())


def _delivered(rows: DataFrame) -> DataFrame:
    keys = ("_batch_id", "_source", "_source_key", "_record_hash")
    counted = rows.groupBy(*keys).agg(F.count(F.lit(1)).alias("row_count"))
    return counted.toDF(*ops.DELIVERED_ROW.column_names)


def _new(rows: DataFrame, delivered: DataFrame, bronze: DataFrame) -> DataFrame:
    """Rows that bronze lacks, and versions that stand again: known, but not the newest that bronze has of their key.

    Of a key that stands twice in one delivery the version with the greater hash is the one that stands, as in silver.

    Args:
        rows: The delivery's.
        delivered: Its keys and versions, as they were just written: reading them is cheaper than the file.
        bronze: All that earlier batches brought.
    """
    versions = delivered.select(F.col("source_record_id").alias("_source_key"), F.col("record_hash").alias(VERSION[1]))
    newest = F.max(F.struct("_batch_id", "_record_hash"))["_record_hash"].alias("_newest_hash")
    latest = bronze.where("_source_key IS NOT NULL").groupBy("_source_key").agg(newest)
    standing = versions.groupBy("_source_key").agg(F.max("_record_hash").alias("_record_hash"))
    back = standing.join(latest, "_source_key").where("_record_hash <> _newest_hash").select(*VERSION)
    lacking = absent(versions, bronze.select(*VERSION).distinct(), VERSION)
    same = [F.col(f"row.{name}").eqNullSafe(F.col(f"kept.{name}")) for name in VERSION]
    return rows.alias("row").join(lacking.unionByName(back).alias("kept"), same[0] & same[1], "left_semi")


def _verify(delivery: Delivery, facts: Mapping[str, object], arrived: int) -> None:
    if delivery.sha256() != facts["file_sha256"]:
        raise ReconciliationError(
            f"{delivery.name} changed while it was read; it was taken back: deliver files under another name first and "
            "rename them when they are whole, then run again"
        )
    if arrived != facts["rows_source"]:
        raise ReconciliationError(
            f"{delivery.name} has {facts['rows_source']} rows, {arrived} arrived; it was taken back: report it"
        )
