"""Small expressions that every mapping uses; pure pyspark."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from lakehouse.expressions import names_where
from lakehouse.tables.bronze import ENVELOPE
from lakehouse.tables.silver import INTERMEDIATE, MAPPED


def text(bronze: DataFrame, name: str) -> Column:
    """A bronze text column with '' as null; null where the source has no such column."""
    return F.nullif(column(bronze, name), F.lit("")) if name in bronze.columns else F.lit(None).cast("string")


def column(bronze: DataFrame, name: str, kind: str = "string") -> Column:
    """A bronze column, null of type `kind` where the source has no such column."""
    return F.col(f"`{name}`") if name in bronze.columns else F.lit(None).cast(kind)


def milliseconds(start: Column, end: Column) -> Column:
    """Milliseconds from start to end; null where one is null or end lies before start."""
    micros = F.unix_micros(end) - F.unix_micros(start)
    return F.when(micros >= 0, micros / F.lit(1000.0))


def canonical(bronze: DataFrame, filled: Mapping[str, Column], casts: Mapping[str, tuple[Column, Column]]) -> DataFrame:
    """Select envelope, mapped and intermediate columns and what could not be cast.

    Args:
        bronze: Bronze rows; every column expression below refers to it.
        filled: Canonical column → expression; what is missing becomes null.
        casts: Canonical column → (source value, cast value): listed in cast_failures where only the first is there.
    """
    kinds = {c.name: c.type for c in MAPPED} | dict.fromkeys(INTERMEDIATE, "STRING")
    columns = [filled.get(name, F.lit(None)).try_cast(kind).alias(name) for name, kind in kinds.items()]
    failures = names_where((name, raw.isNotNull() & value.isNull()) for name, (raw, value) in casts.items())
    return bronze.select(*[c.name for c in ENVELOPE], *columns, failures.alias("cast_failures"))
