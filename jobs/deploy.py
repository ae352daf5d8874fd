"""`observatory deploy`: checks all that can be known beforehand, then lets the vendor's tool deploy the bundle."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from configparser import ConfigParser
from datetime import UTC, datetime
from pathlib import Path

from jobs.bundle.lint import lint, scripts
from jobs.bundle.load import load
from jobs.bundle.resolve import resolve
from jobs.context import Tell
from jobs.remote.health import missing_jobs, remote_health
from jobs.remote.place import Place, open_place
from jobs.remote.run import run_job
from lakehouse.errors import ConfigurationError, WorkspaceNotFoundError
from lakehouse.io.workspace import asking
from lakehouse.sql.loader import load_databricks

TO_DO = "a secret is put there by `databricks secrets put-secret SCOPE KEY`; for all else deploy again"
PREFIX = "BUNDLE_VAR_"  # how the vendor's tool takes variables from the environment
HELP = "install the Databricks CLI as docs.databricks.com/dev-tools/cli/install says, or let CI deploy"


def deploy(root: Path, target: str, check_only: bool, tell: Tell) -> None:
    """Deploy a checkout's bundle to the workspace of the environment.

    Args:
        root: Folder of databricks.yml.
        target: dev, staging or prod.
        check_only: Only judge the bundle; needs neither values of variables nor a workspace.
        tell: Takes lines of progress, each mistake among them.

    Raises:
        ConfigurationError: The bundle has mistakes, a variable no value, the wheel does not build or lacks its entry
            point, the vendor's tool is not installed, or it refused; nothing was deployed unless it says so itself.
        WorkspaceError: The workspace does not know us, or what was deployed is not whole; see `asking`.
        ObservatoryError: The task provision failed there; see `run_job`.
    """
    given = variables(os.environ)
    if problems := lint(root, target, given):
        for problem in problems:
            tell(str(problem))
        raise ConfigurationError(f"target {target}: {len(problems)} mistakes in the bundle, first: {problems[0]}")
    tell(f"target {target}: the bundle has no mistake")
    if check_only:
        return
    if missing := resolve(load(root), target, given).missing:
        raise ConfigurationError(f"target {target} needs {', '.join(PREFIX + name for name in missing)} to be set")
    place = _reached(root, target, tell)
    cli = shutil.which("databricks")
    if cli is None:
        raise ConfigurationError(f"deploy needs the vendor's command line `databricks`, which is not on PATH: {HELP}")
    check_wheel(root)
    tell("the wheel builds and has its entry point")
    done = subprocess.run([cli, "bundle", "deploy", "--target", target], cwd=root, check=False)  # noqa: S603  from PATH
    if done.returncode:
        raise ConfigurationError(
            f"`databricks bundle deploy --target {target}` ended with code {done.returncode}: it says why above"
        )
    _finish(place, target, tell)


def _reached(root: Path, target: str, tell: Tell) -> Place:
    """Find the workspace, and make sure that it knows us, before anything is built or sent."""
    place = open_place(root / f"infra/config/{target}.toml")
    with asking("workspace"):
        who = place.client.current_user.me().user_name
    tell(f"{place.client.config.host} knows {who}")
    return place


def _finish(place: Place, target: str, tell: Tell) -> None:
    """Create tables and views in the workspace, mark and mask what is personal, then look whether all is there."""
    if lost := missing_jobs(place):
        raise WorkspaceNotFoundError(
            f"target {target}: half-finished, {', '.join(lost)} missing: see what the vendor's tool says above"
        )
    run_job(place, "pipeline", tell, only=["provision"])
    statements = load_databricks()
    for _, statement in statements:
        place.warehouse.read(statement)
    tell(f"{len(statements)} statements for tags, masks and metric views are applied")
    found = remote_health(place, datetime.now(UTC))
    if not found.is_ready:
        raise WorkspaceNotFoundError(
            f"target {target} is deployed and not whole: {', '.join(found.missing)} missing; {TO_DO}"
        )
    tell(f"target {target} is deployed: {found.as_text()}")


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables of the bundle that an environment sets; an empty one is not set."""
    return {name[len(PREFIX) :]: value for name, value in environment.items() if name.startswith(PREFIX) and value}


def check_wheel(root: Path) -> None:
    """Build the wheel apart from the one that is deployed, and look for the entry points that the jobs name.

    Raises:
        ConfigurationError: It does not build, or lacks one.
    """
    uv = shutil.which("uv")
    if uv is None:
        raise ConfigurationError("the wheel is built by `uv`, which is not on PATH: pip install uv")
    with tempfile.TemporaryDirectory() as folder:
        command = [uv, "build", "--wheel", "--quiet", "--out-dir", folder, str(root)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  our own words
        if done.returncode:
            raise ConfigurationError(f"the wheel does not build: {' '.join(done.stderr.split()) or 'uv says nothing'}")
        if absent := scripts(root) - entry_points(next(Path(folder).glob("*.whl"))):
            raise ConfigurationError(f"the wheel lacks {', '.join(name for _, name in sorted(absent))}")


def entry_points(wheel: Path) -> set[tuple[str, str]]:
    """Package and entry points that a built wheel has."""
    with zipfile.ZipFile(wheel) as archive:
        texts = [archive.read(name).decode() for name in archive.namelist() if name.endswith("/entry_points.txt")]
    parsed = ConfigParser()
    parsed.read_string(texts[0] if texts else "")
    names = parsed["console_scripts"] if parsed.has_section("console_scripts") else {}
    return {(wheel.name.split("-")[0], name) for name in names}
