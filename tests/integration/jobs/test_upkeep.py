"""Maintenance changes no row and hides no broken run; reconciliation finds what came too late; retries have an end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from jobs import batches
from jobs.context import JobContext
from jobs.ingest import ingest
from jobs.maintain import maintain
from jobs.reconcile import Difference, differences, reconcile
from jobs.retry import WAITS_S, with_retries
from lakehouse.errors import ConfigurationError, ReconciliationError, TransientError
from lakehouse.tables import table
from lakehouse.window import TimeWindow
from tests.support.source import Database, rows_of, table_source, using

CALLS = "CREATE TABLE {} (id TEXT PRIMARY KEY, at TIMESTAMPTZ, tokens INTEGER)"


@pytest.fixture(scope="module")
def lake(open_lakehouse: Any) -> JobContext:
    """One lakehouse; each test reads a source of its own."""
    context: JobContext = open_lakehouse(())
    return context


@pytest.fixture(scope="module")
def database(make_database: Any) -> Database:
    """One database for the module's tables."""
    made: Database = make_database()
    return made


def at(text: str) -> datetime:
    """An instant on one day, UTC."""
    return datetime.fromisoformat(f"2025-06-03T{text}").replace(tzinfo=UTC)


def test_maintenance_compacts_and_keeps_every_row(
    lake: JobContext, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two appends one file is left; an append that a broken run left under it is still taken back."""
    monkeypatch.setattr("jobs.maintain.all_tables", lambda: (table("silver.llm_interactions"), batches.BATCH))
    database.run(CALLS.format("kept"))
    source = table_source(database, "kept")
    lines: list[str] = []
    context = using(lake, source, lines=lines)
    database.insert("kept", {"id": "a", "at": at("10:00")})
    ingest(context)
    database.insert("kept", {"id": "b", "at": at("10:30")})
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(batches, "record", _dies)
        ingest(context)
    files = maintain(context)
    assert files["bronze.kept"] == (2, 1)
    assert set(files) == {"bronze.kept", "silver.llm_interactions", "ops.batch"}
    assert maintain(context)["bronze.kept"] == (0, 0)
    assert ingest(context) == 1
    assert any("was never verified: taken back" in line for line in lines)
    assert rows_of(context, "SELECT id FROM bronze.kept ORDER BY 1") == [("a",), ("b",)]


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_less_than_a_week_is_refused(lake: JobContext) -> None:
    """Before anything is touched."""
    with pytest.raises(ConfigurationError, match="--keep-days 6 is less than 7"):
        maintain(lake, 6)


def test_what_came_too_late_is_found_and_read_by_the_command_that_is_named(
    lake: JobContext, database: Database
) -> None:
    """Rows deleted at the source are told and are no error; open hours are not judged."""
    database.run(CALLS.format("late"))
    source, lines = table_source(database, "late", overlap_minutes=60), list[str]()
    context = using(lake, source, lines=lines)
    assert reconcile(context) == 0
    database.insert("late", *({"id": f"{hour:02}", "at": at(f"{hour:02}:30")} for hour in range(8, 14)))
    ingest(context)
    assert reconcile(context) == 4  # 8 to 11: the newest event is of 13:30, so that 12:30 was read again
    database.insert("late", {"id": "x", "at": at("09:59:59")}, {"id": "y", "at": at("12:45")})
    database.run("DELETE FROM late WHERE id = '11'")
    window = "--start 2025-06-03T09:00:00 --end 2025-06-03T10:00:00"
    told = f"late: 1 closed hours lack .*: 2025-06-03T09:00 source 2, bronze 1; .*{window} --source late"
    with pytest.raises(ReconciliationError, match=told):
        reconcile(context)
    assert "late: 1 rows were deleted at the source since" in lines
    ingest(context, window=TimeWindow(at("09:00"), at("10:00")))
    assert reconcile(context) == 4


def test_differences_are_those_of_a_full_outer_join() -> None:
    """An hour that one side lacks counts as none."""
    one, two, three = at("01:00"), at("02:00"), at("03:00")
    assert differences({one: 1, two: 2}, {two: 2, three: 3}) == [Difference(one, 1, 0), Difference(three, 0, 3)]


def test_an_error_that_passes_is_tried_again() -> None:
    """With growing waits, and only this kind."""
    waits, lines, left = list[float](), list[str](), [TransientError("down"), TransientError("down")]

    def work() -> str:
        if left:
            raise left.pop()
        return "done"

    assert with_retries(work, lines.append, waits.append) == "done"
    assert waits == list(WAITS_S[:2])
    assert lines == ["down; trying again in 1 s", "down; trying again in 4 s"]


def test_retries_have_an_end() -> None:
    """The last error is the one that ends the command, with exit code 3; another kind ends it at once."""
    calls, waits = list[int](), list[float]()

    def fails(error: Exception) -> Any:
        def work() -> None:
            calls.append(1)
            raise error

        return work

    with pytest.raises(TransientError, match="still down"):
        with_retries(fails(TransientError("still down")), lambda line: None, waits.append)
    assert (len(calls), waits) == (len(WAITS_S) + 1, list(WAITS_S))
    with pytest.raises(ConfigurationError):
        with_retries(fails(ConfigurationError("wrong")), lambda line: None, waits.append)
    assert len(calls) == len(WAITS_S) + 2
