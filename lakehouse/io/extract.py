"""Reads one source table within one exported snapshot: bounds, counts, checksums and rows all from the same instant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce

import psycopg
from psycopg import sql
from pyspark.sql import DataFrame, SparkSession

from lakehouse.errors import SourceSchemaError, TransientError
from lakehouse.io.database import DatabaseUrl, get_connection
from lakehouse.sources.base import DatabaseSource
from lakehouse.sources.relation import Relation
from lakehouse.window import TimeWindow

READERS = 3  # parallel connections; with the control connection, what the read-only role may have
FETCH_ROWS = 5_000  # must stay above 0: without a cursor the driver autocommits and leaves the snapshot
# Whatever database and role prefer: how times and numbers become text must not differ between connections.
AS_TEXT = "SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL extra_float_digits = 1"

COLUMNS_SQL = """
SELECT a.attname, format_type(a.atttypid, NULL), c.relkind FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
TABLES_SQL = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1 LIMIT 20"""


@dataclass(frozen=True)
class Bounds:
    """Oldest and newest event time (None in an empty table) and the source's clock."""

    oldest: datetime | None
    newest: datetime | None
    now: datetime


class Snapshot:
    """One table of one source, as it was at one instant."""

    def __init__(
        self, connection: psycopg.Connection[tuple[object, ...]], url: DatabaseUrl, source: DatabaseSource
    ) -> None:
        self._connection, self._url = connection, url
        schema = url.schema or source.settings.schema_
        self.found, has_xmin = self._columns(schema, source.table_name)
        self.relation: Relation = source.relation(schema, self.found, has_xmin)
        self._all(self.relation.sample_sql(0))  # a missing grant or a lock shows here, not when rows are read
        self._id = str(self._one("SELECT pg_export_snapshot()")[0])

    @property
    def fingerprint(self) -> str:
        """Hash of the table's column names and types."""
        return hashlib.sha256(repr(sorted(self.found.items())).encode()).hexdigest()[:16]

    def bounds(self) -> Bounds:
        """Oldest and newest event time and the source's clock."""
        oldest, newest, now = self._one(self.relation.bounds_sql())
        return Bounds(_utc(oldest), _utc(newest), _utc(now) or datetime.now(UTC))

    def slots(self, window: TimeWindow) -> list[tuple[datetime, int]]:
        """Rows per hour, ascending; see `Relation.slots_sql`."""
        return self._per_hour(self.relation.slots_sql(window))

    def _per_hour(self, query: str) -> list[tuple[datetime, int]]:
        rows = self._all(query)
        return [(instant, int(str(count))) for hour, count in rows if (instant := _utc(hour)) is not None]

    def keys_per_hour(self, window: TimeWindow) -> list[tuple[datetime, int]]:
        """Distinct keys per hour, ascending; see `Relation.keys_sql`."""
        return self._per_hour(self.relation.keys_sql(window))

    def check(self, window: TimeWindow | None) -> tuple[int, str]:
        """The source's own row count and checksum of a window."""
        count, checksum = self._one(self.relation.check_sql(window))
        return int(str(count)), str(checksum)

    def read(self, spark: SparkSession, window: TimeWindow | None) -> DataFrame:
        """Rows of a window over several connections, each inside the snapshot."""
        parts = window.split(READERS) if window else [None]
        return reduce(DataFrame.unionByName, (self.query(spark, self.relation.rows_sql(part)) for part in parts))

    def query(self, spark: SparkSession, query: str) -> DataFrame:
        """Run a query inside the snapshot, through Spark's JDBC reader."""
        start = (
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; "
            f"SET TRANSACTION SNAPSHOT '{self._id}'; {AS_TEXT}"
        )
        options = {
            "url": self._url.jdbc_url,
            "user": self._url.user,
            "password": self._url.password.get_secret_value(),
            "driver": "org.postgresql.Driver",
            "sessionInitStatement": start,
            "fetchsize": str(FETCH_ROWS),
            "query": query,
        }
        return spark.read.format("jdbc").options(**options).load()

    def _columns(self, schema: str, table: str) -> tuple[dict[str, str], bool]:
        rows = self._all(COLUMNS_SQL, (schema, table))
        if not rows:
            tables = ", ".join(str(name) for (name,) in self._all(TABLES_SQL, (schema,))) or "none"
            raise SourceSchemaError(f"{self._url.place} has no table {schema}.{table}; schema {schema} has: {tables}")
        return {str(name): str(kind) for name, kind, _ in rows}, rows[0][2] in ("r", "p", b"r", b"p")

    def _all(self, query: str, values: tuple[str, ...] | None = None) -> list[tuple[object, ...]]:
        return self._connection.execute(sql.SQL(query), values).fetchall()

    def _one(self, query: str) -> tuple[object, ...]:
        return self._all(query)[0]


@contextmanager
def open_snapshot(url: DatabaseUrl, source: DatabaseSource) -> Iterator[Snapshot]:
    """Hold a snapshot open while it is read.

    Raises:
        SourceSchemaError: The table or a required column is missing.
        SourceAccessError: User, password or a grant is missing.
        TransientError: The source cannot be reached.
    """
    with get_connection(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute(AS_TEXT)
        yield Snapshot(connection, url, source)


@contextmanager
def while_reading(name: str) -> Iterator[None]:
    """Tell an error of the source from others of a Spark job that reads it.

    Raises:
        TransientError: The source refused or broke off; the job wrote nothing.
    """
    try:
        yield
    except Exception as error:
        if "PSQLException" not in str(error):
            raise
        raise TransientError(f"{name}: the source broke off while its rows were read; run again") from error


def _utc(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
