"""Bad input ends in one clear line: what is wrong, where, and what to do; the right exit code; nothing half-written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jobs.context import JobContext
from lakehouse.errors import DataGateError
from lakehouse.io.lock import lakehouse_lock
from tests.support.cli import Result, in_process, secret_of, tables_in, without_java, write_config
from tests.support.source import Database, demo_sources, rows_of, table_source

PASSWORD = "hunter2-CANARY"
MINIMAL = {"name": "calls", "kind": "table", "url_env": "CALLS_URL", "table": "calls", "key": "id", "event_time": "at"}


@dataclass
class Case:
    """One mistake: argv, settings file, the source's URL; then what the user must be told and the exit code.

    In `url`, `{url}` is the test database's and `{place}` its host, port and name. Those in a `process` of their own
    run without Java.
    """

    told: str
    argv: tuple[str, ...] = ("ingest",)
    toml: str | bytes = ""
    url: str | None = None
    code: int = 2
    home: str = "home"
    process: bool = False


def toml(columns: str = 'started_at = "at"', **changes: str) -> str:
    """A settings file with one source, which lacks nothing unless changed."""
    source = "\n".join(f'{name} = "{value}"' for name, value in (MINIMAL | changes).items() if value)
    return f"[[sources]]\n{source}\n[sources.columns]\n{columns}"


def login(user: str) -> str:
    """URL of the test database for a user with this module's password."""
    return f"postgresql://{user}:{PASSWORD}@{{place}}"


URL = "{url}"
GOOD = toml()
LITELLM = '[[sources]]\nname = "litellm"\nkind = "litellm"\nurl_env = "CALLS_URL"\n'
MISTAKES = {
    "missing file": Case("no settings file at nowhere.toml", ("ingest", "--config", "nowhere.toml")),
    "malformed TOML": Case("config.toml: not valid TOML: .* line 1", toml="[[sources]\n", process=True),
    "a binary file": Case("config.toml: not valid TOML", toml=b"\xff\xfe\x00"),
    "unknown key": Case("config.toml: hmoe: unknown key; check its spelling", toml=f'hmoe = "x"\n{GOOD}', process=True),
    "unknown key of a source": Case("config.toml: sources.0.tabel: unknown key", toml=toml(tabel="calls")),
    "unknown kind": Case("sources.0.kind: Input should be 'litellm', 'table' or 'files'", toml=toml(kind="mysql")),
    "no key": Case("kind 'table' also needs key", toml=toml(key="")),
    "unknown canonical column": Case("unknown canonical columns latency; known are", toml=toml('latency = "x"')),
    "no source at all": Case(r"no source is configured: write \[\[sources\]\] into a file", ("run",)),
    "unknown source": Case(
        "no source is named 'colls'; configured are: calls", ("ingest", "--source", "colls"), GOOD, process=True
    ),
    "unknown source to check": Case("no source is named 'x'", ("source", "check", "x"), GOOD),
    "URL not set": Case("source calls: environment variable CALLS_URL is not set: set it to", toml=GOOD, process=True),
    "URL in the file": Case(
        "source calls: url_env must name an environment variable .* not hold the URL itself",
        toml=toml(url_env=f"postgresql://u:{PASSWORD}@h/d"),
        process=True,
    ),
    "malformed URL": Case(
        "source calls, CALLS_URL: the database URL cannot be read; it must look like postgresql://USER",
        toml=GOOD,
        url=f"postgresql://u:{PASSWORD}/x@h/d",
        process=True,
    ),
    "another database's URL": Case(
        "source calls, CALLS_URL: the database URL starts with 'mysql'", ("run",), GOOD, f"mysql://u:{PASSWORD}@h/d"
    ),
    "a port that nobody serves": Case(
        r"127\.0\.0\.1:1/d cannot be reached: check host, port and network, then try again",
        toml=GOOD,
        url=f"postgresql://u:{PASSWORD}@127.0.0.1:1/d",
        code=3,
    ),
    "a host that is not there": Case(
        "nowhere.invalid:5432/d cannot be reached", ("run",), GOOD, f"postgresql://u:{PASSWORD}@nowhere.invalid/d", 3
    ),
    "not SQL": Case("query: not valid SQL", ("query", "SELECT (")),
    "a query that writes": Case("query: give one SELECT, SHOW or DESCRIBE", ("query", "DROP TABLE silver.x")),
    "not a lakehouse": Case("no lakehouse at .*/home: run `observatory demo`", ("query", "SELECT 1"), process=True),
    "parquet to the terminal": Case("give --output FILE", ("query", "SELECT 1", "--format", "parquet")),
    "home is a file": Case(
        "cannot write to .*config.toml: .*; choose another --home", toml=GOOD, home="config.toml", process=True
    ),
    "home below a file": Case("cannot write to .*config.toml/x: Not a directory", toml=GOOD, home="config.toml/x"),
    "demo below a file": Case("cannot write to .*config.toml/x", ("demo",), home="config.toml/x"),
    "empty window": Case(
        "backfill: --start 2025-06-03 .* must lie before --end 2025-06-03",
        ("backfill", "--start", "2025-06-03", "--end", "2025-06-03"),
        GOOD,
    ),
    "no Java": Case(r"no Java 17 or 21 found \(none on PATH\): install Java 17 or 21", ("provision",), process=True),
    "wrong password": Case(
        "refuses user 'postgres': check user and password", toml=GOOD, url=login("postgres"), process=True
    ),
    "wrong user, whole run": Case("refuses user 'nobody'", ("run",), GOOD, login("nobody")),
    "no grant": Case("'stranger' may not read: .* calls; grant SELECT", toml=GOOD, url=login("stranger")),
    "locked table": Case(
        "is too busy to answer: canceling statement due to lock timeout; try again later",
        toml=toml(table="locked"),
        url=login("impatient"),
        code=3,
    ),
    "no such database": Case("there is no database 'source_.*_x'; check the URL's", toml=GOOD, url=f"{URL}_x"),
    "no such table": Case(
        "has no table public.colls; schema public has: LiteLLM_SpendLogs, calls, llm_calls, locked",
        toml=toml(table="colls"),
        url=URL,
    ),
    "no such schema": Case("no table llm.calls; schema llm has: none", toml=toml(schema="llm"), url=URL),
    "no such column": Case(
        "calls lacks the columns tokns; it has at, id, tokens", toml=toml('input_tokens = "tokns"'), url=URL
    ),
    "no such key": Case("calls lacks the columns call_id", ("run",), toml(key="call_id"), URL),
    "an event time that is none": Case(
        "event_time 'tokens' of calls is integer, not a time", toml=toml(event_time="tokens"), url=URL
    ),
    "an expression that is none": Case(
        r'\[sources.columns\] of calls: fix the line input_tokens = "tokens \+": .* is not a SQL expression',
        toml=toml('input_tokens = "tokens +"'),
        url=URL,
    ),
    "LiteLLM without a required column": Case(
        "LiteLLM_SpendLogs lacks the required columns spend; is it LiteLLM's", toml=LITELLM, url=URL
    ),
}


@pytest.fixture(scope="module")
def database(make_database: Callable[[], Database]) -> Iterator[Database]:
    """A source with a table `calls`, and what can be wrong with one; another session holds a lock on `locked`."""
    made = make_database()
    made.run("CREATE TABLE calls (id TEXT PRIMARY KEY, at TIMESTAMPTZ, tokens INTEGER)")
    made.run("CREATE TABLE locked (LIKE calls)")
    made.run('ALTER TABLE "LiteLLM_SpendLogs" RENAME COLUMN spend TO costs')
    for role in ("stranger", "impatient"):
        made.run(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    made.run("ALTER ROLE impatient SET lock_timeout = '50ms'")
    made.run("GRANT SELECT ON locked TO impatient")
    with psycopg.connect(made.url) as holder:
        holder.execute("LOCK TABLE locked")
        yield made


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES)
def test_one_clear_line(
    case: Case, database: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr, before Spark starts, without trace or secret; and the lakehouse has no table."""
    config, home, argv = tmp_path / "config.toml", tmp_path / case.home, list(case.argv)
    config.write_bytes(case.toml if isinstance(case.toml, bytes) else case.toml.encode())
    argv += ["--home", str(home), *(["--config", str(config)] if case.toml else [])]
    place = database.url.rpartition("@")[2]
    environment = {"CALLS_URL": case.url.format(url=database.url, place=place)} if case.url else {}
    if case.process:
        result = without_java(tmp_path, *argv, **environment)
    else:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("jobs.retry.WAITS_S", ())  # each retry would be told, and waited for
        monkeypatch.setattr("lakehouse.io.session._local_session", lambda _: pytest.fail("Spark was started"))
        result = in_process(capfd, *argv)
    assert (result.code, result.out) == (case.code, ""), result.err
    lines = result.err.splitlines()
    assert len(lines) == 1, result.err
    assert re.match(f"error: .*{case.told}", lines[0]), lines[0]
    assert not any(secret in result.err for secret in (PASSWORD, secret_of(database.url)))
    assert tables_in(home) == []


@pytest.mark.parametrize(
    "argv", [("ingets",), ("ingest", "--sorce", "x"), ("backfill", "--start", "yesterday"), ("query",)]
)
def test_wrong_usage(argv: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    """The parser tells it, with exit code 2."""
    result = in_process(capfd, *argv)
    assert (result.code, result.out) == (2, "")
    assert "Usage:" in result.err


def test_health_of_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit code 7, and what is missing."""
    result = in_process(capfd, "health", "--home", tmp_path / "home")
    assert result.code == 7
    assert "is no lakehouse: ops/batch" in result.out
    assert not (tmp_path / "home").exists()


def test_second_run(tmp_path: Path) -> None:
    """Exit code 6, and which process to wait for."""
    config = tmp_path / "config.toml"
    config.write_text(toml())
    home = tmp_path / "home"
    home.mkdir()
    with lakehouse_lock(home):
        result = without_java(tmp_path, "run", "--config", config, "--home", home)
    assert result.code == 6
    assert result.errors == result.err.splitlines()
    assert "another run (process " in result.err
    assert tables_in(home) == []


def test_what_nobody_foresaw(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1 and one line; the trace, which may hold values, goes to the lakehouse's logs."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError(PASSWORD)

    monkeypatch.setattr("jobs.ingest.ingest", fails)
    result = in_process(capfd, "ingest", "--home", tmp_path / "home")
    assert result.code == 1
    assert result.errors == result.err.splitlines()
    file = Path(result.err.strip().rpartition(" ")[2])
    assert file.parent == tmp_path / "home" / "logs"
    assert f"ZeroDivisionError: {PASSWORD}" in file.read_text()
    assert PASSWORD not in result.err
    assert result.err.startswith("error: unexpected ZeroDivisionError, a bug: report it with the trace in ")


@pytest.fixture(scope="module")
def lake(open_lakehouse: Callable[..., JobContext]) -> JobContext:
    """One lakehouse for all that needs Spark to go wrong."""
    return open_lakehouse(())


def state(lake: JobContext, bronze: str) -> tuple[object, ...]:
    """What a failed run must leave as it was."""
    rows = rows_of(lake, f"SELECT * FROM bronze.{bronze} ORDER BY _source_key")
    versions = [row[0] for row in rows_of(lake, f"DESCRIBE HISTORY bronze.{bronze}")]
    return rows, versions, rows_of(lake, "SELECT batch_id, state FROM ops.batch ORDER BY 1, 2")


Run = Callable[..., Result]


@pytest.fixture
def run(lake: JobContext, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the lakehouse with the given sources."""

    def go(command: str, *sources: Any, argv: tuple[str, ...] = ()) -> Result:
        config = write_config(tmp_path / "config.toml", *sources)
        return in_process(capfd, command, *argv, "--config", config, "--home", lake.settings.home)

    return go


def test_retyped_column(lake: JobContext, database: Database, run: Run) -> None:
    """Exit code 4 with the difference; bronze stays as it was."""
    database.run("CREATE TABLE retyped (id TEXT, at TIMESTAMPTZ, tokens INTEGER)")
    database.insert("retyped", {"id": "a", "at": "2025-06-03 10:00+00", "tokens": 5})
    source = table_source(database, "retyped", columns={"input_tokens": "tokens"})
    assert run("ingest", source).code == 0
    before = state(lake, "retyped")
    database.run("ALTER TABLE retyped ALTER tokens TYPE TEXT")
    result = run("ingest", source)
    assert result.code == DataGateError.exit_code == 4
    assert result.errors == [
        "error: retyped: columns changed type at the source: tokens was BIGINT, is STRING; nothing was read"
    ]
    assert state(lake, "retyped") == before


def test_source_that_breaks_off(lake: JobContext, database: Database, run: Run) -> None:
    """It counts its rows, but gives up while they are read: exit code 3, bronze as it was, and no secret told."""
    database.run("CREATE ROLE slow LOGIN PASSWORD 'slow'")
    database.run("ALTER ROLE slow SET statement_timeout = '1500ms'")
    database.run("CREATE TABLE slow (id TEXT, at TIMESTAMPTZ)")
    database.insert("slow", {"id": "a", "at": "2025-06-03 10:00+00"})
    nap = "BEGIN PERFORM pg_sleep(5); RETURN id; END"
    database.run(f"CREATE FUNCTION nap(id TEXT) RETURNS TEXT STABLE LANGUAGE plpgsql AS '{nap}'")
    database.run("CREATE VIEW slow_calls AS SELECT id, at, nap(id) AS answer FROM slow")
    database.run("GRANT SELECT ON slow_calls TO slow")
    slow = Database(database.url.replace(database.url.split("://")[1].split("@")[0], "slow:slow"), "SLOW_URL")
    source = table_source(slow, "slow_calls", columns={"app_name": "answer"})
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SLOW_URL", slow.url)
        result = run("ingest", source)
    assert result.code == 3, result.err
    assert len(result.errors) == 1
    assert "slow_calls: the source broke off while its rows were read" in result.errors[0]
    assert state(lake, "slow_calls")[0] == []


@pytest.mark.parametrize(
    ("expression", "code", "told"),
    [
        (
            "tokens + no_such(tokens)",
            2,
            '[sources.columns] of {0}: fix the line input_tokens = "tokens + no_such(tokens)"',
        ),
        ("tokens / (tokens - 5)", 4, "an expression of [sources.columns] fails on a row: DIVIDE_BY_ZERO; "),
        ("CAST(id AS BIGINT)", 4, "an expression of [sources.columns] fails on a row: CAST_INVALID_INPUT; "),
    ],
    ids=["unknown function", "division by zero", "cast"],
)
def test_wrong_mapping(lake: JobContext, database: Database, run: Run, expression: str, code: int, told: str) -> None:
    """Refine names the line or the cause, never a value; silver stays as it was, and bronze waits for the next run."""
    name = f"mapped_{code}_{len(expression)}"
    database.run(f"CREATE TABLE {name} (id TEXT, at TIMESTAMPTZ, tokens INTEGER)")
    database.insert(name, {"id": PASSWORD, "at": "2025-06-03 10:00+00", "tokens": 5})
    wrong = table_source(database, name, columns={"input_tokens": expression})
    assert run("ingest", wrong).code == 0
    result = run("refine", wrong)
    assert result.code == code, result.err
    assert len(result.errors) == 1
    assert told.format(name) in result.errors[0]
    assert PASSWORD not in result.err
    assert rows_of(lake, f"SELECT count(*) FROM silver.llm_interactions WHERE source_name = '{name}'") == [(0,)]
    right = table_source(database, name, columns={"input_tokens": "tokens"})
    commands = (("ingest",), ("refine",), ("validate", "--layer", "silver"))
    assert [run(command[0], right, argv=command[1:]).code for command in commands] == [0, 0, 0]
    assert rows_of(lake, f"SELECT input_tokens FROM silver.llm_interactions WHERE source_name = '{name}'") == [(5,)]


def test_columns_without_a_plain_name(lake: JobContext, database: Database, run: Run) -> None:
    """Delta takes no blanks in names: exit code 2, and what to do instead."""
    database.run('CREATE TABLE blanks (id TEXT, at TIMESTAMPTZ, "total tokens" INTEGER)')
    result = run("ingest", table_source(database, "blanks", columns={"input_tokens": "`total tokens`"}))
    assert result.code == 2
    assert "names that no lakehouse takes: 'total tokens'; read a view with others" in result.errors[0]
    assert "bronze/blanks" not in tables_in(lake.settings.home)


def test_demo_sources_are_read_after_all_that(
    lake: JobContext, make_database: Callable[[], Database], run: Run
) -> None:
    """The lakehouse still works."""
    assert run("ingest", *demo_sources(make_database())).code == 0
