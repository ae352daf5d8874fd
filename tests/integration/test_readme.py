"""The README's way to one's own LiteLLM database, step by step on a real server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from pyspark.sql import SparkSession

from jobs.demo import load
from jobs.source_check import check
from tests.support.source import Database

README = Path(__file__).parents[2] / "README.md"
SETTINGS = {  # pg_settings gives durations in milliseconds
    "default_transaction_read_only": "on",
    "statement_timeout": "300000",
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "1200000",
}


def block(language: str) -> str:
    """First code block of one language, its indentation taken off."""
    found = re.search(rf"^ *```{language}\n(.*?)^ *```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    return re.sub(r"^   ", "", found[1], flags=re.MULTILINE)


@pytest.fixture(scope="module")
def reader(make_database: Callable[[], Database]) -> Iterator[str]:
    """URL of the README's role on a database with the demo's first slice."""
    database = make_database()
    load.create_tables(database.url)
    load.deliver(database.url, 0)
    for statement in filter(str.strip, block("sql").split(";")):
        database.run(statement)
    address = urlsplit(database.url)
    yield f"postgresql://observatory:choose-one@127.0.0.1:{address.port}{address.path}"
    database.run("DROP OWNED BY observatory")
    database.run("DROP ROLE observatory")


def test_role_can_read_the_one_table_only(reader: str) -> None:
    """Its limits are set, the log is readable, and neither writing nor another table is allowed."""
    with psycopg.connect(reader, autocommit=True) as connection:
        names = list(SETTINGS)
        rows = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [names]).fetchall()
        assert dict(rows) == SETTINGS
        limit = connection.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user").fetchone()
        assert limit == (4,)
        assert connection.execute('SELECT count(*) FROM "LiteLLM_SpendLogs"').fetchone() == (2767,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute('DELETE FROM "LiteLLM_SpendLogs"')
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute('DELETE FROM "LiteLLM_SpendLogs"')
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT 1 FROM llm_calls")


def test_source_check_as_that_role(
    reader: str, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The README's settings and role are enough, and the check says what it promises."""
    config = tmp_path / "observatory.toml"
    config.write_text(block("toml").replace("since = 2026", "since = 2024"))
    monkeypatch.setenv("LITELLM_DATABASE_URL", reader)
    home = tmp_path / "home"
    said = check(config, home, "litellm")
    assert said.startswith('litellm: 1,000 newest rows of "public"."LiteLLM_SpendLogs"')
    assert "key request_id: unique" in said
    assert re.search(r"response_model +\d+\.\d%  ?model, such as", said)
    not_read = next(line for line in said.splitlines() if line.startswith("not read:"))
    assert {"messages", "response", "requester_ip_address"} <= set(not_read.removeprefix("not read: ").split(", "))
    assert re.search(r"priced: \d+ of \d+ rows with usage", said)
    assert not home.exists()
