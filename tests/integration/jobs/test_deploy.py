"""Deployment stops at the first thing that is missing, and calls the vendor's tool with our target when nothing is.

A stand-in for that tool, a script on PATH, records what it is called with; no workspace is spoken to.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from jobs.deploy import check_wheel, variables
from lakehouse.errors import ConfigurationError
from tests.support.cli import in_process
from tests.support.repository import ROOT

UV = os.environ.get("UV") or shutil.which("uv") or "uv"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of one folder, which has uv and nothing else; the current folder is the checkout."""
    (tmp_path / "uv").symlink_to(UV)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.chdir(ROOT)
    for name in [name for name in os.environ if name.startswith("BUNDLE_VAR_")]:
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
    """Unknown target, unset variables, no tool, a folder without a bundle: exit code 2, and what to do."""
    told = {
        ("live",): "no target 'live' in databricks.yml; there are dev, staging, prod",
        ("staging",): "target staging needs BUNDLE_VAR_alert_email, BUNDLE_VAR_service_principal to be set",
        ("dev",): "which is not on PATH: install the Databricks CLI",
    }
    for (target,), message in told.items():
        result = in_process(capfd, "deploy", "--target", target)
        assert (result.code, len(result.errors)) == (2, 1)
        assert message in result.errors[0]
    monkeypatch.chdir(tmp_path)
    result = in_process(capfd, "deploy", "--target", "dev")
    assert result.code == 2
    assert "run this in a checkout" in result.errors[0]


def test_the_vendors_tool_deploys(
    path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the checkout, with the target, once the wheel was built; a refusal of it is one of ours."""
    monkeypatch.setenv("BUNDLE_VAR_alert_email", "us@example.com")
    monkeypatch.setenv("BUNDLE_VAR_service_principal", "app-id")
    log = vendor(path, 0)
    assert in_process(capfd, "deploy", "--target", "staging").code == 0
    assert log.read_text() == f"{ROOT} bundle deploy --target staging\n"
    vendor(path, 1)
    result = in_process(capfd, "deploy", "--target", "staging")
    assert result.code == 2
    assert "ended with code 1" in result.errors[0]


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
