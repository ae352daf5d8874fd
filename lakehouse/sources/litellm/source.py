"""What is selected from LiteLLM_SpendLogs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame

from lakehouse.config import SourceSettings
from lakehouse.errors import SourceSchemaError
from lakehouse.sources.base import Filled
from lakehouse.sources.litellm import mapping, schema
from lakehouse.sources.relation import NAIVE, TIMES, Relation, Selected, bronze_type, plain
from lakehouse.tables.model import Column
from lakehouse.tables.silver import MAPPED


@dataclass(frozen=True)
class LiteLLMSource:
    """LiteLLM's spend log; see the README beside this file."""

    settings: SourceSettings

    @property
    def table_name(self) -> str:
        """The spend log."""
        return schema.TABLE

    def relation(self, schema_name: str, found: Mapping[str, str], has_xmin: bool) -> Relation:
        """See `Source.relation`; columns that an older LiteLLM lacks are left out."""
        _check(found)
        selected = [plain(name, found[name], text) for name, text in schema.COLUMNS.items() if name in found]
        if found.get("metadata") == "jsonb":
            selected.append(Selected(Column("metadata", "STRING", schema.METADATA), schema.metadata_sql()))
        if self.settings.content == "keep":
            selected += [plain(name, found[name], text) for name, text in schema.CONTENT.items() if name in found]
        key, event = ("request_id",), "startTime"
        return Relation(schema_name, schema.TABLE, tuple(selected), key, event, found[event], has_xmin=has_xmin)

    def map_interactions(self, bronze: DataFrame) -> DataFrame:
        """See `Source.map_interactions`."""
        return mapping.map_interactions(bronze)

    def filled(self, found: Mapping[str, str]) -> list[Filled]:
        """See `Source.filled`."""
        return [_filled(column.name, found) for column in MAPPED]


def _check(found: Mapping[str, str]) -> None:
    if missing := [name for name in schema.REQUIRED if name not in found]:
        raise SourceSchemaError(f"{schema.TABLE} lacks the required columns {', '.join(missing)}; is it LiteLLM's?")
    wrong = [f"{name} is {found[name]}" for name in schema.NUMBERS if bronze_type(found[name]) == "STRING"]
    wrong += [f"{name} is {found[name]}, not {NAIVE}" for name in ("startTime", "endTime") if found[name] not in TIMES]
    if wrong:
        raise SourceSchemaError(f"{schema.TABLE} has columns of another type than LiteLLM's: {'; '.join(wrong)}")


def _filled(column: str, found: Mapping[str, str]) -> Filled:
    needs = mapping.FILLED_BY.get(column)
    if needs is None:
        return Filled(column, why_null="LiteLLM does not record it")
    missing = [name for name in needs if name not in found]
    if missing:
        return Filled(column, why_null=f"this LiteLLM has no column {', '.join(missing)}")
    return Filled(column, expression=", ".join(needs))
