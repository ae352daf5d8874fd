"""Commands with --remote speak HTTP to a stand-in: what they ask, what they show, how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.bundle.load import load
from jobs.bundle.resolve import resolve
from jobs.remote.health import JOBS
from jobs.remote.place import Place
from lakehouse.config import Settings
from tests.integration.jobs.conftest import Command
from tests.support.repository import ROOT
from tests.workspace.server import Body
from tests.workspace.whole import GIVEN, StandIn


@pytest.mark.parametrize("target", ["dev", "staging", "prod"])
def test_names_are_those_of_the_bundle(target: str) -> None:
    """Jobs, warehouse and scope are looked for under the names that the bundle gives them."""
    resources = resolve(load(ROOT), target, GIVEN).resources
    place = Place(None, Settings(target=target))  # type: ignore[arg-type]  names need no client
    assert {place.job_name(key) for key in JOBS} == {job["name"] for job in resources["jobs"].values()}
    assert {place.name} == {warehouse["name"] for warehouse in resources["sql_warehouses"].values()}
    assert {place.name} == {scope["name"] for scope in resources["secret_scopes"].values()}


def test_query_gives_typed_rows(workspace: StandIn, observatory: Command) -> None:
    """Numbers, money, times, booleans and nulls as what they are."""
    sql = (
        "SELECT 7::BIGINT AS n, 1.25::DECIMAL(20,12) AS usd, TIMESTAMPTZ '2026-11-01 10:00:00Z' AS at, true AS yes, "
        "DATE '2026-11-01' AS day, 0.5::DOUBLE AS ratio, NULL::VARCHAR AS nothing, 'a' AS text"
    )
    result = observatory("query", sql, "--remote", "--format", "json")
    assert json.loads(result.out) == [
        {"n": 7, "usd": "1.250000000000", "at": "2026-11-01T10:00:00+00:00", "yes": True, "day": "2026-11-01",
         "ratio": 0.5, "nothing": None, "text": "a"}
    ]  # fmt: skip
    assert workspace.sql.asked == [sql]


def test_query_fetches_every_chunk(observatory: Command) -> None:
    """A result of 2,500 rows comes in three."""
    result = observatory("query", "SELECT range AS n FROM range(2500)", "--remote", "--format", "csv")
    assert result.out.split() == ['"n"', *map(str, range(2500))]


def test_query_only_reads(workspace: StandIn, observatory: Command) -> None:
    """What would write is not even sent."""
    result = observatory("query", "DROP TABLE gold.usage_hourly", "--remote")
    assert result.code == 2
    assert workspace.calls == []


def test_health_of_a_whole_deployment(observatory: Command) -> None:
    """Exit code 0, with the facts of the freshness view."""
    result = observatory("health", "--remote", "--json")
    found = json.loads(result.out)
    assert (result.code, found["is_ready"], found["missing"]) == (0, True, [])
    assert found["last_batch_at"] == "2026-11-01T11:00:00+00:00"
    assert found["newest_event_at"] == "2026-11-01T09:55:00+00:00"
    assert (found["bronze_rows"], found["last_run_state"], found["warehouse_state"]) == (1234, None, "RUNNING")


def test_health_of_a_half_finished_deployment(workspace: StandIn, observatory: Command) -> None:
    """Exit code 7; everything that is missing is named, and no query is sent."""
    del workspace.tables.entries["llm_observatory_dev.gold.usage_hourly"]
    workspace.jobs.jobs.clear()
    workspace.sql.warehouses.clear()
    workspace.secrets.scopes["llm-observatory-dev"].clear()
    result = observatory("health", "--remote", "--json")
    missing = json.loads(result.out)["missing"]
    assert result.code == 7
    assert missing == [
        *(f"job llm-observatory-{key}-dev" for key in JOBS),
        "table gold.usage_hourly",
        "secret llm-observatory-dev/litellm-url",
        "warehouse llm-observatory-dev",
    ]
    assert workspace.sql.asked == []


def test_run_follows_the_pipeline(workspace: StandIn, observatory: Command) -> None:
    """Every task is told with its end; the run is then the last one that health shows."""
    result = observatory("run", "--remote")
    assert result.code == 0
    keys = [task["task_key"] for task in workspace.jobs.named("llm-observatory-pipeline-dev")["tasks"]]
    told = [key for key in keys if f"{'ingest_source' if key == 'ingest' else key}: success" in result.err]
    assert told == keys
    assert json.loads(observatory("health", "--remote", "--json").out)["last_run_state"] == "SUCCESS"


@pytest.mark.parametrize(("code", "kind"), [(2, "settings"), (4, "gate"), (5, "count"), (6, "lock"), (1, "bug")])
def test_run_ends_as_its_task_did(workspace: StandIn, observatory: Command, code: int, kind: str) -> None:
    """The task's own line and its exit code reach whoever started the run; what comes after is not run."""

    def runner(job: Body, argv: list[str]) -> tuple[int, str]:
        return (code, f"2026 [info] working\nerror: {kind} says no\n") if argv[0] == "refine" else (0, "")

    workspace.jobs.runner = runner
    result = observatory("run", "--remote")
    assert (result.code, result.errors) == (
        code,
        [f"error: llm-observatory-pipeline-dev: task refine failed: {kind} says no"],
    )
    done = {task.task_key: task.result for run in workspace.jobs.runs.values() for task in run.tasks}
    assert (done["ingest_source"], done["refine"], done["aggregate"]) == ("SUCCESS", "FAILED", "UPSTREAM_FAILED")
    assert done["alert"] == "SUCCESS", "it runs after a failure, and that ends the run as SUCCESS_WITH_FAILURES"


def test_ingest_is_tried_again_and_gates_are_not(workspace: StandIn, observatory: Command) -> None:
    """As the bundle says: twice more for ingest."""
    failing = {"ingest": 2, "refine": 1}

    def runner(job: Body, argv: list[str]) -> tuple[int, str]:
        failing[argv[0]] = failing.get(argv[0], 0) - 1
        return (3, "error: source is down\n") if failing[argv[0]] >= 0 else (0, "")

    workspace.jobs.runner = runner
    assert observatory("run", "--remote").code == 3
    tries = [(t.task_key, t.attempt, t.result) for run in workspace.jobs.runs.values() for t in run.tasks]
    assert [entry for entry in tries if entry[0] == "ingest_source"] == [
        ("ingest_source", 0, "FAILED"), ("ingest_source", 1, "FAILED"), ("ingest_source", 2, "SUCCESS")
    ]  # fmt: skip
    assert [entry for entry in tries if entry[0] == "refine"] == [("refine", 0, "FAILED")]


def test_report_is_made_there_and_fetched(workspace: StandIn, observatory: Command, tmp_path: Path) -> None:
    """The job writes the file of its argv; the command fetches that one."""

    def runner(job: Body, argv: list[str]) -> tuple[int, str]:
        workspace.files.files[argv[argv.index("--output") + 1]] = b"<html>the report</html>"
        return 0, ""

    workspace.jobs.runner = runner
    result = observatory("report", "--remote", "--output", tmp_path / "mine.html")
    assert (result.code, result.out.strip()) == (0, str(tmp_path / "mine.html"))
    assert (tmp_path / "mine.html").read_text() == "<html>the report</html>"


def test_validate_tells_lost_rows_and_gates_that_block(workspace: StandIn, observatory: Command) -> None:
    """By the newest judgement of each table alone; exit code 4."""
    assert observatory("validate", "--remote").code == 0
    workspace.database.execute("""
        INSERT INTO ops.quality_result VALUES
          ('silver.x', 'old_trouble', '2026-11-01 10:00:00Z', 'BLOCK'),
          ('silver.x', 'fine', '2026-11-01 11:00:00Z', 'PASS')
    """)
    assert observatory("validate", "--remote").code == 0
    workspace.database.execute("""
        INSERT INTO ops.quality_result VALUES ('silver.x', 'key_is_unique', '2026-11-01 11:00:00Z', 'BLOCK');
        UPDATE analytics.row_conservation SET is_conserved = false WHERE source_name = 'litellm'
    """)
    result = observatory("validate", "--remote")
    assert result.code == 4
    assert "litellm: its 1,200 rows in bronze are not silver" in result.errors[0]
    assert "silver.x: rule key_is_unique blocks its gate" in result.errors[0]


def test_alerts_are_listed(workspace: StandIn, observatory: Command) -> None:
    """Those that are not resolved, newest first; all on request."""
    workspace.database.execute("""
        INSERT INTO ops.alert VALUES
          ('a1', 'stale_data', 'litellm', 'open', '2026-11-01 10:00:00Z', NULL, NULL, 'old'),
          ('a2', 'dead_man', 'pipeline', 'resolved', '2026-11-01 11:00:00Z', NULL, '2026-11-01 12:00:00Z', 'silent'),
          ('a3', 'error_spike', 'openai/x', 'acknowledged', '2026-11-01 12:00:00Z', 'ann', NULL, 'many')
    """)
    open_ones = json.loads(observatory("alert", "list", "--remote", "--format", "json").out)
    assert [row["alert_id"] for row in open_ones] == ["a3", "a1"]
    every = json.loads(observatory("alert", "list", "--all", "--remote", "--format", "json").out)
    assert [row["alert_id"] for row in every] == ["a3", "a2", "a1"]
