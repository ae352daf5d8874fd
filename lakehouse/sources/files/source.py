"""What a row of a delivered file becomes in bronze; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import sqlglot
from pyspark.errors import AnalysisException
from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.errors import ConfigurationError, SourceSchemaError
from lakehouse.sources.mapped import MappedSource, columns_of
from lakehouse.sources.relation import NEWEST, OLDEST
from lakehouse.tables.bronze import MALFORMED
from lakehouse.tables.model import Column


@dataclass(frozen=True)
class FileSource(MappedSource):
    """Deliveries as files; see the README beside this file."""

    @cached_property
    def key(self) -> tuple[str, ...]:
        """Columns or expressions that identify a row.

        Raises:
            ConfigurationError: They are no SQL.
        """
        text = str(self.settings.key)
        try:
            parsed = sqlglot.parse_one(f"SELECT {text}", read="databricks").expressions
        except sqlglot.errors.SqlglotError as error:
            raise ConfigurationError(f"key of {self.settings.name}: {text!r} is not SQL") from error
        return tuple(part.sql(dialect="databricks") for part in parsed)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """What bronze keeps of a row: columns that key, event time and mapping use, and the line that is no row.

        Raises:
            ConfigurationError: One of them is not a SQL expression.
        """
        used = dict.fromkeys([*self.key_columns, *self._event_columns, *self.used()])
        kept = [Column(name, "STRING", f"As in {self.settings.path}") for name in used]
        return (*kept, MALFORMED)

    @property
    def key_columns(self) -> list[str]:
        """Columns that the key reads."""
        return [name for part in self.key for name in columns_of(part)]

    @property
    def _event_columns(self) -> list[str]:
        event = self.settings.event_time
        try:
            return columns_of(event) if event else []
        except sqlglot.errors.SqlglotError as error:
            raise ConfigurationError(f"event_time of {self.settings.name}: {event!r} is not SQL") from error

    def require(self, delivery: str, found: Mapping[str, str]) -> list[str]:
        """Give the columns that the delivery lacks.

        Raises:
            SourceSchemaError: None of the key's columns is there, so that no row could be told from another.
        """
        if not set(self.key_columns) & set(found):
            have, want = ", ".join(sorted(found)) or "no column", ", ".join(self.key_columns)
            raise SourceSchemaError(f"{delivery} lacks the key {want}; it has {have}: correct the key or the delivery")
        return [column.name for column in self.columns[:-1] if column.name not in found]

    def rows(self, texts: DataFrame) -> DataFrame:
        """Add key and event time, as `bronze.envelope.envelope` takes them.

        Args:
            texts: The columns of `columns`, all text.

        Raises:
            ConfigurationError: Key or event time is an expression that does not resolve.
        """
        try:
            is_row, event = F.col(MALFORMED.name).isNull(), self._event_us()
            return texts.select(
                "*",
                F.when(is_row, self._key()).alias("_source_key"),
                F.when(is_row, event).alias("_event_us"),
                F.lit(None).cast("bigint").alias("_source_xmin"),
            )
        except AnalysisException as error:
            reason = str(error).splitlines()[0]
            raise ConfigurationError(f"key or event_time of {self.settings.name}: {reason}") from error

    def _key(self) -> Expression:
        """The key as one text; several parts as a JSON array, null only where every part is."""
        parts = [F.expr(part).cast("string") for part in self.key]
        if len(parts) == 1:
            return parts[0]
        return F.when(F.coalesce(*parts).isNotNull(), F.to_json(F.array(*parts)))

    def _event_us(self) -> Expression:
        if not self.settings.event_time:
            return F.lit(None).cast("bigint")
        at = F.expr(self.settings.event_time).try_cast("timestamp")
        is_time = (at >= F.lit(OLDEST.strip("'")).cast("timestamp")) & (at < F.lit(NEWEST.strip("'")).cast("timestamp"))
        return F.when(is_time, F.unix_micros(at))
