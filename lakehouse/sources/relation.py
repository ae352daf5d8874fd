"""The SQL that reads one PostgreSQL table: what is selected, and the windows it is read by. Pure text."""

from __future__ import annotations

from dataclasses import dataclass

from lakehouse.tables.model import Column
from lakehouse.window import TimeWindow

# PostgreSQL types that keep their exact value as a number; everything else travels as text.
EXACT = {"smallint": "BIGINT", "integer": "BIGINT", "bigint": "BIGINT", "real": "DOUBLE", "double precision": "DOUBLE"}
EXACT |= {"boolean": "BOOLEAN"}
CASTS = {"BIGINT": "bigint", "DOUBLE": "double precision", "BOOLEAN": "boolean", "STRING": "text"}
NAIVE = "timestamp without time zone"
ZONED = "timestamp with time zone"
TIMES = (NAIVE, ZONED, "date")
# What Python can hold in any zone; beyond lie ±infinity and milliseconds read as seconds.
OLDEST, NEWEST = "'0001-01-02'", "'9999-12-31'"


def quote(name: str) -> str:
    """Write an identifier for PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a string literal for PostgreSQL."""
    return "'" + text.replace("'", "''") + "'"


def bronze_type(data_type: str) -> str:
    """Bronze's type for one of PostgreSQL's."""
    return EXACT.get(data_type, "STRING")


@dataclass(frozen=True)
class Selected:
    """One column as it is selected: the bronze column, and the SQL that fills it."""

    column: Column
    sql: str


def plain(name: str, data_type: str, description: str, zone: str = "UTC") -> Selected:
    """Select a column as it is; a timestamp without zone gets that of its source."""
    kind = bronze_type(data_type)
    value = f"{quote(name)} AT TIME ZONE {literal(zone)}" if data_type == NAIVE and zone != "UTC" else quote(name)
    return Selected(Column(name, kind, description), f"({value})::{CASTS[kind]}")


@dataclass(frozen=True)
class Relation:
    """A table to read.

    `key` and `event_time` are source columns; `event_type` is the event time's PostgreSQL type. `has_xmin` is False
    for views, which have none.
    """

    schema: str
    table: str
    selected: tuple[Selected, ...]
    key: tuple[str, ...]
    event_time: str
    event_type: str
    zone: str = "UTC"
    has_xmin: bool = True

    @property
    def name(self) -> str:
        """Qualified and quoted name."""
        return f"{quote(self.schema)}.{quote(self.table)}"

    @property
    def key_sql(self) -> str:
        """The key as one text; NULL only where every part is. Several parts are written as a row, never ambiguous."""
        parts = [f"{quote(part)}::text" for part in self.key]
        joined = ", ".join(parts)
        return parts[0] if len(parts) == 1 else f"CASE WHEN num_nonnulls({joined}) > 0 THEN ROW({joined})::text END"

    @property
    def instant_sql(self) -> str:
        """The event time as an instant; dates count from their midnight in the source's zone."""
        return self._instant(quote(self.event_time))

    def _instant(self, value: str) -> str:
        return value if self.event_type == ZONED else f"({value}::timestamp AT TIME ZONE {literal(self.zone)})"

    @property
    def _has_time(self) -> str:
        column = quote(self.event_time)
        return f"{column} >= {OLDEST} AND {column} < {NEWEST}"

    @property
    def micros_sql(self) -> str:
        """Microseconds since 1970 UTC; NULL for no time and for one outside `OLDEST` and `NEWEST`."""
        micros = f"round(extract(epoch FROM {self.instant_sql}) * 1000000)::bigint"
        return f"CASE WHEN {self._has_time} THEN {micros} END"

    @property
    def xmin_sql(self) -> str:
        """Version of the row: PostgreSQL's xmin, NULL for a view."""
        return "xmin::text::bigint" if self.has_xmin else "NULL::bigint"

    def where(self, window: TimeWindow | None) -> str:
        """Condition for the rows of a window; None selects the rows without an event time, by its index too."""
        column = quote(self.event_time)
        if window is None:
            return f"({column} IS NULL OR {column} < {OLDEST} OR {column} >= {NEWEST})"
        if self.event_type == NAIVE and self.zone == "UTC":  # the bare column, so that its index serves
            low, high = (literal(f"{t:%Y-%m-%d %H:%M:%S.%f}") + "::timestamp" for t in (window.start, window.end))
            return f"({column} >= {low} AND {column} < {high})"
        low, high = (literal(f"{t:%Y-%m-%d %H:%M:%S.%f}+00") + "::timestamptz" for t in (window.start, window.end))
        return f"({self.instant_sql} >= {low} AND {self.instant_sql} < {high})"

    def rows_sql(self, window: TimeWindow | None) -> str:
        """All selected columns with key, event time and xmin, of one window."""
        return f"{self._select} WHERE {self.where(window)}"

    def sample_sql(self, rows: int) -> str:
        """The newest rows, with the same columns."""
        return f"{self._select} ORDER BY {quote(self.event_time)} DESC NULLS LAST LIMIT {rows}"

    @property
    def _select(self) -> str:
        columns = [f"{s.sql} AS {quote(s.column.name)}" for s in self.selected]
        columns += [f"{self.key_sql} AS _source_key", f"{self.micros_sql} AS _event_us"]
        return f"SELECT {', '.join(columns)}, {self.xmin_sql} AS _source_xmin FROM {self.name}"  # noqa: S608

    def check_sql(self, window: TimeWindow | None) -> str:
        """Count and checksum of a window: sum of 60 bits of md5 over key, event time and row version.

        The same in Spark is `bronze.envelope.checksum`. The row version makes an update visible that keeps the key.
        """
        parts = (self.key_sql, f"({self.micros_sql})::text", self.xmin_sql + "::text")
        text = " || '|' || ".join(f"coalesce({part}, '')" for part in parts)
        bits = f"('x' || substr(md5({text}), 1, 15))::bit(60)::bigint"
        return f"SELECT count(*), coalesce(sum({bits}), 0)::text FROM {self.name} WHERE {self.where(window)}"  # noqa: S608

    def slots_sql(self, window: TimeWindow) -> str:
        """Rows per hour of a window, ascending; hours without rows are left out."""
        return self._per_hour("*", window)

    def keys_sql(self, window: TimeWindow) -> str:
        """Distinct keys per hour of a window, ascending; hours without rows are left out."""
        return self._per_hour(f"DISTINCT {self.key_sql}", window)

    def _per_hour(self, counted: str, window: TimeWindow) -> str:
        hour = f"date_trunc('hour', {self.instant_sql} AT TIME ZONE 'UTC')"
        where = self.where(window)
        return f"SELECT {hour}, count({counted}) FROM {self.name} WHERE {where} GROUP BY 1 ORDER BY 1"  # noqa: S608

    def bounds_sql(self) -> str:
        """Oldest and newest event time, and the source's clock."""
        column = quote(self.event_time)
        if self.event_type == ZONED or self.zone == "UTC":  # the bare column, so that its index serves
            low, high = self._instant(f"min({column})"), self._instant(f"max({column})")
        else:  # where clocks are changed, its order is not that of time
            low, high = f"min({self.instant_sql})", f"max({self.instant_sql})"
        return f"SELECT {low}, {high}, now() FROM {self.name} WHERE {self._has_time}"  # noqa: S608
