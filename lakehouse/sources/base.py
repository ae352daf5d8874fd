"""What a source must offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pyspark.sql import DataFrame

from lakehouse.config import SourceSettings
from lakehouse.sources.relation import Relation


@dataclass(frozen=True)
class Filled:
    """What fills one canonical column of a source; exactly one of the two is set."""

    column: str
    expression: str | None = None
    why_null: str | None = None


class Source(Protocol):
    """One kind of source, made for one `[[sources]]` entry."""

    @property
    def settings(self) -> SourceSettings:
        """Its `[[sources]]` entry."""
        ...

    def map_interactions(self, bronze: DataFrame) -> DataFrame:
        """Turn bronze rows into `bronze.ENVELOPE`, `silver.MAPPED`, `silver.INTERMEDIATE` and `cast_failures`.

        Grain stays one row per bronze row; what the source does not have is null.
        """
        ...

    def filled(self, found: Mapping[str, str]) -> list[Filled]:
        """Say for every canonical column what fills it, or why it is null."""
        ...


class DatabaseSource(Source, Protocol):
    """A source that is a table of a database."""

    @property
    def table_name(self) -> str:
        """The source's own table."""
        ...

    def relation(self, schema_name: str, found: Mapping[str, str], has_xmin: bool) -> Relation:
        """Say what to select.

        Args:
            schema_name: Schema of the table.
            found: The table's columns with their PostgreSQL types.
            has_xmin: False for a view.

        Raises:
            SourceSchemaError: A required column is missing or has a type that cannot serve.
        """
        ...
