"""The jobs of the bundle, created through the SDK and run from the built wheel, task by task, as a workspace would.

The stand-in follows the graph; every task is a process in a clean environment that speaks Spark Connect, reads the
source's address from a secret scope over HTTP and gets the argv of the resolved bundle.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import JobSettings

import jobs.remote.run
from jobs.bundle.load import load
from jobs.bundle.resolve import resolve
from jobs.demo import load as demo
from tests.integration.conftest import MakeDatabase
from tests.support.cli import in_process
from tests.support.repository import ROOT
from tests.support.source import Database
from tests.workspace.jobs_api import TaskRun
from tests.workspace.runtime import Runtime, connect_server, install
from tests.workspace.server import TOKEN, serve
from tests.workspace.whole import GIVEN, StandIn, environment

TARGET = "staging"
CONFIG = ROOT / f"infra/config/{TARGET}.toml"


@dataclass(frozen=True)
class Deployed:
    """A workspace in which the jobs can be run, and the database that they read."""

    workspace: StandIn
    url: str
    runtime: Runtime
    database: Database


@pytest.fixture(scope="module")
def deployed(make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The bundle's files, jobs, warehouse and secret, and the demo's first delivery at the source."""
    folder, workspace, database = tmp_path_factory.mktemp("workspace"), StandIn(), make_database()
    demo.deliver(database.url, 0)
    resources = resolve(load(ROOT), TARGET, GIVEN).resources
    pipeline = resources["jobs"]["pipeline"]
    files = f"{folder}/Workspace/Users/deployer@example.com/.bundle/llm-observatory/{TARGET}/files/infra"
    shutil.copytree(ROOT / "infra", files)
    workspace.secrets.scopes[f"llm-observatory-{TARGET}"] = {"litellm-url": database.url}
    workspace.sql.add(f"llm-observatory-{TARGET}")
    python = install(folder, pipeline["environments"][0]["spec"]["dependencies"])
    with serve(workspace) as url, connect_server(folder) as remote:
        client = WorkspaceClient(host=url, token=TOKEN)
        for job in resources["jobs"].values():
            settings = JobSettings.from_dict(job)
            client.jobs.create(**{name: getattr(settings, name) for name in job})
        runtime = Runtime(folder, python, remote, environment(url))
        workspace.jobs.runner, workspace.sql.engine = runtime.run, runtime.ask
        yield Deployed(workspace, url, runtime, database)


@pytest.fixture(autouse=True)
def leads_there(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of this process leads to the stand-in."""
    monkeypatch.setattr(jobs.remote.run, "POLL_S", 0.1)
    for name, value in environment(deployed.url).items():
        monkeypatch.setenv(name, value)


def tasks_of(workspace: StandIn) -> list[TaskRun]:
    """Tasks of the newest run."""
    return list(workspace.jobs.runs.values())[-1].tasks


def test_the_pipeline_runs_from_nothing(deployed: Deployed, capfd: pytest.CaptureFixture[str]) -> None:
    """Each task in the order of the graph; what the source counts is in bronze, and every row is accounted for."""
    result = in_process(capfd, "run", "--remote", "--config", CONFIG)
    logs = "\n".join(task.logs[-1500:] for task in tasks_of(deployed.workspace) if task.code)
    assert (result.code, result.errors) == (0, []), logs
    keys = [entry["task_key"] for entry in deployed.workspace.jobs.named("llm-observatory-pipeline-staging")["tasks"]]
    done = [task.task_key for task in tasks_of(deployed.workspace)]
    assert done == ["ingest_source" if key == "ingest" else key for key in keys]
    assert {task.attempt for task in tasks_of(deployed.workspace)} == {0}

    sql = "SELECT bronze_count, is_conserved FROM analytics.row_conservation"
    result = in_process(capfd, "query", sql, "--remote", "--format", "json", "--config", CONFIG)
    rows = deployed.database.run('SELECT count(*) FROM "LiteLLM_SpendLogs"')
    assert json.loads(result.out) == [{"bronze_count": rows[0][0], "is_conserved": True}]
    result = in_process(capfd, "validate", "--remote", "--config", CONFIG)
    assert (result.code, result.errors) == (0, [])


def test_the_report_job_writes_into_its_volume(
    deployed: Deployed, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It opens the lakehouse of the catalog, not a folder; the command fetches the file."""
    volume = deployed.runtime.local("/Volumes/llm_observatory_staging/analytics/reports/report.html")
    deployed.workspace.route(
        "GET", "/api/2.0/fs/files(/.+)", lambda request: Path(deployed.runtime.local(request.args[0])).read_bytes()
    )
    result = in_process(capfd, "report", "--remote", "--output", tmp_path / "report.html", "--config", CONFIG)
    logs = "\n".join(task.logs[-1500:] for task in tasks_of(deployed.workspace))
    assert (result.code, result.errors) == (0, []), logs
    assert (tmp_path / "report.html").read_bytes() == Path(volume).read_bytes()
    assert "<html" in (tmp_path / "report.html").read_text()[:200]


def test_a_source_that_refuses_is_tried_again_and_then_ends_the_run(
    deployed: Deployed, capfd: pytest.CaptureFixture[str]
) -> None:
    """Ingest three times as the bundle says; nothing after it runs; its own line and exit code come back."""
    secrets = deployed.workspace.secrets.scopes[f"llm-observatory-{TARGET}"]
    good = secrets["litellm-url"]
    secrets["litellm-url"] = good.replace(deployed.database.name, "no_such_database")
    result = in_process(capfd, "run", "--remote", "--config", CONFIG)
    secrets["litellm-url"] = good
    assert result.code == 2
    assert "task ingest_source failed: " in result.errors[0]
    assert "no_such_database" in result.errors[0]
    tries = [(task.task_key, task.code) for task in tasks_of(deployed.workspace)][:4]
    assert tries == [("provision", 0), *[("ingest_source", 2)] * 3]
    after = {task.task_key: task.result for task in tasks_of(deployed.workspace)[4:]}
    assert after.pop("alert") == "SUCCESS", "it tells of failures, so it runs after them"
    assert set(after.values()) == {"UPSTREAM_FAILED"}
