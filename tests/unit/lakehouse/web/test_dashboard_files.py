"""Our dashboard files are sound, and the linter finds what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakehouse.errors import DashboardError
from lakehouse.web.dashboards.lint import lint
from lakehouse.web.dashboards.model import load, parse
from lakehouse.web.pages import PATHS, canvas, dashboards
from tests.support.repository import ROOT

FILES = sorted((ROOT / "infra/dashboards").glob("*.lvdash.json"))
OVERVIEW = (ROOT / "infra/dashboards/overview.lvdash.json").read_text(encoding="utf-8")


def changed(change: Callable[[Any], object]) -> list[str]:
    """What the linter says of the overview after a change."""
    tree = json.loads(OVERVIEW)
    change(tree)
    return lint(parse(json.dumps(tree), "overview"))


def widget(tree: Any, number: int, page: int = 0) -> Any:
    """A widget of a page."""
    return tree["pages"][page]["layout"][number]["widget"]


def field(tree: Any) -> Any:
    """What the second counter asks for."""
    return widget(tree, 1)["queries"][0]["query"]["fields"][0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_our_files_are_sound(file: Path) -> None:
    """And every page of the product has one."""
    assert lint(load(file)) == []
    assert {path.name.removesuffix(".lvdash.json") for path in FILES} == set(PATHS.values())


def test_every_page_has_metrics_trends_comparisons_and_rows() -> None:
    """Counters, charts and tables, and a filter for each dimension that its datasets have."""
    for dashboard in dashboards().values():
        page = canvas(dashboard)
        kinds = {one.kind for one in page.widgets}
        assert {"counter", "bar", "table"} <= kinds
        assert len(dashboard.filters_of(page)) >= 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tree: widget(tree, 0)["queries"][0]["query"].update(datasetName="gone"), "no dataset 'gone'"),
        (lambda tree: widget(tree, 0)["spec"]["encodings"]["value"].update(fieldName="x"), "'x' is shown but not"),
        (lambda tree: widget(tree, 0)["spec"].update(version=9), "version 9 of counter"),
        (lambda tree: widget(tree, 0)["spec"].update(widgetType="sankey"), "'sankey' is not drawn"),
        (lambda tree: widget(tree, 0)["spec"].update(frame={}), "has no title"),
        (lambda tree: field(tree).update(expression="MEASURE(`no`)"), "no measure"),
        (lambda tree: field(tree).update(expression="SUM(("), "no expression"),
        (lambda tree: tree["pages"][0]["layout"][0]["position"].update(x=11), "outside the grid"),
        (lambda tree: tree["pages"][0]["layout"][0]["position"].update(x=2), "overlap"),
        (lambda tree: widget(tree, 0).update(name="p50"), "two widgets are named p50"),
        (lambda tree: tree["datasets"][0].update(queryLines=["SELECT 1 FROM gold.usage"]), "names a schema"),
        (lambda tree: tree["datasets"][0].update(queryLines=["SELECT FROM ("]), "dataset models"),
        (lambda tree: tree["datasets"].append({"name": "idle", "query": "SELECT 1"}), "no widget uses it"),
        (lambda tree: widget(tree, 0, 1)["spec"]["encodings"]["fields"][0].update(queryName="q"), "no query q"),
    ],
)  # fmt: skip
def test_linter_finds(change: Callable[[Any], object], said: str) -> None:
    """One mistake each, put into a sound file."""
    assert any(said in problem for problem in changed(change))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"datasets": 1, "pages": []}', '{"datasets": [{}], "pages": []}']
)
def test_what_is_no_dashboard_is_refused(text: str) -> None:
    """With the file's name."""
    with pytest.raises(DashboardError, match="dashboard some"):
        parse(text, "some")


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """Nor text."""
    (tmp_path / "x").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "gone", tmp_path / "x", tmp_path):
        with pytest.raises(DashboardError, match="cannot read"):
            load(path)
