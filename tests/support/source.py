"""Databases that tests read from, on the one embedded server, and sources and contexts for them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from jobs.context import JobContext
from jobs.demo import load
from lakehouse.config import SourceSettings, load_settings

Row = Mapping[str, Any]
DEMO_TOML = Path(str(files("jobs.demo") / "demo.toml"))


@dataclass(frozen=True)
class Database:
    """One database; `env` is the environment variable that holds its URL, as a source's `url_env` names it."""

    url: str
    env: str

    @property
    def name(self) -> str:
        """Its name on the server."""
        return self.url.rsplit("/", 1)[1]

    def run(self, query: str, values: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement in a transaction of its own and give its rows, [] where it has none."""
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def insert(self, table: str, *rows: Row) -> None:
        """Insert rows in one transaction; what a row does not name takes the table's default."""
        with psycopg.connect(self.url) as connection:
            for row in rows:
                names = SQL(", ").join(map(Identifier, row))
                marks = SQL(", ").join(SQL("%s") for _ in row)
                statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(Identifier(table), names, marks)
                connection.execute(statement, [_adapted(value) for value in row.values()])


def _adapted(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict | list) else value


def create_database(server_url: str, name: str) -> Database:
    """Create a database with the demo's two tables, empty, and put its URL into the environment."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    database = Database(f"{server_url.rsplit('/', 1)[0]}/{name}", f"OBSERVATORY_TEST_{name.upper()}")
    os.environ[database.env] = database.url
    load.create_tables(database.url)
    return database


def demo_sources(database: Database, **changes: object) -> tuple[SourceSettings, ...]:
    """Give the demo's own two sources, pointed at a database; `changes` are other settings of both."""
    changes = {"url_env": database.env, **changes}
    return tuple(source.model_copy(update=changes) for source in load_settings(DEMO_TOML).sources)


def table_source(database: Database, table: str, **settings: Any) -> SourceSettings:
    """Give a source that reads `table` with the key `id` and the event time `at`, unless said otherwise."""
    mine = {"key": "id", "event_time": "at", "columns": {"started_at": "at"}} | settings
    return SourceSettings(name=table, kind="table", url_env=database.env, table=table, **mine)


def using(context: JobContext, *sources: SourceSettings, lines: list[str] | None = None) -> JobContext:
    """Give a context on the same lakehouse with other sources; what it tells goes to `lines`."""
    told = lines if lines is not None else []
    other = JobContext(context.settings.model_copy(update={"sources": sources}), told.append)
    other.__dict__["spark"] = context.spark
    return other


def rows_of(context: JobContext, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query on the lakehouse, as tuples."""
    return [tuple(row) for row in context.spark.sql(query).collect()]
