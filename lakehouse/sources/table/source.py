"""What is selected from a table that the configuration maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlglot
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sqlglot import exp

from lakehouse.config import CONTENT_COLUMNS, SourceSettings
from lakehouse.errors import ConfigurationError, SourceSchemaError
from lakehouse.sources.base import Filled
from lakehouse.sources.relation import TIMES, Relation, plain
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
class TableSource:
    """A home-made table; see the README beside this file."""

    settings: SourceSettings
    mapped: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        wanted = self.settings.columns.items()
        keep = self.settings.content == "keep"
        object.__setattr__(self, "mapped", {c: e for c, e in wanted if keep or c not in CONTENT_COLUMNS})

    @property
    def table_name(self) -> str:
        """The configured table."""
        return str(self.settings.table)

    @property
    def key(self) -> tuple[str, ...]:
        """Columns that identify a row."""
        return tuple(part.strip() for part in str(self.settings.key).split(","))

    def relation(self, schema_name: str, found: Mapping[str, str], has_xmin: bool) -> Relation:
        """See `Source.relation`; only columns that the mapping uses are selected."""
        event = str(self.settings.event_time)
        used = [*self.key, event, *(name for column in self.mapped for name in self._columns_of(column))]
        if missing := sorted({name for name in used if name not in found}):
            have = ", ".join(sorted(found))
            raise SourceSchemaError(f"{self.table_name} lacks the columns {', '.join(missing)}; it has {have}")
        if found[event] not in TIMES:
            raise SourceSchemaError(f"event_time {event!r} of {self.table_name} is {found[event]}, not a time or date")
        zone, text = self.settings.time_zone, f"As in {self.table_name}"
        selected = tuple(plain(name, found[name], text, zone) for name in dict.fromkeys(used))
        return Relation(schema_name, self.table_name, selected, self.key, event, found[event], zone, has_xmin)

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
        """See `Source.filled`."""
        return [self._filled(column.name) for column in MAPPED]

    def _filled(self, column: str) -> Filled:
        if expression := self.mapped.get(column):
            return Filled(column, expression=expression)
        if how := DERIVED.get(column):
            return Filled(column, expression=f"derived: {how}")
        return Filled(column, why_null=f"[sources.columns] of {self.settings.name} does not map it")

    def _columns_of(self, column: str) -> list[str]:
        """Source columns that a mapping expression reads.

        Raises:
            ConfigurationError: It is not a SQL expression.
        """
        expression = self.mapped[column]
        try:
            parsed = sqlglot.parse_one(expression, read="databricks")
        except sqlglot.errors.SqlglotError as error:
            raise self._fix(column, f"{expression!r} is not a SQL expression") from error
        return [read.name for read in parsed.find_all(exp.Column)]

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
