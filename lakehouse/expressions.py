"""Spark expressions that several layers use; pure."""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F


def names_where(conditions: Iterable[tuple[str, Column]]) -> Column:
    """Array of the names whose conditions hold, in their order; a null condition does not hold.

    By array_except, for Spark compiles it: array_compact is a filter with a lambda, which Spark interprets together
    with all that stands in it, row by row.
    """
    nothing = F.lit(None).cast("string")
    return F.array_except(
        F.array(*[F.when(holds, F.lit(name)) for name, holds in conditions], nothing), F.array(nothing)
    )
