"""Rows held back: listed, released through refine after a fix, or discarded; every row stays accounted for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import jobs.quarantine
from jobs.aggregate import aggregate
from jobs.context import JobContext
from jobs.ingest import ingest
from jobs.quarantine import Choice, discard, finish_releases, held, release
from jobs.refine import refine
from jobs.validate import validate
from lakehouse.io.write import version
from lakehouse.tables import silver
from tests.support.cli import in_process
from tests.support.source import Database, rows_of, table_source, using

COLUMNS = {"started_at": "at", "output_tokens": "tokens", "duration_ms": "ms", "response_model": "model"}
TOLERANT = {"quarantine_share_max": 0.5}
EVERYTHING = Choice()


@pytest.fixture(scope="module")
def database(make_database: Callable[[], Database]) -> Database:
    """A hundred rows, of which 40 have negative tokens; one row changes later, and twice."""
    made = make_database()
    made.run("CREATE TABLE calls (id TEXT PRIMARY KEY, at TIMESTAMPTZ, tokens BIGINT, ms FLOAT8, model TEXT)")
    values = "'r' || i, TIMESTAMPTZ '2025-06-03 10:00+00' + i * INTERVAL '1 minute'"
    made.run(
        f"INSERT INTO calls SELECT {values}, CASE WHEN i % 5 < 2 THEN -i ELSE i END, 500, 'gpt-4o' "
        "FROM generate_series(1, 100) i"
    )
    return made


@pytest.fixture(scope="module")
def context(database: Database, open_lakehouse: Callable[..., JobContext]) -> JobContext:
    """A lakehouse that holds the negative ones back."""
    opened = open_lakehouse((table_source(database, "calls", columns=COLUMNS),))
    settings = opened.settings.model_copy(update={"quality_parameters": TOLERANT})
    tolerant = JobContext(settings, opened.tell)
    tolerant.__dict__["spark"] = opened.spark
    for task in (ingest, refine, aggregate):
        task(tolerant)
    return tolerant


def state(context: JobContext) -> tuple[object, ...]:
    """Rows and tokens of silver, of gold, rows in quarantine, rows that wait there, and whether all are there."""
    both = [
        rows_of(context, "SELECT count(*), sum(output_tokens) FROM silver.llm_interactions")[0],
        rows_of(context, "SELECT sum(request_count), sum(output_tokens) FROM gold.usage_hourly")[0],
    ]
    assert both[0] == both[1]
    kept = rows_of(context, "SELECT count(*) FROM silver.quarantine")[0][0]
    conserved = rows_of(context, "SELECT is_conserved, waiting_batch_count FROM analytics.row_conservation")
    assert conserved == [(True, 0)]
    return *both[0], kept, held(context.spark, EVERYTHING).count()


GOOD = sum(i for i in range(1, 101) if i % 5 >= 2)
FIXED = sum(i for i in range(1, 51) if i % 5 < 2)


def test_nothing_is_released_before_it_is_mended(context: JobContext) -> None:
    """The rows go through refine again and break the same rule; silver gets no commit."""
    before, at = state(context), version(context.spark, silver.INTERACTIONS)
    assert before == (60, GOOD, 40, 40)
    assert release(context, EVERYTHING, "try again") == 0
    assert state(context) == before
    assert version(context.spark, silver.INTERACTIONS) == at
    found = rows_of(context, "SELECT outcome, count(*), min(reason) FROM ops.quarantine_decision GROUP BY 1 ORDER BY 1")
    assert found == [("held", 40, "try again"), ("requested", 40, "try again")]


def test_a_release_that_is_killed_is_finished_by_the_next_run(
    context: JobContext, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mapping is mended for half of the rows; the run dies between silver and quarantine; the gate ends it."""
    mended = table_source(
        database, "calls", columns=COLUMNS | {"output_tokens": "if(tokens < -50, tokens, abs(tokens))"}
    )
    fixed = using(context, mended)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(jobs.quarantine, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            release(fixed, Choice(source="calls", rule="negative_measure"), "writer counts down")
    validate(fixed, "silver")
    aggregate(fixed)
    assert state(context) == (80, GOOD + FIXED, 20, 20)
    again = "SELECT outcome, count(*) FROM ops.quarantine_decision WHERE reason LIKE 'writer%' GROUP BY 1 ORDER BY 1"
    assert rows_of(context, again) == [("held", 20), ("published", 20), ("requested", 40)]
    assert finish_releases(fixed) == 0
    assert state(context) == (80, GOOD + FIXED, 20, 20)


def test_a_released_version_does_not_replace_a_newer_one(context: JobContext, database: Database) -> None:
    """Of a key that was held and came again, the newer batch stands; the older version is superseded."""
    database.run("UPDATE calls SET tokens = 7 WHERE id = 'r100'")  # held with -100
    for task in (ingest, refine, aggregate):
        task(context)
    assert state(context) == (81, GOOD + FIXED + 7, 20, 20)
    mended = table_source(database, "calls", columns=COLUMNS | {"output_tokens": "if(tokens = -100, 100, tokens)"})
    assert release(using(context, mended), EVERYTHING, "one more") == 1
    assert state(context) == (81, GOOD + FIXED + 7, 19, 19)
    assert rows_of(context, "SELECT reason, count(*) FROM silver.superseded GROUP BY 1") == [("updated", 1)]


def test_discarded_rows_stay_and_wait_no_more(context: JobContext) -> None:
    """They are counted in quarantine and by the view, and no release takes them."""
    before = state(context)
    assert discard(context, Choice(rule="no_such_rule"), "nothing") == 0
    assert discard(context, EVERYTHING, "test traffic") == 19
    assert discard(context, EVERYTHING, "test traffic") == 0
    assert state(context) == (*before[:3], 0)
    assert release(context, EVERYTHING, "too late") == 0
    summary = "SELECT rule_id, row_count, discarded_count FROM analytics.quarantine_summary"
    assert rows_of(context, summary) == [("negative_measure", 19, 19)]


def test_the_command_lists_and_shows(context: JobContext, capfd: pytest.CaptureFixture[str]) -> None:
    """By rule, and row by row; discarded rows are summed but not shown."""
    home: Path = context.settings.home
    listed = json.loads(in_process(capfd, "quarantine", "list", "--format", "json", "--home", home).out)
    assert [(row["rule_id"], row["row_count"]) for row in listed] == [("negative_measure", 19)]
    assert json.loads(in_process(capfd, "quarantine", "show", "--format", "json", "--home", home).out) == []
