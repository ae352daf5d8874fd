"""Runs in a real MLflow store in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mlflow import MlflowClient

from jobs.bench.truth.command import bench_truth
from jobs.tracking import EXPERIMENT


def test_a_comparison_is_logged_with_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Totals, figures of its rows, the command, and everything as JSON."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shown: list[str] = []
    bench_truth("prefix-cache", None, True, shown.append, tmp_path)
    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    (run,) = client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id])
    outcome = json.loads(shown[0])
    assert run.info.run_name == "truth-prefix-cache"
    assert run.data.tags["command"] == "observatory bench truth prefix-cache"
    assert (run.data.metrics["passed"], run.data.metrics["failed"]) == (outcome["passed"], outcome["failed"])
    figures = [check["ours"] for check in outcome["checks"] if isinstance(check["ours"], float)]
    assert set(figures) <= set(run.data.metrics.values())
    report = next((tmp_path / "mlartifacts").rglob("report.json"))
    assert json.loads(report.read_text()) == outcome
