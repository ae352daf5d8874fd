"""The real bundle is clean for every target, and each kind of mistake in it is found."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.bundle.cron import check_cron
from jobs.bundle.lint import lint
from jobs.bundle.load import load
from jobs.bundle.resolve import resolve
from lakehouse.errors import ConfigurationError
from tests.support.repository import ROOT

TARGETS = ("dev", "staging", "prod")
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The bundle in a folder of its own."""
    for name in ("databricks.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "infra", tmp_path / "infra")
    return tmp_path


def edit(file: Path, change: Change) -> None:
    """Change a YAML file."""
    tree = yaml.safe_load(file.read_text())
    change(tree)
    file.write_text(yaml.safe_dump(tree))


def job(tree: dict[str, Any]) -> dict[str, Any]:
    """The pipeline."""
    return tree["resources"]["jobs"]["pipeline"]


def task(tree: dict[str, Any], key: str) -> dict[str, Any]:
    """One of its tasks."""
    return next(entry for entry in job(tree)["tasks"] if entry["task_key"] == key)


@pytest.mark.parametrize("target", TARGETS)
def test_the_bundle_is_clean(target: str) -> None:
    """For each target."""
    assert lint(ROOT, target) == []


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_left_to_resolve(target: str) -> None:
    """Whoever deploys gives the variables that have no value in the bundle; then no reference stands in a resource."""
    bundle = load(ROOT)
    missing = resolve(bundle, target).missing
    assert missing == (() if target == "dev" else ("alert_email", "service_principal"))
    resolved = resolve(bundle, target, dict.fromkeys(missing, "given"))
    assert resolved.missing == ()
    assert "${" not in str(resolved.resources)


def test_dev_is_paused_and_the_others_run_as_a_service_principal() -> None:
    """Of every job and alert."""
    for target, paused in (("dev", "PAUSED"), ("staging", "UNPAUSED"), ("prod", "UNPAUSED")):
        resolved = resolve(load(ROOT), target, {"service_principal": "app-id", "alert_email": "us@example.com"})
        entries = [*resolved.resources["jobs"].values(), *resolved.resources.get("alerts", {}).values()]
        assert {entry["schedule"]["pause_status"] for entry in entries if "schedule" in entry} == {paused}
        who = {key for entry in resolved.resources["jobs"].values() for key in entry["run_as"]}
        assert who == ({"user_name"} if target == "dev" else {"service_principal_name"})


MISTAKES: dict[str, tuple[Change, str]] = {
    "unknown key": (lambda t: job(t).update(max_runs=2), "jobs.pipeline.max_runs: unknown key"),
    "unknown key within": (
        lambda t: task(t, "refine").update(retries=1),
        r"jobs.pipeline.tasks\[3\].retries: unknown key",
    ),
    "bad enum": (lambda t: job(t)["schedule"].update(pause_status="ON"), "'ON' is none of PAUSED, UNPAUSED"),
    "wrong type": (lambda t: job(t).update(max_concurrent_runs="one"), "'one' is no int"),
    "lacks a key": (lambda t: job(t).pop("name"), "jobs.pipeline: lacks 'name'"),
    "bad run_if": (lambda t: task(t, "refine").update(run_if="SOMETIMES"), "'SOMETIMES' is none of"),
    "unknown kind": (lambda t: t["resources"].update(tables={"x": {}}), "unknown kind of resource 'tables'"),
    "unknown dependency": (
        lambda t: task(t, "refine").update(depends_on=[{"task_key": "lost"}]),
        "depends on 'lost', which is no task",
    ),
    "circle": (
        lambda t: task(t, "provision").update(depends_on=[{"task_key": "publish"}]),
        "in a circle: .*provision",
    ),
    "duplicate task": (lambda t: job(t)["tasks"].append(task(t, "refine")), "two tasks have the key 'refine'"),
    "unknown environment": (
        lambda t: task(t, "refine").update(environment_key="other"),
        "environment_key 'other' is none of the job's environments",
    ),
    "unknown cluster": (
        lambda t: task(t, "ingest")["for_each_task"]["task"].update(job_cluster_key="other"),
        "job_cluster_key 'other' is none of the job's job_clusters",
    ),
    "no compute": (lambda t: task(t, "refine").pop("environment_key"), "needs either environment_key or"),
    "no wheel": (lambda t: task(t, "ingest")["for_each_task"]["task"].pop("libraries"), "a cluster without the wheel"),
    "retried gate": (lambda t: task(t, "refine").update(max_retries=1), "max_retries on refine: only ingest"),
    "repeated by itself": (
        lambda t: task(t, "refine").pop("disable_auto_optimization"),
        "serverless repeats what failed",
    ),
    "bad cron": (lambda t: job(t)["schedule"].update(quartz_cron_expression="7 * * * *"), "has 5 fields"),
    "bad zone": (lambda t: job(t)["schedule"].update(timezone_id="Mars/Base"), "no time zone 'Mars/Base'"),
    "no entry point": (
        lambda t: task(t, "refine")["python_wheel_task"].update(entry_point="observe"),
        "no entry point 'observe' of package 'llm_performance_observatory'",
    ),
    "no such command": (
        lambda t: task(t, "refine")["python_wheel_task"].update(parameters=["polish"]),
        "refuses 'polish': No such command",
    ),
    "no such option": (
        lambda t: task(t, "refine")["python_wheel_task"]["parameters"].append("--twice"),
        "No such option",
    ),
    "no such parameter": (
        lambda t: task(t, "refine")["python_wheel_task"]["parameters"].append("{{job.parameters.day}}"),
        "is no parameter of the job",
    ),
    "inputs no list": (lambda t: task(t, "ingest")["for_each_task"].update(inputs="litellm"), "is no JSON list"),
    "missing file": (
        lambda t: task(t, "ingest")["for_each_task"]["task"].update(libraries=[{"whl": "../lost.whl"}]),
        r"no file \.\./lost.whl",
    ),
    "other version": (
        lambda t: job(t)["environments"][0]["spec"]["dependencies"].append("great-expectations==1.0"),
        "great-expectations==1.0 is in no extra",
    ),
    "unknown variable": (lambda t: job(t).update(description="${var.lost}"), r"\$\{var.lost\} refers to nothing"),
    "unknown resource": (
        lambda t: job(t).update(description="${resources.jobs.lost.id}"),
        r"\$\{resources.jobs.lost.id\} refers to nothing",
    ),
    "unknown attribute": (
        lambda t: job(t).update(description="${resources.jobs.pipeline.colour}"),
        "colour} refers to nothing",
    ),
    "bad permission": (
        lambda t: job(t).update(permissions=[{"level": "CAN_DO", "group_name": "x"}]),
        "'CAN_DO' is none of",
    ),
    "lost settings": (
        lambda t: task(t, "refine")["python_wheel_task"].update(parameters=["refine", "--config", "lost.toml"]),
        "no settings file at .*lost.toml",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_in_a_job_is_found(name: str, copy: Path) -> None:
    """And nothing else is."""
    change, message = MISTAKES[name]
    edit(copy / "infra/resources/pipeline.job.yml", change)
    found = lint(copy, "staging")
    with pytest.raises(AssertionError, match=message):
        assert not found, "\n".join(map(str, found))
    assert len(found) == 1 or name in {
        "circle",
        "unknown kind",
        "lost settings",
        "unknown cluster",
        "inputs no list",
    }, found


OTHERS: dict[str, tuple[str, Change, str]] = {
    "bad privilege": (
        "infra/resources/gold.schema.yml",
        lambda t: t["resources"]["schemas"]["gold"]["grants"][0].update(privileges=["READ"]),
        "'READ' is none of",
    ),
    "what only a workspace knows": (
        "infra/resources/observatory.warehouse.yml",
        lambda t: t["resources"]["sql_warehouses"]["observatory"].update(state="RUNNING"),
        "sql_warehouses.observatory.state: unknown key",
    ),
    "undeclared variable": (
        "databricks.yml",
        lambda t: t["targets"]["staging"].update(variables={"lost": "x"}),
        "variable lost is not declared",
    ),
    "unused variable": (
        "databricks.yml",
        lambda t: t["variables"].update(spare={"default": "x"}),
        "spare is used nowhere",
    ),
    "circle of variables": (
        "databricks.yml",
        lambda t: t["variables"]["catalog"].update(default="${var.catalog}"),
        "refers to itself through var.catalog",
    ),
    "other catalog than the settings": (
        "databricks.yml",
        lambda t: t["variables"]["catalog"].update(default="elsewhere"),
        "its catalog is llm_observatory_staging, that of the bundle elsewhere",
    ),
    "other sources than the settings": (
        "databricks.yml",
        lambda t: t["variables"]["sources"].update(default='["other"]'),
        "its sources are litellm, those of the bundle others",
    ),
    "unknown top key": ("databricks.yml", lambda t: t.update(resource={}), "unknown key 'resource'"),
    "unknown mode": ("databricks.yml", lambda t: t["targets"]["staging"].update(mode="prod"), "mode 'prod' is none"),
    "include without files": ("databricks.yml", lambda t: t["include"].append("lost/*.yml"), "finds no file"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_mistake_elsewhere_is_found(name: str, copy: Path) -> None:
    """In variables, targets, grants and settings."""
    file, change, message = OTHERS[name]
    edit(copy / file, change)
    with pytest.raises(AssertionError, match=message):
        assert not (found := lint(copy, "staging")), "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("resources:\n  jobs: {}\n  jobs: {}\n", "key 'jobs' stands twice"),
        ("resources: [\n", "not valid YAML"),
        ("- a\n", "holds no mapping"),
        ("resources: {schemas: {gold: {name: g, catalog_name: c}}}\n", "schemas.gold stands in gold.schema.yml too"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(text: str, message: str, copy: Path) -> None:
    """With what is wrong in it."""
    (copy / "infra/resources/zz.yml").write_text(text)
    assert any(message in str(problem) and problem.where.endswith("zz.yml") for problem in lint(copy, "dev"))


def test_unknown_target_and_no_bundle(tmp_path: Path) -> None:
    """Each in one line that says what there is."""
    with pytest.raises(ConfigurationError, match=r"no target 'live' in databricks.yml; there are dev, staging, prod"):
        lint(ROOT, "live")
    with pytest.raises(ConfigurationError, match=r"no databricks.yml in .*: run this in a checkout"):
        lint(tmp_path, "dev")


@pytest.mark.parametrize(
    "expression",
    ["0 0 12 * * ?", "0 15 10 ? * MON-FRI", "0 0/5 14,18 * * ?", "0 15 10 L * ?", "0 15 10 ? * 6L 2026-2028",
     "0 15 10 ? * 6#3", "0 0 12 1/5 * ?", "0 11 11 11 11 ?", "0 0 0 15W * ?", "*/10 * * ? JAN-MAR 2"],
)  # fmt: skip
def test_examples_of_quartz_are_taken(expression: str) -> None:
    """Those of its own tutorial among them."""
    assert list(check_cron(expression, "Europe/Berlin", "x")) == []


@pytest.mark.parametrize(
    "expression",
    ["0 0 12 * * *", "0 0 12 ? * ?", "60 0 12 * * ?", "0 0 24 * * ?", "0 0 12 32 * ?", "0 0 12 ? * 8", "0 0 12 * 13 ?",
     "0 0 12 * * ? 1900", "0 0/0 12 * * ?", "a 0 12 * * ?", "0 0 12 ? FOO MON", "*-3 0 12 * * ?", "@daily"],
)  # fmt: skip
def test_what_quartz_refuses_is_refused(expression: str) -> None:
    """Ranges, names, and the two days of which one is left open."""
    assert list(check_cron(expression, "UTC", "x")) != []
