"""Keeps the price book and the model spellings up to date with what the sources use."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.context import JobContext
from jobs.facts import store, stored
from lakehouse.io.frames import local_frame
from lakehouse.io.write import merge_by_key
from lakehouse.pricing.book import Book, PriceRow, load_book, price_rows
from lakehouse.pricing.catalog import installed_catalog, with_catalog
from lakehouse.pricing.history import changes
from lakehouse.pricing.match import match
from lakehouse.tables import gold, silver

SPELLINGS = ("provider_raw", "response_model")
VERSION = "price_book_version"
NAMED = ("provider_hint", "provider_name", "model_key", "is_matched")
RENAMED = f"NOT ({' AND '.join(f'source.{name} <=> target.{name}' for name in NAMED)})"


def learn_models(context: JobContext, rows: DataFrame) -> None:
    """Bring the price book up to date and name the spellings that `rows` use for the first time."""
    listed, catalog = load_book(contracts=context.settings.price_overrides), installed_catalog()
    known = context.spark.table(silver.ALIASES.full_name).select(*SPELLINGS)
    used = rows.select(*SPELLINGS).distinct()
    is_new = stored(context).get(VERSION) != " + ".join([listed.version, *(catalog or ())[1:]])
    same = [F.col(f"used.{name}").eqNullSafe(F.col(f"known.{name}")) for name in SPELLINGS]
    unknown = used.alias("used").join(known.alias("known"), same[0] & same[1], "left_anti")
    unnamed = [(row[0], row[1]) for row in (used.unionByName(known).distinct() if is_new else unknown).collect()]
    if not is_new and not unnamed:
        return
    book = current_book(context.settings.price_overrides)  # takes a second, hence not in each run
    if is_new:
        _store_prices(context, book)
    aliases = [(*alias, context.now()) for alias in match(unnamed, book)]
    merge_by_key(local_frame(context.spark, silver.ALIASES, aliases), silver.ALIASES, RENAMED)
    store(context, {VERSION: book.version})  # last: a run that is killed before takes every spelling up again


def current_book(contracts: Path | None) -> Book:
    """Contracts over genai-prices over MLflow's catalog, where that is installed.

    Raises:
        ConfigurationError: The contract file is missing or malformed.
    """
    listed, catalog = load_book(contracts=contracts), installed_catalog()
    return with_catalog(listed, *catalog) if catalog else listed


def _store_prices(context: JobContext, book: Book) -> None:
    """Write what changed since the last snapshot of the price book."""
    now = context.now()
    rows = [PriceRow(*row) for row in context.spark.table(gold.PRICES.full_name).collect()]
    if changed := changes(rows, price_rows(book, now), now):
        merge_by_key(local_frame(context.spark, gold.PRICES, changed), gold.PRICES, "true")
