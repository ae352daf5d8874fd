"""The strict linter of the bundle: everything that can be known without a workspace."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from jobs.bundle.cron import check_cron
from jobs.bundle.load import Bundle, Problem, load
from jobs.bundle.resolve import Resolved, resolve
from jobs.bundle.shapes import check_shapes
from jobs.bundle.tasks import check_jobs, settings_files
from lakehouse.config import load_settings
from lakehouse.errors import ConfigurationError

FILE_KEYS = {"file_path", "source_code_path", "notebook_path", "python_file"}
BUILT = "dist/*.whl"


def lint(root: Path, target: str, given: Mapping[str, str] | None = None) -> list[Problem]:
    """Judge the bundle of a checkout for one target.

    Args:
        root: Folder of databricks.yml.
        target: Its name.
        given: Values of variables from outside; a variable without any is no problem here, see `Resolved.missing`.

    Returns:
        Every mistake found, in order of place; none of a good bundle.

    Raises:
        ConfigurationError: No bundle or no such target.
    """
    resolved = resolve(load(root), target, given)
    found = [*resolved.problems, *check_shapes(resolved), *check_jobs(resolved, scripts(root))]
    found += [*_check_alerts(resolved), *_check_files(resolved), *_check_dependencies(resolved)]
    return sorted({*found, *_check_settings(resolved)})


def scripts(root: Path) -> set[tuple[str, str]]:
    """Package and entry points that the wheel of a checkout will have."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = re.sub(r"[-_.]+", "_", project["name"]).lower()
    return {(package, name) for name in project.get("scripts", {})}


def _check_alerts(resolved: Resolved) -> Iterator[Problem]:
    for key, alert in resolved.resources.get("alerts", {}).items():
        schedule = alert.get("schedule") or {}
        zone, expression = str(schedule.get("timezone_id")), str(schedule.get("quartz_cron_schedule"))
        yield from check_cron(expression, zone, f"alerts.{key}.schedule")


def _check_files(resolved: Resolved) -> Iterator[Problem]:
    """Files that are named must exist; the wheel is built later."""
    for kind, entries in resolved.resources.items():
        for key, entry in entries.items():
            base = resolved.bundle.origins[kind, key].parent
            for name, path in _paths(entry):
                file = Path(base, path).resolve()
                inside = file.is_relative_to(resolved.bundle.root.resolve())
                if inside and file.relative_to(resolved.bundle.root.resolve()).match(BUILT):
                    continue
                if not inside or not file.exists():
                    yield Problem(f"{kind}.{key}.{name}", f"no file {path} beside {resolved.bundle.origins[kind, key]}")


def _paths(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _paths(entry, key)
    elif isinstance(value, list):
        for entry in value:
            yield from _paths(entry, name)
    elif isinstance(value, str):
        is_file = name in FILE_KEYS or name == "whl" or (name == "dependencies" and value.startswith("."))
        if is_file and not value.startswith("/"):
            yield name, value


def _check_dependencies(resolved: Resolved) -> Iterator[Problem]:
    """A package beside the wheel has the version that the tests run with."""
    project = tomllib.loads((resolved.bundle.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tested = {text for extra in project.get("optional-dependencies", {}).values() for text in extra}
    for key, job in resolved.resources.get("jobs", {}).items():
        for environment in job.get("environments") or ():
            for text in (environment.get("spec") or {}).get("dependencies") or ():
                if not str(text).startswith(".") and text not in tested:
                    yield Problem(f"jobs.{key}.environments", f"{text} is in no extra of pyproject.toml")


def _check_settings(resolved: Resolved) -> Iterator[Problem]:
    """The settings that the jobs are given exist, load, and say the same as the bundle."""
    for where, path in settings_files(resolved):
        try:
            settings = load_settings(_inside(resolved.bundle, path))
        except ConfigurationError as error:
            yield Problem(where, str(error))
            continue
        if (catalog := resolved.variables.get("catalog")) != settings.catalog:
            yield Problem(path, f"its catalog is {settings.catalog}, that of the bundle {catalog}")
        if settings.target != resolved.target:
            yield Problem(path, f"its target is {settings.target}, not {resolved.target}")
        names = sorted(source.name for source in settings.sources)
        if sorted(re.findall(r"\w+", str(resolved.variables.get("sources")))) != names:
            yield Problem(path, f"its sources are {', '.join(names)}, those of the bundle others")


def _inside(bundle: Bundle, path: str) -> Path:
    return bundle.root / path.lstrip("/")
