"""What PostgreSQL really selects: samples become what was written by hand, windows lose nothing, checksums agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.spend_logs import TABLE as SPEND_LOGS
from lakehouse.bronze.envelope import checksum, envelope
from lakehouse.config import SourceSettings
from lakehouse.io.database import close_connections, parse_url
from lakehouse.io.extract import Snapshot, open_snapshot
from lakehouse.sources.litellm.source import LiteLLMSource
from lakehouse.sources.table.source import TableSource
from lakehouse.window import TimeWindow
from tests.support import litellm
from tests.support.frames import assert_same, at
from tests.support.source import Database

NOON = at("2025-06-04T12:00:00")


@pytest.fixture(scope="module")
def database(make_database: Callable[[], Database]) -> Iterator[Database]:
    """The sample's rows, and a table whose names need quoting."""
    made = make_database()
    made.run(f'ALTER TABLE "{SPEND_LOGS}" ALTER model DROP NOT NULL')  # as in a view or a restored dump
    made.insert(SPEND_LOGS, *litellm.sample_rows().values())
    made.run(
        'CREATE TABLE "Odd ""Calls" (part int, key text, naive timestamp, zoned timestamptz, day date, payload text)'
    )
    made.insert('Odd "Calls', *odd_rows())
    yield made
    close_connections(parse_url(made.url))


def odd_rows() -> list[dict[str, Any]]:
    """Times through a night on which Berlin's clocks change, and some that are none."""
    first = datetime(2025, 3, 29, 23, 17)
    times = [first + timedelta(minutes=23 * i, microseconds=i) for i in range(40)]
    finite = [{"naive": t, "zoned": t.replace(tzinfo=UTC), "day": t.date()} for t in times]
    none = [dict.fromkeys(("naive", "zoned", "day"), text) for text in ("infinity", "-infinity", None)]
    keys = [{"part": i, "key": None if i == 3 else f"it's|{i}", "payload": "x" * i} for i in range(43)]
    return [key | row for key, row in zip(keys, finite + none, strict=True)]


def read(spark: SparkSession, snapshot: Snapshot, windows: list[TimeWindow | None]) -> DataFrame:
    """Bronze rows of some windows."""
    columns = [selected.column.name for selected in snapshot.relation.selected]
    frames = [snapshot.read(spark, window) for window in windows]
    rows = frames[0] if len(frames) == 1 else frames[0].unionByName(frames[1])
    return envelope(rows, columns, litellm.SOURCE, litellm.BATCH, litellm.INGESTED_AT)


def odd_source(event_time: str, zone: str) -> TableSource:
    """The odd table as a source."""
    settings = {"name": "odd", "kind": "table", "url_env": "ODD_URL", "table": 'Odd "Calls', "event_time": event_time}
    settings |= {"key": "part,key", "columns": {"app_name": "payload"}, "time_zone": zone}
    return TableSource(SourceSettings.model_validate(settings))


def everything(snapshot: Snapshot) -> TimeWindow:
    """The window of all rows that have an event time."""
    bounds = snapshot.bounds()
    assert bounds.oldest is not None
    assert bounds.newest is not None
    return TimeWindow(bounds.oldest, bounds.newest + timedelta(microseconds=1))


def test_sample_becomes_what_was_expected(spark: SparkSession, database: Database) -> None:
    """Through PostgreSQL's own texts of times and JSON; nothing personal comes along."""
    with open_snapshot(parse_url(database.url), litellm.source()) as snapshot:
        bronze = read(spark, snapshot, [everything(snapshot), None])
        mapped = litellm.source().map_interactions(bronze)
        columns = [c for c in litellm.MAPPED_COLUMNS if not c.name.startswith("_")]
        expected = [{k: v for k, v in row.items() if not k.startswith("_")} for row in litellm.expected_rows()]
        assert_same(mapped.select(*[c.name for c in columns]), columns, expected, key=["source_record_id"])
        text = " ".join(row[0] for row in bronze.select(F.to_json(F.struct("*"))).collect())
    assert "chatcmpl-content-stored" in text
    assert not [word for word in ("CANARY", "canary@example.org", "203.0.113.7") if word in text]


def test_content_comes_where_it_is_kept_and_nothing_else_with_it(spark: SparkSession, database: Database) -> None:
    """Prompt and answer, but neither the request's body nor its address."""
    source = LiteLLMSource(litellm.source("keep").settings)
    with open_snapshot(parse_url(database.url), source) as snapshot:
        stored = read(spark, snapshot, [everything(snapshot)]).where("request_id = 'chatcmpl-content-stored'")
        text = stored.select(F.to_json(F.struct("*"))).collect()[0][0]
    assert "CANARY-PROMPT" in text
    assert "CANARY-ANSWER" in text
    assert not [word for word in ("CANARY-BODY", "canary@example.org", "203.0.113.7") if word in text]


@pytest.mark.parametrize(
    ("event_time", "zone"),
    [
        ("naive", "UTC"),
        ("naive", "Europe/Berlin"),
        ("zoned", "UTC"),
        ("zoned", "Asia/Kolkata"),
        ("day", "Asia/Kolkata"),
    ],
)
def test_windows_lose_no_row_and_repeat_none(database: Database, event_time: str, zone: str) -> None:
    """Hour after hour, and the rows without a time: together every row once, in sum as in one window."""
    with open_snapshot(parse_url(database.url), odd_source(event_time, zone)) as snapshot:
        whole = everything(snapshot)
        count, total = snapshot.check(whole)
        hours = int((whole.hours().end - whole.hours().start) / timedelta(hours=1))
        parts = [snapshot.check(window) for window in whole.hours().split(hours)]
        assert (count, snapshot.check(None)[0]) == (40, 3)
        assert (sum(n for n, _ in parts), sum(int(sums) for _, sums in parts)) == (count, int(total))
        slots = snapshot.slots(whole)
        assert [n for n in (n for n, _ in parts) if n] == [n for _, n in slots]
        assert all(start.minute == 0 or zone == "Asia/Kolkata" for start, _ in slots)


@pytest.mark.parametrize(
    ("event_time", "zone"), [("naive", "Europe/Berlin"), ("day", "Asia/Kolkata"), ("zoned", "UTC")]
)
def test_checksum_and_times_are_postgresqls(
    spark: SparkSession, database: Database, event_time: str, zone: str
) -> None:
    """Spark's sum over what arrived equals the source's; each instant is that of the source's zone."""
    with open_snapshot(parse_url(database.url), odd_source(event_time, zone)) as snapshot:
        whole = everything(snapshot)
        expected = (snapshot.check(whole)[0] + 3, int(snapshot.check(whole)[1]) + int(snapshot.check(None)[1]))
        bronze = read(spark, snapshot, [whole, None])
        count, total = bronze.select(F.count("*"), checksum()).collect()[0]
        stored = {row["part"]: row["_event_at"] for row in bronze.select("part", "_event_at").collect()}
    assert (count, int(total)) == expected
    assert {part for part, instant in stored.items() if instant is None} == {40, 41, 42}
    for row in odd_rows()[:40]:
        value = row[event_time]
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        if value.tzinfo is None:
            value = value.replace(tzinfo=ZoneInfo(zone))
        if event_time != "naive" or not _is_odd_hour(value):
            assert stored[row["part"]].replace(tzinfo=UTC) == value.astimezone(UTC)


def _is_odd_hour(value: datetime) -> bool:
    """Whether the clocks skip or repeat this local time, so that there is no one reading of it."""
    return value.utcoffset() != value.replace(fold=1).utcoffset()


def test_update_changes_the_checksum_though_key_and_time_stay(database: Database) -> None:
    """The row version tells."""
    source = odd_source("zoned", "UTC")
    with open_snapshot(parse_url(database.url), source) as snapshot:
        before = snapshot.check(everything(snapshot))
    database.run('UPDATE "Odd ""Calls" SET payload = \'new\' WHERE part = 5')
    with open_snapshot(parse_url(database.url), source) as snapshot:
        after = snapshot.check(everything(snapshot))
    assert before[0] == after[0]
    assert before[1] != after[1]
