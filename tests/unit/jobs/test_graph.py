"""The job file is the one graph, for Databricks and for the local runner."""

from __future__ import annotations

import pytest
import yaml
from typer.main import get_command

from jobs.cli import app
from jobs.graph import Task, job_file, read_tasks
from lakehouse.errors import ConfigurationError


def job(**after: list[str]) -> str:
    """A job file whose tasks come after others."""
    tasks = [
        {
            "task_key": key,
            "depends_on": [{"task_key": before} for before in befores],
            "python_wheel_task": {"parameters": [key, "--json"]},
        }
        for key, befores in after.items()
    ]
    return yaml.safe_dump({"resources": {"jobs": {"pipeline": {"tasks": tasks}}}})


def test_every_task_comes_after_those_it_depends_on() -> None:
    """However the file lists them; with its own argv."""
    tasks = read_tasks(job(last=["left", "right"], left=["first"], right=["first"], first=[]))
    keys = [task.key for task in tasks]
    assert keys[0] == "first"
    assert keys[-1] == "last"
    assert sorted(keys) == ["first", "last", "left", "right"]
    assert tasks[0].argv == ("first", "--json")


def test_circle_is_named() -> None:
    """By the tasks in it."""
    with pytest.raises(ConfigurationError, match=r"in a circle: \[.*'a'.*'b'.*\]|in a circle: \[.*'b'.*'a'.*\]"):
        read_tasks(job(a=["b"], b=["a"]))


def test_a_dependency_that_is_no_task_is_named() -> None:
    """It is not run, and not a bug of ours."""
    with pytest.raises(ConfigurationError, match="unknown tasks: lost"):
        read_tasks(job(a=["lost"]))


def test_every_task_of_the_pipeline_is_a_command() -> None:
    """Its argv parses, and the stages come in their order."""
    tasks = read_tasks(job_file().read_text(encoding="utf-8"))
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for task in tasks:
        for name, *arguments in task.calls(["one", "two"]):
            commands[name].make_context(name, list(arguments))
    keys = [task.key for task in tasks]
    layers = ["ingest", "gate_bronze", "refine", "gate_silver", "aggregate", "gate_gold"]
    stages = ["provision", *layers, "publish", "detect"]
    assert [key for key in keys if key in stages] == stages
    assert [task.key for task in tasks if task.always] == ["alert"]


def test_a_loop_over_sources_is_one_call_for_each() -> None:
    """Whatever its inputs are on Databricks: locally the settings say which sources there are."""
    task = Task("ingest", ("ingest", "--source", "{{input}}"), ())
    assert task.calls(["a", "b"]) == [["ingest", "--source", "a"], ["ingest", "--source", "b"]]
    assert Task("refine", ("refine",), ()).calls(["a", "b"]) == [["refine"]]
