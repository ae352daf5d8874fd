"""Deployment stops at the first thing that is missing, and calls the vendor's tool with our target when nothing is.

A stand-in for that tool, a script on PATH, records what it is called with; the workspace is our own stand-in.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import lakehouse.io.workspace
from jobs.deploy import check_wheel, variables
from lakehouse.errors import ConfigurationError
from lakehouse.sql.loader import load_databricks
from tests.support.cli import in_process
from tests.support.repository import ROOT
from tests.workspace.whole import StandIn, environment

UV = os.environ.get("UV") or shutil.which("uv") or "uv"


@pytest.fixture
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of one folder, which has uv and nothing else; the current folder is the checkout."""
    (tmp_path / "uv").symlink_to(UV)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.chdir(ROOT)
    for name in [name for name in os.environ if name.startswith(("BUNDLE_VAR_", "DATABRICKS_"))]:
        if name.startswith("BUNDLE_VAR_") or "workspace" not in request.fixturenames:
            monkeypatch.delenv(name)
    return tmp_path


def vendor(folder: Path, code: int) -> Path:
    """Put a tool on PATH that notes its arguments and ends with a code."""
    tool, log = folder / "databricks", folder / "called"
    tool.write_text(f'#!/bin/sh\necho "$PWD $*" > {log}\nexit {code}\n')
    tool.chmod(0o755)
    return log


@pytest.mark.parametrize("target", ["dev", "staging", "prod"])
def test_check_needs_no_workspace(target: str, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nor the vendor's tool, nor values of variables."""
    result = in_process(capfd, "deploy", "--target", target, "--check")
    assert (result.code, result.errors) == (0, [])


def test_every_missing_piece_is_one_line(
    path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Unknown target, unset variables, no workspace, one that is not there, no bundle: one line says what to do."""
    told = {
        ("live",): "no target 'live' in databricks.yml; there are dev, staging, prod",
        ("staging",): "target staging needs BUNDLE_VAR_alert_email, BUNDLE_VAR_service_principal to be set",
        ("dev",): "no Databricks workspace is configured: set DATABRICKS_HOST",
    }
    for (target,), message in told.items():
        result = in_process(capfd, "deploy", "--target", target)
        assert (result.code, len(result.errors)) == (2, 1)
        assert message in result.errors[0]
    for name, value in environment("http://127.0.0.1:1").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(lakehouse.io.workspace, "PATIENCE_S", 1)
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 3
    assert "no answer within 1 s" in result.errors[0]
    monkeypatch.chdir(tmp_path)
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 2
    assert "run this in a checkout" in result.errors[0]


def test_no_tool(path: Path, workspace: StandIn, capfd: pytest.CaptureFixture[str]) -> None:
    """It is told where to get it."""
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 2
    assert "which is not on PATH: install the Databricks CLI" in result.errors[0]


def test_the_vendors_tool_deploys_and_provision_and_health_follow(
    path: Path, workspace: StandIn, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the checkout, with the target, once the wheel was built; a refusal of it is one of ours."""
    log = vendor(path, 0)
    result = in_process(capfd, "deploy", "--target", "dev")
    assert (result.code, result.errors) == (0, [])
    assert log.read_text() == f"{ROOT} bundle deploy --target dev\n"
    assert [task.task_key for run in workspace.jobs.runs.values() for task in run.tasks] == ["provision"]
    assert workspace.sql.asked[:-1] == [text for _, text in load_databricks()], "then health asks"
    assert "target dev is deployed: llm_observatory_dev in http://127.0.0.1" in result.err
    vendor(path, 1)
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 2
    assert "ended with code 1" in result.errors[0]


def test_half_finished_deployments_are_told(
    path: Path, workspace: StandIn, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong token before the tool is called; a secret, a failed provision or a job that is missing after it."""
    log = vendor(path, 0)
    workspace.secrets.scopes["llm-observatory-dev"].clear()
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 2
    assert "not whole: secret llm-observatory-dev/litellm-url missing; a secret is put there by" in result.errors[0]
    workspace.jobs.runner = lambda job, argv: (2, "error: no catalog llm_observatory_dev\n")
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 2
    assert "task provision failed: no catalog llm_observatory_dev" in result.errors[0]
    workspace.jobs.jobs.clear()
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 2
    assert "half-finished, job llm-observatory-pipeline-dev" in result.errors[0]
    log.unlink()
    monkeypatch.setenv("DATABRICKS_TOKEN", "wrong")
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 2
    assert "renew DATABRICKS_TOKEN" in result.errors[0]
    assert not log.exists()


def test_a_mistake_stops_before_anything_else(
    path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An undeclared variable in the environment is one: it would be ignored."""
    monkeypatch.setenv("BUNDLE_VAR_alert_mail", "us@example.com")
    log = vendor(path, 0)
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 2
    assert "variable alert_mail is not declared" in result.errors[0]
    assert not log.exists()


def test_a_wheel_that_does_not_build_is_told(path: Path, tmp_path: Path) -> None:
    """With what the builder says."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "pyproject.toml").write_text("[build-system]\nrequires = [\n")
    with pytest.raises(ConfigurationError, match=r"the wheel does not build: .*TOML"):
        check_wheel(broken)


def test_only_variables_of_the_bundle_are_taken() -> None:
    """And no empty ones."""
    environment = {"BUNDLE_VAR_a": "1", "BUNDLE_VAR_b": "", "PATH": "x"}
    assert variables(environment) == {"a": "1"}
