"""Logs back-tests and comparisons with published figures to MLflow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.tracking import ENVIRONMENT, EXPERIMENT

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Logged:
    """What a run leaves behind.

    Attributes:
        name: Of the run, such as truth-nab.
        command: That repeats it.
        metrics: Figures.
        parameters: What they depend on.
        report: Everything, as the artifact report.json.
    """

    name: str
    command: str
    metrics: Mapping[str, float]
    report: Mapping[str, object]
    parameters: Mapping[str, object] = field(default_factory=dict)


def log_run(run: Logged, home: Path) -> str | None:
    """Log a run: where MLFLOW_TRACKING_URI says, in the workspace on Databricks, else in a SQLite file in `home`.

    Returns:
        Its id; None where MLflow is not installed (extra `tracking`).
    """
    if find_spec("mlflow") is None:
        return None
    for variable, value in ENVIRONMENT.items():
        os.environ.setdefault(variable, value)
    from mlflow import MlflowClient

    client = MlflowClient(_uri(home))
    started = client.create_run(_experiment(client, home), run_name=run.name, tags={"command": run.command})
    run_id = str(started.info.run_id)
    for name, value in run.parameters.items():
        client.log_param(run_id, name, value)
    for name, figure in run.metrics.items():
        client.log_metric(run_id, name, figure)
    client.log_dict(run_id, dict(run.report), "report.json")
    client.set_terminated(run_id)
    return run_id


def _uri(home: Path) -> str:
    default = f"sqlite:///{home.resolve() / 'mlflow.db'}"
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        default = "databricks"
    else:
        home.mkdir(parents=True, exist_ok=True)
    return os.environ.get("MLFLOW_TRACKING_URI") or default


def _experiment(client: MlflowClient, home: Path) -> str:
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
    if known := client.get_experiment_by_name(name):
        return str(known.experiment_id)
    local = client.tracking_uri.startswith("sqlite:")
    return str(client.create_experiment(name, (home.resolve() / "mlartifacts").as_uri() if local else None))
