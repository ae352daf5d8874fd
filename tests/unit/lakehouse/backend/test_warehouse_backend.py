"""The pages' statements over HTTP to a stand-in of a workspace, and the app as the platform starts it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml

from lakehouse.backend.warehouse import WarehouseBackend
from lakehouse.errors import ConfigurationError, WorkspaceError
from lakehouse.io.warehouse import Warehouse
from lakehouse.io.workspace import workspace_client
from lakehouse.web import app
from tests.support.repository import ROOT
from tests.workspace.server import Request, serve
from tests.workspace.whole import StandIn, environment

STATEMENTS = "/api/2.0/sql/statements"
COLUMNS = [("model_key", "STRING"), ("n", "BIGINT"), ("cost_usd", "DECIMAL(38,12)"), ("day", "DATE"), ("ok", "BOOLEAN")]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A workspace with one warehouse, whose engine knows one row."""
    workspace = StandIn()
    workspace.sql.add("llm-observatory-dev")
    workspace.sql.engine = lambda statement: (COLUMNS, [["m", "3", "0.500000000000", "2026-01-05", "true"]])
    with serve(workspace) as url:
        for name, value in environment(url).items():
            monkeypatch.setenv(name, value)
        yield workspace


def backend(workspace: StandIn) -> WarehouseBackend:
    """A backend over the stand-in's warehouse."""
    return WarehouseBackend(Warehouse(workspace_client(), next(iter(workspace.sql.warehouses)), "w", "llm_dev"))


def test_values_travel_typed_beside_the_statement(stand_in: StandIn) -> None:
    """Never in it; rows come back with Python's types."""
    sent: list[dict[str, Any]] = []
    execute = stand_in.sql._execute

    def record(request: Request) -> dict[str, Any]:
        sent.append(request.body)
        return execute(request)

    stand_in.route("POST", STATEMENTS, record)
    values = {"name": "'; DROP TABLE x", "day": date(2026, 1, 5), "n": 3, "share": 0.5, "none": None}
    rows = backend(stand_in).rows("SELECT :name", values)
    assert rows == [{"model_key": "m", "n": 3, "cost_usd": Decimal("0.5"), "day": date(2026, 1, 5), "ok": True}]
    assert (sent[0]["catalog"], sent[0]["schema"], sent[0]["statement"]) == ("llm_dev", "analytics", "SELECT :name")
    assert {one["name"]: (one.get("type"), one.get("value")) for one in sent[0]["parameters"]} == {
        "name": ("STRING", "'; DROP TABLE x"), "day": ("DATE", "2026-01-05"), "n": ("BIGINT", "3"),
        "share": ("DOUBLE", "0.5"), "none": ("STRING", None),
    }  # fmt: skip


def test_missing_grant_is_told(stand_in: StandIn) -> None:
    """With what to do about it."""
    stand_in.fail(STATEMENTS, 403, "PERMISSION_DENIED", "no CAN_USE")
    with pytest.raises(WorkspaceError, match="ask for the grant"):
        backend(stand_in).rows("SELECT 1", {})


def test_app_needs_what_the_platform_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started elsewhere, it says what is missing."""
    for name in app.NEEDED:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="DATABRICKS_APP_PORT, DATABRICKS_WAREHOUSE_ID"):
        app.main()


def test_app_files_agree() -> None:
    """The resource and app.yaml start the same module with the same variables; the requirement is the wheel's name."""
    written = yaml.safe_load((ROOT / "infra/app/app.yaml").read_text())
    resource = yaml.safe_load((ROOT / "infra/resources/observatory.app.yml").read_text())["resources"]["apps"]
    config = resource["observatory"]["config"]
    assert written["command"] == config["command"] == ["python", "-m", app.__name__]
    assert [one["name"] for one in written["env"]] == [one["name"] for one in config["env"]]
    assert {one["name"] for one in config["env"]} | {"DATABRICKS_APP_PORT"} == set(app.NEEDED)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wheel = f"./{project['name'].replace('-', '_')}-{project['version']}-py3-none-any.whl[app]"
    assert (ROOT / "infra/app/requirements.txt").read_text().splitlines()[-1] == wheel
