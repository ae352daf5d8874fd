"""What arrives in bronze is what the source has: through windows, breaks, snapshots, zones, types and strange times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from jobs import batches
from jobs.context import JobContext
from jobs.demo import load
from jobs.ingest import ingest
from lakehouse.errors import ReconciliationError
from lakehouse.io.database import parse_url
from lakehouse.io.extract import Bounds, Snapshot, open_snapshot
from lakehouse.sources.registry import make_source
from lakehouse.window import TimeWindow
from tests.support.source import Database, demo_sources, rows_of, table_source, using

CALLS = "CREATE TABLE calls (id TEXT PRIMARY KEY, at TIMESTAMPTZ, tokens INTEGER)"


@pytest.fixture(scope="module")
def lake(open_lakehouse: Any) -> JobContext:
    """One lakehouse; each test reads sources, and so bronze tables, of its own."""
    context: JobContext = open_lakehouse(())
    return context


@pytest.fixture
def database(make_database: Any) -> Database:
    """A new database."""
    made: Database = make_database()
    return made


def at(text: str) -> datetime:
    """An instant on one day, UTC."""
    return datetime.fromisoformat(f"2025-06-03T{text}").replace(tzinfo=UTC)


def keys(context: JobContext, table: str) -> list[str]:
    """Keys in bronze, repeated ones repeated."""
    return [key for (key,) in rows_of(context, f"SELECT _source_key FROM bronze.{table} ORDER BY 1")]


def verified(context: JobContext, table: str) -> list[int]:
    """Rows that each verified batch brought, in order."""
    query = f"SELECT rows_written FROM ops.batch WHERE source_name = '{table}' AND state = 'VERIFIED' ORDER BY batch_id"
    return [count for (count,) in rows_of(context, query)]


def test_a_broken_first_load_resumes(lake: JobContext, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies between the append and the record of its second window; nothing is lost, doubled or read twice.

    What was not recorded is taken back, and the next run goes on from there.
    """
    load.deliver(database.url, 0)
    source = demo_sources(database, window_rows=1000)[0].model_copy(update={"name": "resumed"})
    lines: list[str] = []
    context, record, calls = using(lake, source, lines=lines), batches.record, []

    def dies_once(where: JobContext, rows: Any) -> None:
        calls.append(rows)
        if len(calls) == 2:
            raise KeyboardInterrupt
        record(where, rows)

    monkeypatch.setattr(batches, "record", dies_once)
    with pytest.raises(KeyboardInterrupt):
        ingest(context)
    assert len(verified(context, "resumed")) == 1
    assert len(keys(context, "resumed")) > verified(context, "resumed")[0]  # the append that nobody recorded
    ingest(context)

    source_rows = database.run('SELECT request_id, "startTime", spend, prompt_tokens FROM "LiteLLM_SpendLogs"')
    arrived = rows_of(context, "SELECT request_id, to_timestamp(startTime), spend, prompt_tokens FROM bronze.resumed")
    assert sorted(arrived) == sorted(source_rows)
    assert sum(verified(context, "resumed")) == len(source_rows)
    assert any("taken back" in line for line in lines)
    assert any("s left" in line for line in lines)
    read = rows_of(context, "SELECT sum(rows_read) FROM ops.batch WHERE source_name = 'resumed'")[0][0]
    assert read < len(source_rows) + 100  # only the overlap is read twice
    assert ingest(context) == 0


@pytest.mark.parametrize(
    ("counted", "checksum"), [(1, "same"), (0, "12345")], ids=["a row too many", "another row than was counted"]
)
def test_a_mismatch_takes_the_window_back(
    lake: JobContext, database: Database, monkeypatch: pytest.MonkeyPatch, counted: int, checksum: str
) -> None:
    """The source says something else than what arrives: exit code 5, bronze as before, and nothing recorded."""
    name = f"mismatch_{counted}"
    database.run(CALLS)
    database.insert("calls", {"id": "a", "at": at("10:00")}, {"id": "b", "at": None})
    context = using(lake, table_source(database, "calls").model_copy(update={"name": name}))
    assert ingest(context) == 2
    database.insert("calls", {"id": "c", "at": at("10:30")})
    real = Snapshot.check

    def wrong(self: Snapshot, window: TimeWindow | None) -> tuple[int, str]:
        count, digest = real(self, window)
        return (count + counted, digest if checksum == "same" else checksum) if window else (count, digest)

    with monkeypatch.context() as patched:
        patched.setattr(Snapshot, "check", wrong)
        with pytest.raises(ReconciliationError, match=f"{name}: the source has .* taken back") as caught:
            ingest(context)
    assert caught.value.exit_code == 5
    assert keys(context, name) == ["a", "b"]
    assert verified(context, name) == [1, 1]
    assert ingest(context) == 1
    assert keys(context, name) == ["a", "b", "c"]


def test_one_snapshot(lake: JobContext, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written to the source after the snapshot is not read by this run, but by the next."""
    database.run(CALLS.replace("calls", "moving"))
    database.insert("moving", {"id": "a", "at": at("10:00")}, {"id": "b", "at": at("11:00")})
    context = using(lake, table_source(database, "moving", columns={"input_tokens": "tokens"}))
    real = Snapshot.bounds

    def traffic_meanwhile(self: Snapshot) -> Bounds:
        database.insert("moving", {"id": "c", "at": at("10:30")}, {"id": "d", "at": at("12:00")})
        database.insert("moving", {"id": "e", "at": None})
        database.run("UPDATE moving SET at = at + interval '1 minute', tokens = 1 WHERE id = 'a'")
        return real(self)

    with monkeypatch.context() as patched:
        patched.setattr(Snapshot, "bounds", traffic_meanwhile)
        assert ingest(context) == 2
    assert rows_of(context, "SELECT _source_key, tokens FROM bronze.moving ORDER BY 1") == [("a", None), ("b", None)]
    assert ingest(context) == 4
    assert keys(context, "moving") == ["a", "a", "b", "c", "d", "e"]


def test_rows_in_the_future_come_once(lake: JobContext, database: Database) -> None:
    """They do not move the watermark, and small windows beyond it are still compared with what is there."""
    database.run(CALLS.replace("calls", "early"))
    future = datetime(2099, 1, 1, 12, tzinfo=UTC)
    database.insert("early", {"id": "now", "at": at("10:00")}, {"id": "2099", "at": future})
    context = using(lake, table_source(database, "early", window_rows=1))
    assert [ingest(context), ingest(context)] == [2, 0]
    database.insert("early", {"id": "next", "at": at("10:40")})
    assert ingest(context) == 1
    assert keys(context, "early") == ["2099", "next", "now"]


def test_times_that_no_clock_shows(lake: JobContext, database: Database) -> None:
    """Infinity, and years that come from milliseconds read as seconds, are kept as text and have no event time."""
    database.run(CALLS.replace("calls", "odd"))
    times = {
        "ms": "56390-01-01 00:00:00+00",
        "never": "infinity",
        "ever": "-infinity",
        "old": "4000-01-01 00:00:00+00 BC",
    }
    database.insert("odd", {"id": "good", "at": at("10:00")}, *({"id": k, "at": v} for k, v in times.items()))
    context = using(lake, table_source(database, "odd"))
    assert [ingest(context), ingest(context)] == [5, 0]
    found = rows_of(context, "SELECT id, at, _event_at IS NULL FROM bronze.odd WHERE id <> 'good'")
    assert {key: (text, True) for key, text in times.items()} == {key: (text, null) for key, text, null in found}


def test_a_backfill_before_the_first_load_hides_nothing(lake: JobContext, database: Database) -> None:
    """A window that was read for itself does not count as how far the source was read."""
    database.run(CALLS.replace("calls", "filled"))
    rows = [{"id": f"{hour:02}", "at": at(f"{hour:02}:30")} for hour in range(0, 24, 3)]
    database.insert("filled", *rows)
    context, window = using(lake, table_source(database, "filled")), TimeWindow(at("11:00"), at("19:00"))
    assert [ingest(context, window=window), ingest(context, window=window)] == [3, 0]
    assert keys(context, "filled") == ["12", "15", "18"]
    assert [ingest(context), ingest(context)] == [5, 0]
    assert keys(context, "filled") == [row["id"] for row in rows]


def test_since_leaves_out_what_is_older(lake: JobContext, database: Database) -> None:
    """But rows without a time are always read; nothing newer is nothing to do."""
    database.run(CALLS.replace("calls", "recent"))
    database.insert("recent", {"id": "old", "at": at("09:00")}, {"id": "none", "at": None})
    database.insert("recent", {"id": "edge", "at": at("10:00")})
    source = table_source(database, "recent", since=at("10:00:00.000001"))
    assert ingest(using(lake, source)) == 1
    assert ingest(using(lake, source.model_copy(update={"since": at("10:00")}))) == 1
    assert keys(lake, "recent") == ["edge", "none"]


def test_zones_types_and_keys_arrive_exactly(lake: JobContext, database: Database) -> None:
    """A table in local time with a key of two parts, in a database whose own zone and date style are unusual."""
    database.run(f"ALTER DATABASE {database.name} SET timezone = 'America/New_York'")
    database.run(f"ALTER DATABASE {database.name} SET datestyle = 'German'")
    database.run(f"ALTER DATABASE {database.name} SET extra_float_digits = 0")
    database.run(
        'CREATE TABLE local (day DATE, "call_no" TEXT, at TIMESTAMP, cost NUMERIC, ratio DOUBLE PRECISION, '
        "ok BOOLEAN, facts JSONB, zoned TIMESTAMPTZ, n BIGINT)"
    )
    for day, number, local in (
        ("2025-07-01", "a|b", "2025-07-01 12:00:00.000001"),
        ("2025-01-01", "b", "2025-01-01 12:00"),
        ("2025-03-30", "gap", "2025-03-30 02:30"),
        ("2025-10-26", "twice", "2025-10-26 02:30"),
    ):
        database.insert("local", {"day": day, "call_no": number, "at": local})
    database.run(
        "UPDATE local SET cost = 0.1234567890123456789, ratio = 0.1::float8 + 0.2::float8, ok = false, "
        """facts = '{"a": [1, null]}', zoned = '2025-07-01 12:00+02', n = 9007199254740993 WHERE day = '2025-07-01'"""
    )
    columns = {"started_at": "at", "cost_reported_usd": "cost", "tags": "array(facts, zoned)", "duration_ms": "ratio"}
    columns |= {"input_tokens": "n", "is_stream": "ok"}
    settings = {"key": "day, call_no", "time_zone": "Europe/Berlin", "columns": columns}
    context = using(lake, table_source(database, "local", **settings))
    assert [ingest(context), ingest(context)] == [4, 0]
    events = rows_of(context, "SELECT call_no, CAST(_event_at AS STRING), at FROM bronze.local ORDER BY _event_at")
    assert events == [
        ("b", "2025-01-01 11:00:00", "2025-01-01 11:00:00+00"),
        ("gap", "2025-03-30 01:30:00", "2025-03-30 01:30:00+00"),
        ("a|b", "2025-07-01 10:00:00.000001", "2025-07-01 10:00:00.000001+00"),
        ("twice", "2025-10-26 01:30:00", "2025-10-26 01:30:00+00"),
    ]
    full = rows_of(context, "SELECT day, cost, ratio, ok, facts, zoned, n FROM bronze.local WHERE ok IS NOT NULL")
    exact = ("0.1234567890123456789", 0.30000000000000004, False, '{"a": [1, null]}')
    assert full == [("2025-07-01", *exact, "2025-07-01 10:00:00+00", 9007199254740993)]


def test_keys_of_two_parts_are_never_confused(lake: JobContext, database: Database) -> None:
    """Parts that hold the separator, or nothing, make other keys; no part at all makes none."""
    database.run("CREATE TABLE parts (a TEXT, b TEXT, at TIMESTAMPTZ)")
    pairs = [("x|y", "z"), ("x", "y|z"), (None, "x"), ("x", None), ("", "x"), ("x,y", '"'), (None, None)]
    database.insert("parts", *({"a": a, "b": b, "at": at("10:00")} for a, b in pairs))
    context = using(lake, table_source(database, "parts", key="a, b"))
    assert ingest(context) == len(pairs)
    found = keys(context, "parts")
    assert len(set(found)) == len(pairs)
    assert found.count(None) == 1  # type: ignore[arg-type]


def test_a_view_has_no_row_versions(lake: JobContext, database: Database) -> None:
    """Rows are told apart by key and content alone."""
    database.run(CALLS.replace("calls", "base"))
    database.run("CREATE VIEW seen AS SELECT * FROM base")
    database.insert("base", {"id": "a", "at": at("10:00")}, {"id": "b", "at": at("10:00")}, {"id": "c", "at": None})
    context = using(lake, table_source(database, "seen", columns={"input_tokens": "tokens"}))
    assert [ingest(context), ingest(context)] == [3, 0]
    database.run("UPDATE base SET tokens = 5 WHERE id <> 'b'")
    assert [ingest(context), ingest(context)] == [2, 0]
    assert keys(context, "seen") == ["a", "a", "b", "c", "c"]


def test_columns_come_and_go(lake: JobContext, database: Database) -> None:
    """An optional column that the source drops is null from then on; one that it adds is read from then on."""
    source = demo_sources(database)[0].model_copy(update={"name": "evolving"})
    row = {
        "call_type": "acompletion",
        "endTime": "2025-06-03 10:00:01",
        "team_id": "t",
        "startTime": "2025-06-03 10:00",
    }
    database.run('ALTER TABLE "LiteLLM_SpendLogs" DROP COLUMN litellm_call_id')
    database.insert("LiteLLM_SpendLogs", row | {"request_id": "before"})
    context = using(lake, source)
    assert ingest(context) == 1
    database.run('ALTER TABLE "LiteLLM_SpendLogs" DROP COLUMN team_id, ADD COLUMN litellm_call_id TEXT')
    del row["team_id"]
    database.insert("LiteLLM_SpendLogs", row | {"request_id": "after", "litellm_call_id": "call"})
    ingest(context)
    found = rows_of(
        context, "SELECT request_id, team_id, litellm_call_id FROM bronze.evolving WHERE request_id = 'after'"
    )
    assert found == [("after", None, "call")]
    why = (
        "SELECT why_null FROM analytics.column_coverage WHERE source_name = 'evolving' AND canonical_column = 'team_id'"
    )
    assert rows_of(context, why) == [("this LiteLLM has no column team_id",)]


def test_bounds_and_untimed_rows_are_found_by_index(database: Database) -> None:
    """Neither reads the whole table, so that an empty run takes as long on a million rows as on none."""
    with open_snapshot(parse_url(database.url), make_source(demo_sources(database)[0])) as snapshot:
        queries = [snapshot.relation.bounds_sql(), snapshot.relation.check_sql(None)]
    with psycopg.connect(database.url) as connection:
        connection.execute("SET enable_seqscan = off")  # a table this small would be read whole for good reasons
        for query in queries:
            plan = "\n".join(str(line) for (line,) in connection.execute(f"EXPLAIN {query}".encode()).fetchall())
            assert "Seq Scan" not in plan
            assert re.search(r"Index .*startTime", plan)  # which of the indexes on it is the planner's choice
