"""`observatory source check`: how a source's newest rows would be filled; writes nothing to the lakehouse."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.context import JobContext
from jobs.prices import current_book
from lakehouse.bronze.envelope import envelope
from lakehouse.config import load_settings
from lakehouse.errors import ConfigurationError
from lakehouse.io.extract import Bounds, Snapshot, open_snapshot
from lakehouse.io.frames import local_frame
from lakehouse.io.landing import arrived
from lakehouse.io.session import get_session
from lakehouse.pricing.book import price_rows
from lakehouse.pricing.cost import price
from lakehouse.pricing.match import match
from lakehouse.silver.interactions import llm_interactions
from lakehouse.silver.invoices import billed
from lakehouse.sources.base import DatabaseSource, Filled, Source
from lakehouse.sources.files.source import FileSource
from lakehouse.sources.relation import NAIVE
from lakehouse.tables import gold, silver

ROWS = 1_000
EXAMPLE_CHARS = 40
SKEW_MINUTES = 5


def check(config: Path | None, home: Path | None, name: str) -> str:
    """Check one source.

    Raises:
        ConfigurationError: The source is not configured, or a line of its mapping is wrong: the message has the line.
    """
    settings = load_settings(config, home)
    with tempfile.TemporaryDirectory() as scratch:
        context = JobContext(settings.model_copy(update={"home": Path(scratch)}), tell=lambda line: None)
        source = context.sources([name])[0]
        context.__dict__["spark"] = get_session(context.settings)  # no table is made for a check
        if isinstance(source, FileSource):
            sample = _newest_file(context, source)
            is_invoice = source.settings.records == "invoice"
            return "\n".join(_billed(source, sample) if is_invoice else _lines(context, source, sample))
        with open_snapshot(context.url(source), source) as snapshot:
            return "\n".join(_lines(context, source, _newest_rows(context, source, snapshot)))


@dataclass(frozen=True)
class Sample:
    """Rows of a source as bronze would have them, the columns it has, and what to say about its place and times."""

    place: str
    bronze: DataFrame
    found: Mapping[str, str]
    names: Sequence[str]
    key: Sequence[str]
    zone: str


def _newest_rows(context: JobContext, source: DatabaseSource, snapshot: Snapshot) -> Sample:
    relation = snapshot.relation
    names = [selected.column.name for selected in relation.selected]
    rows = snapshot.query(context.spark, relation.sample_sql(ROWS))
    bronze = envelope(rows, names, source.settings.name, 0, context.now())
    zone = _zone(snapshot, snapshot.bounds())
    return Sample(f"newest rows of {relation.name}", bronze, snapshot.found, names, relation.key, zone)


def _newest_file(context: JobContext, source: FileSource) -> Sample:
    """The first rows of the file that would be read last."""
    files = arrived(source, context.tell)
    if not files:
        raise ConfigurationError(f"{source.settings.name}: no {source.settings.format} files in {source.settings.path}")
    newest = files[-1]
    counted = newest.rows  # tells a file that breaks off before Spark does
    found = newest.found(context.spark)
    source.require(newest.name, found)
    names = [column.name for column in source.columns]
    rows = source.rows(newest.read(context.spark, names[:-1], found, keep=False)).limit(ROWS)
    bronze = envelope(rows, names, source.settings.name, 0, context.now())
    zone = "times without one are read as UTC"
    return Sample(f"of {counted:,} rows of {newest.name}", bronze, found, names, source.key, zone)


def _lines(context: JobContext, source: Source, sample: Sample) -> list[str]:
    rows = _priced(context, llm_interactions(source.map_interactions(sample.bronze), source.settings.kind))
    stats = rows.agg(*_statistics(rows)).collect()[0].asDict()
    unread = sorted(set(sample.found) - set(sample.names))
    return [
        f"{source.settings.name}: {stats['n']:,} {sample.place}",
        *_columns(source.filled(sample.found), stats),
        f"not read: {', '.join(unread) or 'no column'}",
        f"key {', '.join(sample.key)}: {_uniqueness(stats)}",
        f"time zone: {sample.zone}",
        f"priced: {stats['priced']:,} of {stats['used']:,} rows with usage",
    ]


def _billed(source: FileSource, sample: Sample) -> list[str]:
    """The same of lines of an invoice."""
    rows, names = sample.bronze.select(*billed(source.mapped)), [column.name for column in silver.BILLED]
    shares = [F.count(name).alias(f"fill_{name}") for name in names]
    examples = [F.first(F.col(name).cast("string"), ignorenulls=True).alias(f"eg_{name}") for name in names]
    stats = rows.agg(F.count(F.lit(1)).alias("n"), *shares, *examples).collect()[0].asDict()
    nothing = {f"fail_{name}": 0 for name in names}
    fills = [Filled(name, expression=source.mapped.get(name), why_null=None) for name in names]
    return [f"{source.settings.name}: {stats['n']:,} {sample.place}", *_columns(fills, stats | nothing)]


def _priced(context: JobContext, rows: DataFrame) -> DataFrame:
    book, now = current_book(context.settings.price_overrides), context.now()
    spellings = rows.select("provider_raw", "response_model").distinct().collect()
    aliases = [(*alias, now) for alias in match([(row[0], row[1]) for row in spellings], book)]
    prices = local_frame(context.spark, gold.PRICES, price_rows(book, now))
    return price(rows, local_frame(context.spark, silver.ALIASES, aliases), prices)


def _statistics(rows: DataFrame) -> list[Column]:
    names = [column.name for column in silver.MAPPED]
    fill = [F.count(name).alias(f"fill_{name}") for name in names]
    failed = [F.count_if(F.array_contains("cast_failures", name)).alias(f"fail_{name}") for name in names]
    example = [F.first(F.col(name).cast("string"), ignorenulls=True).alias(f"eg_{name}") for name in names]
    used = F.col("cost_status") != "no_usage"
    return [
        F.count(F.lit(1)).alias("n"),
        F.count_distinct("source_record_id").alias("keys"),
        F.count("source_record_id").alias("keyed"),
        F.count_if(used).alias("used"),
        F.count_if(F.col("cost_status").isin("priced", "free")).alias("priced"),
        *fill,
        *failed,
        *example,
    ]


def _columns(fills: list[Filled], stats: Mapping[str, Any]) -> list[str]:
    lines = []
    for filled in fills:
        if filled.why_null:
            lines.append(f"  {filled.column:30} –      {filled.why_null}")
            continue
        share = stats[f"fill_{filled.column}"] / stats["n"] if stats["n"] else 0
        failed, example = stats[f"fail_{filled.column}"], str(stats[f"eg_{filled.column}"] or "")[:EXAMPLE_CHARS]
        note = f"  {failed:,} values cannot be read" if failed else ""
        lines.append(f"  {filled.column:30} {share:6.1%} {filled.expression}, such as {example!r}{note}")
    return lines


def _uniqueness(stats: Mapping[str, Any]) -> str:
    missing, repeated = stats["n"] - stats["keyed"], stats["keyed"] - stats["keys"]
    return "unique" if not missing and not repeated else f"{missing:,} rows have none, {repeated:,} repeat another's"


def _zone(snapshot: Snapshot, bounds: Bounds) -> str:
    """Guess from the newest event: a local time zone east of Greenwich puts it into the future."""
    relation = snapshot.relation
    if relation.event_type != NAIVE:
        return (
            f"{relation.event_time} carries its own" if "with time zone" in relation.event_type else relation.event_type
        )
    if bounds.newest is None:
        return "no event to tell from"
    ahead = _minutes(bounds.now, bounds.newest)
    if ahead > SKEW_MINUTES:
        return f"the newest event lies {ahead / 60:.1f} h ahead: set time_zone, {relation.zone} is wrong"
    return f"{relation.event_time} has none and is read as {relation.zone}; the newest is {-ahead / 60:,.1f} h old"


def _minutes(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 60
