"""Runs the job file's tasks locally, in graph order: one graph for Databricks and a laptop."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from jobs.context import JobContext
from lakehouse.errors import ConfigurationError, ObservatoryError
from lakehouse.io.extract import open_snapshot
from lakehouse.io.landing import arrived
from lakehouse.io.write import version
from lakehouse.sources.files.source import FileSource
from lakehouse.sources.registry import AnySource
from lakehouse.tables.gold import USAGE

NAME = "pipeline.job.yml"
INPUT = "{{input}}"  # what a loop puts in


@dataclass(frozen=True)
class Task:
    """One task: its key, the argv it gives to `observatory`, and what must be done before.

    Its `--config` is for Databricks, where a task is a process; within a local run a task has the run's settings.
    """

    key: str
    argv: tuple[str, ...]
    after: tuple[str, ...]
    always: bool = False  # runs after a failure, too

    def calls(self, sources: Sequence[str]) -> list[list[str]]:
        """Every argv to run: one for each source where the task is a loop over them, else the only one."""
        if INPUT not in self.argv:
            return [list(self.argv)]
        return [[source if word == INPUT else word for word in self.argv] for source in sources]


def job_file() -> Path:
    """Find the job file: in the wheel beside this module, in a checkout under infra.

    Raises:
        ConfigurationError: It is in neither place.
    """
    packaged = Path(str(files("jobs") / NAME))
    checkout = packaged.parent.parent / "infra" / "resources" / NAME
    for path in (packaged, checkout):
        if path.is_file():
            return path
    raise ConfigurationError(f"{NAME} is neither in the installed package nor at {checkout}: install the package again")


def read_tasks(text: str) -> list[Task]:
    """Read the tasks of the job file in an order in which each may run.

    Raises:
        ConfigurationError: Tasks depend on each other in a circle, or on one that is not there.
    """
    job = yaml.safe_load(text)["resources"]["jobs"]["pipeline"]
    tasks = {entry["task_key"]: _task(entry) for entry in job["tasks"]}
    if unknown := sorted({before for task in tasks.values() for before in task.after} - set(tasks)):
        raise ConfigurationError(f"{NAME}: depends_on names unknown tasks: {', '.join(unknown)}")
    try:
        return [tasks[key] for key in TopologicalSorter({t.key: t.after for t in tasks.values()}).static_order()]
    except CycleError as error:
        raise ConfigurationError(f"{NAME}: tasks depend on each other in a circle: {error.args[1]}") from error


def _task(entry: dict[str, Any]) -> Task:
    inner = entry["for_each_task"]["task"] if "for_each_task" in entry else entry
    argv = tuple(inner["python_wheel_task"]["parameters"])
    befores = tuple(before["task_key"] for before in entry.get("depends_on", ()))
    return Task(entry["task_key"], argv, befores, entry.get("run_if") == "ALL_DONE")


def run_pipeline(context: JobContext) -> bool:
    """Run every task with its own argv inside the open context, telling the time of each.

    After a failure only tasks run that shall always run; then the failure is raised.

    Returns:
        Whether anything was written for people to see: new rows, or windows left over from a broken run.
    """
    sources = context.sources()
    for source in sources:  # what is wrong with one is told before Spark starts
        _look(context, source)
    Thread(target=import_module, args=("quality.judge",), daemon=True).start()  # takes as long as Spark's start
    before = version(context.spark, USAGE)
    tasks = read_tasks(job_file().read_text(encoding="utf-8"))
    last = [task for task in tasks if task.always]
    try:
        for task in tasks:
            if not task.always:
                _run(context, task, sources)
    except Exception:
        for task in last:
            try:
                _run(context, task, sources)
            except ObservatoryError as error:  # the first failure is the one that counts
                context.tell(str(error))
        raise
    for task in last:
        _run(context, task, sources)
    return version(context.spark, USAGE) != before


def _look(context: JobContext, source: AnySource) -> None:
    if isinstance(source, FileSource):
        arrived(source, context.tell)
        return
    with open_snapshot(context.url(source), source):
        pass


def _run(context: JobContext, task: Task, sources: Sequence[AnySource]) -> None:
    from jobs.cli import app

    began = time.monotonic()
    for argv in task.calls([source.settings.name for source in sources]):
        app(argv, standalone_mode=False)
    context.tell(f"{task.key} done in {time.monotonic() - began:.1f} s")
