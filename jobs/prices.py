"""Keeps the price book and the model spellings up to date with what the sources use."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.context import JobContext
from lakehouse.io.frames import local_frame
from lakehouse.io.write import merge_by_key
from lakehouse.pricing.book import Book, PriceRow, load_book, price_rows
from lakehouse.pricing.history import changes
from lakehouse.pricing.match import match
from lakehouse.tables import gold, silver

SPELLINGS = ("provider_raw", "response_model")


def learn_models(context: JobContext, rows: DataFrame) -> None:
    """Bring the price book up to date and name the spellings that `rows` use for the first time."""
    book = load_book(contracts=context.settings.price_overrides)
    known = context.spark.table(silver.ALIASES.full_name).select(*SPELLINGS)
    used = rows.select(*SPELLINGS).distinct()
    if _store_prices(context, book):  # a new book may know what the old one did not
        unnamed = used.unionByName(known).distinct()
    else:
        same = [F.col(f"used.{name}").eqNullSafe(F.col(f"known.{name}")) for name in SPELLINGS]
        unnamed = used.alias("used").join(known.alias("known"), same[0] & same[1], "left_anti")
    found = match([(row[0], row[1]) for row in unnamed.collect()], book)
    if found:
        aliases = local_frame(context.spark, silver.ALIASES, [(*alias, context.now()) for alias in found])
        merge_by_key(aliases, silver.ALIASES, "source.recorded_at > target.recorded_at")


def _store_prices(context: JobContext, book: Book) -> bool:
    """Write what changed since the last snapshot of the price book; tells whether anything did."""
    table = context.spark.table(gold.PRICES.full_name)
    newest_first = F.desc(F.greatest("recorded_at", "superseded_at"))
    latest = table.orderBy(newest_first).select("source_version").limit(1).collect()
    if latest and latest[0][0] == book.version:
        return False
    stored = [PriceRow(*row) for row in table.collect()]
    changed = changes(stored, price_rows(book, context.now()), context.now())
    if changed:
        merge_by_key(local_frame(context.spark, gold.PRICES, changed), gold.PRICES, "true")
    return bool(changed)
