"""Scores reach MLflow; whatever goes wrong there is told and harms nothing."""

from __future__ import annotations

from pathlib import Path

import mlflow

from jobs.context import JobContext
from jobs.tracking import EXPERIMENT, track
from lakehouse.config import Settings

TAGS = {"decision": "WARN"}


def context(uri: str | None, lines: list[str]) -> JobContext:
    """A context without a lakehouse."""
    return JobContext(Settings(mlflow_tracking_uri=uri), lines.append)


def test_a_run_is_logged(tmp_path: Path) -> None:
    """With its metrics and tags, under one experiment."""
    lines: list[str] = []
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    track(context(uri, lines), "gate silver", {"dq.score.silver.llm_interactions": 97.5}, TAGS)
    assert lines == []
    (run,) = mlflow.MlflowClient(uri).search_runs([mlflow.get_experiment_by_name(EXPERIMENT).experiment_id])
    assert run.data.metrics == {"dq.score.silver.llm_interactions": 97.5}
    assert (run.info.run_name, run.data.tags["decision"]) == ("gate silver", "WARN")


def test_a_failure_to_log_is_told_in_one_line(tmp_path: Path) -> None:
    """And nothing is logged where nothing is set."""
    lines: list[str] = []
    track(context("nowhere://no-such-store", lines), "gate gold", {"dq.failed.critical": 1.0}, TAGS)
    track(context(None, lines), "gate gold", {"dq.failed.critical": 1.0}, TAGS)
    assert len(lines) == 1
    assert lines[0].startswith("mlflow: gate gold was not logged, ")
