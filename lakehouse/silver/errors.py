"""Class and origin of errors as Spark expressions of the one table of patterns, `lakehouse.analyses.errors`."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from lakehouse.analyses.errors import ORIGIN_PATTERNS, ORIGINS, OTHER, RULES


def error_type(code: Column, text: Column) -> Column:
    """Class of an error.

    Args:
        code: HTTP status, null where none.
        text: Error class and message.
    """
    low, found = F.lower(F.coalesce(text, F.lit(""))), F.lit(OTHER)
    for name, pattern, codes in reversed(RULES):
        hit = F.coalesce(code.isin(*codes), F.lit(False)) if codes else F.lit(False)
        found = F.when(hit | low.rlike(pattern) if pattern else hit, name).otherwise(found)
    return found


def error_origin(kind: Column, text: Column) -> Column:
    """Who made an error; null where it cannot be told (connections, other)."""
    low, (first, *others) = F.lower(F.coalesce(text, F.lit(""))), ORIGIN_PATTERNS
    origin = F.when(low.rlike(first[1]), first[0])
    for name, pattern in others:
        origin = origin.when(low.rlike(pattern), name)
    for name, kinds in ORIGINS.items():
        origin = origin.when(kind.isin(*kinds), name)
    return origin
