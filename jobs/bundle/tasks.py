"""What even the vendor's tool misses in jobs: the graph, compute, retries, schedules, and what the tasks start."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath
from typing import Any

import typer
from typer.exceptions import TyperException

from jobs.bundle.cron import check_cron
from jobs.bundle.load import Problem
from jobs.bundle.resolve import Resolved
from jobs.cli import app

RETRIED = "ingest"  # the only command that fails for reasons that pass


def check_jobs(resolved: Resolved, scripts: set[tuple[str, str]]) -> Iterator[Problem]:
    """Yield what is wrong with the jobs.

    Args:
        resolved: The bundle for a target.
        scripts: Pairs of package and entry point that the wheel has.
    """
    for key, job in resolved.resources.get("jobs", {}).items():
        where, tasks = f"jobs.{key}", [t for t in job.get("tasks") or () if isinstance(t, dict)]
        yield from _check_graph(tasks, where)
        if "schedule" in job:
            schedule = job["schedule"]
            yield from check_cron(
                str(schedule.get("quartz_cron_expression")), str(schedule.get("timezone_id")), f"{where}.schedule"
            )
        for task in tasks:
            inner, inputs = _unpacked(task)
            place = f"{where}.{task.get('task_key')}"
            yield from _check_compute(job, inner, place)
            yield from _check_start(job, inner, inputs, scripts, place)


def _check_graph(tasks: Sequence[dict[str, Any]], where: str) -> Iterator[Problem]:
    keys = [str(task.get("task_key")) for task in tasks]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem(where, f"two tasks have the key {key!r}")
    after = {str(task.get("task_key")): [d["task_key"] for d in task.get("depends_on") or ()] for task in tasks}
    for key, befores in after.items():
        yield from (Problem(f"{where}.{key}", f"depends on {b!r}, which is no task") for b in befores if b not in after)
    try:
        tuple(TopologicalSorter(after).static_order())
    except CycleError as error:
        yield Problem(where, f"tasks depend on each other in a circle: {' → '.join(error.args[1])}")


def _unpacked(task: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The task that does the work, and the values that it is repeated for."""
    if "for_each_task" not in task:
        return task, []
    loop = task["for_each_task"]
    try:
        inputs = json.loads(loop.get("inputs", ""))
    except json.JSONDecodeError:
        inputs = []
    return loop.get("task") or {}, [str(value) for value in inputs] if isinstance(inputs, list) else []


def _check_compute(job: dict[str, Any], task: dict[str, Any], where: str) -> Iterator[Problem]:
    kinds = {"environment_key": "environments", "job_cluster_key": "job_clusters"}
    for name, place in kinds.items():
        known = {entry.get(name) for entry in job.get(place) or ()}
        if name in task and task[name] not in known:
            yield Problem(where, f"{name} {task[name]!r} is none of the job's {place}")
    if "python_wheel_task" not in task:
        return
    if len(kinds.keys() & task.keys()) != 1:
        yield Problem(where, "needs either environment_key or job_cluster_key")
    if "job_cluster_key" in task and not any("whl" in library for library in task.get("libraries") or ()):
        yield Problem(where, "runs on a cluster without the wheel: add it to libraries")
    command = ((task["python_wheel_task"].get("parameters")) or [""])[0]
    if task.get("max_retries", 0) and command != RETRIED:
        yield Problem(where, f"max_retries on {command}: only {RETRIED} may be tried again")
    if "environment_key" in task and task.get("disable_auto_optimization") is not True:
        yield Problem(where, "serverless repeats what failed by itself: set disable_auto_optimization")


def _check_start(
    job: dict[str, Any], task: dict[str, Any], inputs: list[str], scripts: set[tuple[str, str]], where: str
) -> Iterator[Problem]:
    if "python_wheel_task" not in task:
        return
    wheel = task["python_wheel_task"]
    name = str(wheel.get("package_name")), str(wheel.get("entry_point"))
    if name not in scripts:
        yield Problem(where, f"the wheel has no entry point {name[1]!r} of package {name[0]!r}")
    argv = [str(word) for word in wheel.get("parameters") or ()]
    if "{{input}}" in argv and not inputs:
        yield Problem(where, "for_each_task.inputs is no JSON list with an entry")
    for value in inputs or [""]:
        if refusal := refused(filled(argv, value, job)):
            yield Problem(where, f"the command line refuses {' '.join(argv)!r}: {refusal}")


def filled(argv: Sequence[str], value: str, job: dict[str, Any]) -> list[str]:
    """Put an input and the defaults of the job's parameters into an argv, as the platform does."""
    known = {f"{{{{job.parameters.{p['name']}}}}}": str(p["default"]) for p in job.get("parameters") or ()}
    known["{{input}}"] = value
    return [known.get(word, word) for word in argv]


def refused(argv: Sequence[str]) -> str | None:
    """Why our own parser rejects an argv; None where it takes it."""
    command = typer.main.get_command(app)
    context, words = command.make_context("observatory", [], resilient_parsing=True), list(argv)
    if left := [word for word in words if "{{" in word]:
        return f"{left[0]} is no parameter of the job"
    context.resilient_parsing = False  # from here on a word that is no command is an error
    try:
        while hasattr(command, "resolve_command"):
            _, command, words = command.resolve_command(context, words)
        command.make_context(command.name, words, parent=context)
    except TyperException as error:
        return str(error)
    return None


def settings_files(resolved: Resolved) -> Iterator[tuple[str, str]]:
    """Yield where a task names a settings file, and its path within the bundle."""
    prefix = str(PurePosixPath(f"/.bundle/{resolved.bundle.tree['bundle']['name']}/{resolved.target}/files/"))
    for key, job in resolved.resources.get("jobs", {}).items():
        for task in job.get("tasks") or ():
            argv = (_unpacked(task)[0].get("python_wheel_task") or {}).get("parameters") or []
            if "--config" in argv[:-1]:
                path = str(argv[argv.index("--config") + 1])
                yield f"jobs.{key}.{task.get('task_key')}", path.partition(f"{prefix}/")[2] or path
