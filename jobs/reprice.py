"""`observatory reprice`: costs of what silver has by the newest price book; by any other book only as a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from pathlib import Path

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.aggregate import GOLD, rebuild
from jobs.context import JobContext
from jobs.gates.gold import judge_rebuilt
from jobs.prices import SPELLINGS, current_book, learn_models
from lakehouse.errors import ConfigurationError
from lakehouse.gold.scenario import book_as_of, cost_scenario
from lakehouse.gold.windows import touched, with_hour
from lakehouse.io.frames import local_frame
from lakehouse.io.write import merge_by_key, replace_windows, version
from lakehouse.pricing.book import price_rows
from lakehouse.pricing.cost import price
from lakehouse.pricing.match import match
from lakehouse.tables import gold, silver
from quality.compile import broken, compile_suite
from quality.loader import load_suite

JUDGED = (*(column.name for column in silver.PRICED), "quality_flags")


@dataclass(frozen=True)
class Span:
    """Event times ``start <= t < end``, UTC; a bound that is None is open, and both open is everything."""

    start: datetime | None
    end: datetime | None

    def rows(self, context: JobContext) -> DataFrame:
        """What silver has of it; a row without an event time counts at the start of its date.

        Raises:
            ConfigurationError: The span is empty.
        """
        if self.start and self.end and self.start >= self.end:
            raise ConfigurationError(f"reprice: --start {self.start} must lie before --end {self.end}")
        rows = context.spark.table(silver.INTERACTIONS.full_name)
        at = F.coalesce("event_at", F.col("event_date").cast("timestamp"))
        rows = rows.where(at >= F.lit(self.start)) if self.start else rows
        return rows.where(at < F.lit(self.end)) if self.end else rows


@dataclass(frozen=True)
class Scenario:
    """A price book that does not hold: contract prices of a file over today's lists, or an earlier version by number.

    Exactly one of `prices` and `book_version` is given.
    """

    name: str
    prices: Path | None
    book_version: int | None


def reprice(context: JobContext, span: Span) -> int:
    """Price silver's rows by the newest book and rebuild their gold.

    A second time changes no row. Gold is rebuilt even so: a run that was killed between the two is repaired by it.

    Returns:
        Rows whose price changed.

    Raises:
        DataGateError: A critical rule failed on what was rebuilt; silver and gold are what they were before.
    """
    rows = span.rows(context)
    tables = (silver.INTERACTIONS, *(table for table, _ in GOLD))
    versions = {table.full_name: version(context.spark, table) for table in tables}
    learn_models(context, rows)
    rules = compile_suite(load_suite(silver.INTERACTIONS.full_name))
    before = rows.withColumns({f"_before_{name}": F.col(name) for name in JUDGED})
    aliases, prices = (context.spark.table(table.full_name) for table in (silver.ALIASES, gold.PRICES))
    after = price(before, aliases, prices).withColumn("quality_flags", broken(rules, "flag"))
    same = reduce(Column.__and__, (F.col(name).eqNullSafe(F.col(f"_before_{name}")) for name in JUDGED))
    changed = merge_by_key(after.where(~same), silver.INTERACTIONS, "true").rows
    hours = with_hour(rows).select("hour_at", "event_date").distinct().collect()
    if windows := touched((row.hour_at, row.event_date) for row in hours):
        rebuild(context, windows)
        judge_rebuilt(context, windows, versions)
    context.tell(f"silver: {changed:,} rows have another price")
    return changed


def compare(context: JobContext, span: Span, scenario: Scenario) -> int:
    """Price silver's rows by another book into gold.cost_scenario, in the place of what it has under that name.

    Returns:
        Rows written.

    Raises:
        ConfigurationError: There is no such file or version of the book, or not exactly one was named.
    """
    rows = span.rows(context)
    if (scenario.prices is None) == (scenario.book_version is None):
        raise ConfigurationError("reprice --scenario needs either --prices FILE or --book VERSION")
    aliases, prices, told = _of_file(context, rows, scenario) if scenario.prices else _of_version(context, scenario)
    priced = price(rows.withColumn("cost_fact_usd", F.col("cost_usd")), aliases, prices)
    written = {"scenario_name": scenario.name, "price_book": told, "recorded_at": context.now()}
    sums = cost_scenario(priced).withColumns({name: F.lit(value) for name, value in written.items()})
    name = scenario.name.replace("'", "''")
    commit = replace_windows(sums, gold.SCENARIO, f"scenario_name = '{name}'")
    context.tell(f"scenario {scenario.name}: {commit.rows:,} rows by {told}")
    return commit.rows


def _of_file(context: JobContext, rows: DataFrame, scenario: Scenario) -> tuple[DataFrame, DataFrame, str]:
    book = current_book(scenario.prices)
    names = [(row[0], row[1]) for row in rows.select(*SPELLINGS).distinct().collect()]
    aliases = local_frame(context.spark, silver.ALIASES, [(*a, context.now()) for a in match(names, book)])
    return aliases, local_frame(context.spark, gold.PRICES, price_rows(book, context.now())), book.version


def _of_version(context: JobContext, scenario: Scenario) -> tuple[DataFrame, DataFrame, str]:
    versions = context.spark.table("analytics.price_book_versions").orderBy("book_version").collect()
    found = [row for row in versions if row.book_version == scenario.book_version]
    if not found:
        raise ConfigurationError(f"the price book has versions 1 to {len(versions)}, not {scenario.book_version}")
    prices = book_as_of(context.spark.table(gold.PRICES.full_name), found[0].recorded_at)
    told = f"version {scenario.book_version} of {found[0].recorded_at}"
    return context.spark.table(silver.ALIASES.full_name), prices, told
