"""`observatory explain`: the receipt of a figure, from its value down to the deliveries, and the query to repeat it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.errors import ConfigurationError
from lakehouse.sql.figure import Figure, conditions, parse_figure
from lakehouse.sql.pinned import pinned, tables
from lakehouse.tables import gold, ops, silver
from lakehouse.tables.model import Table
from lakehouse.tables.quality import RESULT

SILVER = silver.INTERACTIONS.full_name
PRICES_SHOWN = 20  # the most used; the receipt says how many there are
BATCH_FACTS = (
    "batch_id", "source_name", "rows", "rows_source", "rows_read", "checksum_source", "checksum_read", "file_name",
    "bronze_version",
)  # fmt: skip
Facts = list[dict[str, Any]]


@dataclass(frozen=True)
class Receipt:
    """Where a figure comes from.

    Attributes:
        figure: As it was asked for.
        value: What it is, as text with every decimal; null where it is null.
        as_of: Instant asked for, UTC; null for now.
        query: SQL that gives the same value to the same decimal for as long as the versions are kept.
        versions: Delta version of each table read, and when it was committed.
        rows: Attempts of silver behind it.
        rows_by: Conditions that these rows were selected by.
        rows_not_by: Conditions on columns that silver does not have; rows are too many then.
        batches: What brought those rows, with the source's count and checksum beside ours.
        price_count: Sets of rates applied to them.
        prices: The most used of them.
        gates: Verdicts of the runs that published those batches.
    """

    figure: str
    value: str | None
    as_of: str | None
    query: str
    versions: Facts
    rows: int
    rows_by: list[str]
    rows_not_by: list[str]
    batches: Facts
    price_count: int
    prices: Facts
    gates: Facts

    def as_json(self) -> str:
        """For programs."""
        return json.dumps(asdict(self), default=str, indent=1)

    def as_text(self) -> str:
        """For people."""
        head = [f"{self.figure} = {self.value}", f"as of {self.as_of or 'now'}, from {self.rows:,} attempts"]
        if self.rows_not_by:
            head.append(f"attempts were not selected by {', '.join(self.rows_not_by)}: silver has no such column")
        parts = {"versions": self.versions, "batches": self.batches, "prices": self.prices, "gates": self.gates}
        lines = [
            line
            for name, facts in parts.items()
            for line in (f"\n{name}:", *("  " + ", ".join(f"{k} {v}" for k, v in f.items()) for f in facts))
        ]
        return "\n".join([*head, *lines, "\nthe same again:", self.query])


def explain(spark: SparkSession, text: str, as_of: datetime | None = None) -> Receipt:
    """Make the receipt of a figure.

    Args:
        spark: A session with the lakehouse's tables.
        text: See `lakehouse.sql.figure`.
        as_of: UTC; the lakehouse as it was then.

    Raises:
        ConfigurationError: There is no such figure, its conditions select no row or several, a table did not exist at
            the time, or the files of its version are gone.
    """
    figure = parse_figure(text)
    versions = {name: _version(spark, name, as_of) for name in _read(figure)}
    numbers = {name: int(found["version"]) for name, found in versions.items()}
    query = figure.query(pinned(figure.view, numbers))
    value = _value(spark, query, text)
    rows, known, unknown = _rows(spark, figure, numbers)
    states = _at(spark, ops.BATCH, numbers)
    batches, prices = _batches(rows, states), _prices(rows, _at(spark, gold.PRICES, numbers))
    return Receipt(
        text, value, as_of and as_of.isoformat(), query, list(versions.values()), sum(b["rows"] for b in batches),
        known, unknown, batches, len(prices), prices[:PRICES_SHOWN], _gates(spark, batches, states),
    )  # fmt: skip


def _read(figure: Figure) -> list[str]:
    behind = (SILVER, ops.BATCH.full_name, gold.PRICES.full_name)
    return sorted({*tables(figure.view), *behind})


def _version(spark: SparkSession, name: str, as_of: datetime | None) -> dict[str, Any]:
    history = spark.sql(f"DESCRIBE HISTORY {name}").select("version", "timestamp")
    if as_of:
        history = history.where(F.col("timestamp") <= F.lit(as_of.replace(tzinfo=UTC)))
    if not (found := history.orderBy(F.desc("version")).limit(1).collect()):
        raise ConfigurationError(f"{name} did not exist at {as_of}: ask for a later time")
    return {"table": name, "version": found[0].version, "committed_at": found[0].timestamp.isoformat()}


def _value(spark: SparkSession, query: str, text: str) -> str | None:
    try:
        found = spark.sql(query).collect()
    except PySparkException as error:
        reason = str(error).splitlines()[0]
        raise ConfigurationError(f"{text} cannot be computed at these versions: {reason}") from error
    if len(found) != 1:
        told = "no row" if not found else "more than one row"
        raise ConfigurationError(f"{text}: {told}; add conditions, or write sum(VIEW.COLUMN)[…]")
    return None if found[0].value is None else str(found[0].value)


def _at(spark: SparkSession, table: Table, versions: Mapping[str, int]) -> DataFrame:
    return spark.read.option("versionAsOf", versions[table.full_name]).table(table.full_name)


def _rows(spark: SparkSession, figure: Figure, versions: Mapping[str, int]) -> tuple[DataFrame, list[str], list[str]]:
    """Attempts behind the figure, and by which of its conditions they could be selected."""
    known = tuple(pair for pair in figure.where if pair[0] in silver.INTERACTIONS.column_names)
    told = [[f"{c} = {v}" for c, v in figure.where if ((c, v) in known) is is_known] for is_known in (True, False)]
    return _at(spark, silver.INTERACTIONS, versions).where(conditions(known)), told[0], told[1]


def _batches(rows: DataFrame, states: DataFrame) -> Facts:
    counted = rows.groupBy("batch_id").agg(F.count(F.lit(1)).alias("rows"))
    found = counted.join(states.where("state = 'VERIFIED'"), "batch_id", "left").select(*BATCH_FACTS)
    return [row.asDict() for row in found.orderBy("batch_id").collect()]


def _prices(rows: DataFrame, book: DataFrame) -> Facts:
    used = rows.where("price_id IS NOT NULL").groupBy("price_id").agg(F.count(F.lit(1)).alias("rows"))
    said = F.collect_set(F.concat_ws(" ", "component", "rate_usd", "price_source"))
    about = ("price_id", "provider_name", "model_key", "service_tier", "valid_from")
    rates = book.groupBy(*about).agg(F.array_join(F.array_sort(said), "; ").alias("rates"))
    return [row.asDict() for row in used.join(rates, "price_id", "left").orderBy(F.desc("rows"), "price_id").collect()]


def _gates(spark: SparkSession, batches: Facts, states: DataFrame) -> Facts:
    """What the gates of the runs said that published the batches."""
    mine = states.where(F.col("batch_id").isin([b["batch_id"] for b in batches])).select("run_id").distinct()
    judged = spark.table(RESULT.full_name).join(mine, "run_id", "left_semi")
    found = judged.groupBy("run_id", "layer", "judged_at", "gate_decision").agg(
        F.count(F.lit(1)).alias("rules"), F.count_if(~F.col("is_met")).alias("rules_not_met")
    )
    return [row.asDict() for row in found.orderBy("judged_at", "layer").collect()]
