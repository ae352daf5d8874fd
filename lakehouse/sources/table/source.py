"""What is selected from a table that the configuration maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakehouse.errors import SourceSchemaError
from lakehouse.sources.mapped import MappedSource
from lakehouse.sources.relation import TIMES, Relation, plain


@dataclass(frozen=True)
class TableSource(MappedSource):
    """A home-made table; see the README beside this file."""

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
        used = [*self.key, event, *self.used()]
        if missing := sorted({name for name in used if name not in found}):
            have = ", ".join(sorted(found))
            raise SourceSchemaError(f"{self.table_name} lacks the columns {', '.join(missing)}; it has {have}")
        if found[event] not in TIMES:
            raise SourceSchemaError(f"event_time {event!r} of {self.table_name} is {found[event]}, not a time or date")
        zone, text = self.settings.time_zone, f"As in {self.table_name}"
        selected = tuple(plain(name, found[name], text, zone) for name in dict.fromkeys(used))
        return Relation(schema_name, self.table_name, selected, self.key, event, found[event], zone, has_xmin)
