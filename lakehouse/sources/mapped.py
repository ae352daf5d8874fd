"""A source whose columns the configuration maps: what fills what, and which line of the mapping is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlglot
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sqlglot import exp

from lakehouse.config import CONTENT_COLUMNS, SourceSettings
from lakehouse.errors import ConfigurationError
from lakehouse.sources.base import Filled
from lakehouse.sources.focus import FOCUS
from lakehouse.sources.table import mapping
from lakehouse.tables.silver import MAPPED

DERIVED = {
    "source_record_id": "the key",
    "event_date": "date of the event time",
    "time_basis": "whether there is an event time",
    "duration_ms": "ended_at − started_at",
    "operation_name": "chat",
    "token_basis": "whether there are tokens",
    "status": "whether there is an error",
    "error_type": "HTTP status and error text",
    "error_origin": "error_type",
    "error_message_masked": "error text",
    "gateway_cache_hit": "false",
    "is_synthetic": "false",
}


@dataclass(frozen=True)
class MappedSource:
    """What the kinds `table` and `files` share: `mapped` holds the lines of `[sources.columns]` that are read."""

    settings: SourceSettings
    mapped: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        is_invoice = self.settings.records == "invoice"
        wanted = ((FOCUS if is_invoice else {}) | self.settings.columns).items()
        keep = self.settings.content == "keep"
        object.__setattr__(self, "mapped", {c: e for c, e in wanted if keep or c not in CONTENT_COLUMNS})

    def map_interactions(self, bronze: DataFrame) -> DataFrame:
        """See `Source.map_interactions`.

        Raises:
            ConfigurationError: A line of the mapping does not resolve, where the session says so at once.
        """
        try:
            return mapping.map_interactions(bronze, self.mapped)
        except AnalysisException as error:
            raise self._wrong_line(bronze, error) from error

    def filled(self, found: Mapping[str, str]) -> list[Filled]:
        """See `Source.filled`; lines of an invoice fill none of its columns."""
        return [] if self.settings.records == "invoice" else [self._filled(column.name) for column in MAPPED]

    def used(self) -> Iterable[str]:
        """Source columns that the mapping reads, those of a line together.

        Raises:
            ConfigurationError: A line is not a SQL expression.
        """
        return (name for column in self.mapped for name in self._columns_of(column))

    def _filled(self, column: str) -> Filled:
        if expression := self.mapped.get(column):
            return Filled(column, expression=expression)
        if how := DERIVED.get(column):
            return Filled(column, expression=f"derived: {how}")
        return Filled(column, why_null=f"[sources.columns] of {self.settings.name} does not map it")

    def _columns_of(self, column: str) -> list[str]:
        expression = self.mapped[column]
        try:
            return columns_of(expression)
        except sqlglot.errors.SqlglotError as error:
            raise self._fix(column, f"{expression!r} is not a SQL expression") from error

    def _wrong_line(self, bronze: DataFrame, error: AnalysisException) -> ConfigurationError:
        for column, expression in self.mapped.items():
            try:
                bronze.select(F.expr(expression))
            except AnalysisException as wrong:
                return self._fix(column, str(wrong).splitlines()[0])
        return ConfigurationError(f"[sources.columns] of {self.settings.name}: {str(error).splitlines()[0]}")

    def _fix(self, column: str, reason: str) -> ConfigurationError:
        line = f'{column} = "{self.mapped[column]}"'
        return ConfigurationError(f"[sources.columns] of {self.settings.name}: fix the line {line}: {reason}")


def columns_of(expression: str) -> list[str]:
    """Columns that a Spark SQL expression reads.

    Raises:
        sqlglot.errors.SqlglotError: It is none.
    """
    return [read.name for read in sqlglot.parse_one(expression, read="databricks").find_all(exp.Column)]
