"""Where the vendor's command line is on PATH, it deploys the real bundle into the stand-in, for every target.

It may not be shipped with this repository and is not on every machine; elsewhere these tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.support.repository import ROOT
from tests.workspace.server import serve
from tests.workspace.whole import GIVEN, StandIn, environment

CLI = shutil.which("databricks")


@pytest.mark.skipif(CLI is None, reason="the vendor's command line `databricks` is not on PATH")
@pytest.mark.parametrize("target", ["dev", "staging", "prod"])
def test_the_bundle_deploys_stays_runs_and_goes(target: str) -> None:
    """Validate, plan, deploy, a second plan without changes, run, destroy; afterwards no job is left."""
    workspace = StandIn()
    given = {f"BUNDLE_VAR_{name}": value for name, value in GIVEN.items()} if target != "dev" else {}
    with serve(workspace) as url:
        variables = os.environ | environment(url) | given

        def call(*argv: str) -> str:
            command = [str(CLI), "bundle", *argv, "--target", target]
            done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
            return done.stdout + done.stderr

        call("validate", "--strict")
        call("plan")
        call("deploy", "--auto-approve")
        assert "0 to add, 0 to change, 0 to delete" in call("plan")
        call("run", "report")
        assert [run.result for run in workspace.jobs.runs.values()] == ["SUCCESS"]
        call("destroy", "--auto-approve")
    assert workspace.jobs.jobs == {}
