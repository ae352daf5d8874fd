"""Loading simulated rows into a real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from jobs.demo.postgres import start
from jobs.simulate import generate, load
from jobs.spend_logs import COLUMNS, INDEXED
from lakehouse.errors import ConfigurationError
from lakehouse.io.database import DatabaseUrl, get_connection, parse_url

ROWS = 3_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseUrl]:
    """One server for the module."""
    with start(tmp_path_factory.mktemp("postgres")) as running:
        yield parse_url(running.url)


@pytest.fixture
def url(server: DatabaseUrl) -> DatabaseUrl:
    """A database without the table."""
    with get_connection(server) as connection:
        connection.execute('DROP TABLE IF EXISTS "LiteLLM_SpendLogs"')
    return server


def fetch(url: DatabaseUrl, query: str) -> list[tuple[object, ...]]:
    """Read all rows of a query."""
    with get_connection(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def test_rows_arrive_as_generated(url: DatabaseUrl) -> None:
    """Every value that PostgreSQL holds equals the generator's, JSON included."""
    seen: list[int] = []
    assert load(url, ROWS, 7, progress=seen.append) == ROWS
    assert seen[-1] == ROWS
    chunk = next(generate(ROWS, 7))
    names = ", ".join(f'"{name}"' for name in chunk.column_names)
    stored = fetch(url, f"SELECT {names} FROM \"LiteLLM_SpendLogs\" ORDER BY split_part(request_id, '-', 3)::TEXT")
    expected = {row["request_id"]: row for row in chunk.to_pylist()}
    assert len(stored) == ROWS
    for values in stored:
        row = dict(zip(chunk.column_names, values, strict=True))
        wanted = expected[row["request_id"]]
        for name in ("metadata", "request_tags"):
            wanted[name] = json.loads(wanted[name])
        assert row == wanted


def test_table_is_litellms(url: DatabaseUrl) -> None:
    """Names, types and indexes are those of LiteLLM."""
    load(url, 10, 7)
    columns = fetch(
        url,
        "SELECT column_name, CASE data_type WHEN 'timestamp without time zone' THEN 'timestamp(' ||"
        " datetime_precision || ')' ELSE data_type END FROM information_schema.columns"
        " WHERE table_name = 'LiteLLM_SpendLogs' ORDER BY ordinal_position",
    )
    assert [name for name, _ in columns] == list(COLUMNS)
    for name, kind in columns:
        assert COLUMNS[str(name)].lower().startswith(str(kind)), name
    indexes = fetch(url, "SELECT count(*) FROM pg_indexes WHERE tablename = 'LiteLLM_SpendLogs'")
    assert indexes == [(len(INDEXED) + 1,)]


def test_same_seed_replaces_its_rows_and_no_other(url: DatabaseUrl) -> None:
    """Seed 7 does not touch seed 70 nor real rows."""
    load(url, 200, 7)
    load(url, 100, 70)
    with get_connection(url) as connection:
        connection.execute(
            'INSERT INTO "LiteLLM_SpendLogs" (request_id, call_type, "startTime", "endTime")'
            " VALUES ('real', 'acompletion', now(), now())"
        )
    load(url, 150, 7)
    counts = fetch(
        url, "SELECT split_part(request_id, '-', 2), count(*) FROM \"LiteLLM_SpendLogs\" GROUP BY 1 ORDER BY 1"
    )
    assert counts == [("", 1), ("7", 150), ("70", 100)]


def test_loads_into_the_urls_schema(url: DatabaseUrl) -> None:
    """Prisma's schema parameter is followed."""
    with get_connection(url) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS gateway")
    load(replace(url, schema="gateway"), 20, 7)
    assert fetch(url, 'SELECT count(*) FROM gateway."LiteLLM_SpendLogs"') == [(20,)]


def test_nothing_is_left_of_a_load_that_fails(url: DatabaseUrl) -> None:
    """One transaction: not even the table stays."""
    with pytest.raises(ConfigurationError, match="start"):
        load(url, 10, 7, start=datetime(2025, 6, 2))
    assert fetch(url, "SELECT to_regclass('\"LiteLLM_SpendLogs\"')") == [(None,)]
