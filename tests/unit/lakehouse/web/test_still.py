"""A dashboard file as one HTML file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lakehouse.errors import ConfigurationError
from lakehouse.web.assets import digest
from lakehouse.web.dashboards.model import parse
from lakehouse.web.still import draw_file
from tests.support.backend import HOSTILE, ShapedBackend
from tests.support.repository import ROOT


class Picky(ShapedBackend):
    """A backend that knows no table of errors."""

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """As a lakehouse that lacks a view."""
        if "errors_daily" in sql:
            raise ConfigurationError("query: [TABLE_OR_VIEW_NOT_FOUND] errors_daily")
        return super().rows(sql, values)


def test_what_cannot_be_drawn_is_named_and_the_rest_is_drawn() -> None:
    """A kind of widget that is not known, and those that ask for what is not there; each box says why."""
    tree = json.loads((ROOT / "infra/dashboards/errors.lvdash.json").read_text(encoding="utf-8"))
    tree["pages"][0]["layout"][0]["widget"]["spec"]["widgetType"] = "sankey"
    text, missing = draw_file(Picky(), parse(json.dumps(tree), "mine"))
    assert missing["failed"] == "widget type 'sankey'"
    assert "TABLE_OR_VIEW_NOT_FOUND" in missing["classes"]
    assert set(missing) == {"failed", "lost", "errors_daily", "classes", "origins", "class_table"}
    assert "Widgets of type “sankey” are not drawn here." in text
    assert text.count("TABLE_OR_VIEW_NOT_FOUND") == 5
    assert 'id="errors-ratio_daily"' in text


def test_file_loads_nothing_and_runs_only_its_own_scripts() -> None:
    """Its policy names them by what is in them; names from outside are text."""
    text, missing = draw_file(ShapedBackend(), parse((ROOT / "infra/dashboards/cost.lvdash.json").read_text(), "cost"))
    assert missing == {}
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert scripts
    assert all(digest(script) in policy[1] for script in scripts)
    rest = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', rest) == []
    assert HOSTILE not in text
