"""The product's pages: which dashboard file stands under which path, drawn as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from lakehouse.backend import CachedBackend
from lakehouse.errors import DashboardError
from lakehouse.web.assets import asset, digest, templates
from lakehouse.web.dashboards.address import Link, chips, presets, read_choice
from lakehouse.web.dashboards.answer import Drawn, draw_page, field_of
from lakehouse.web.dashboards.colours import Colours
from lakehouse.web.dashboards.model import Dashboard, Page, parse

PATHS = {"/": "overview", "/performance": "performance", "/cost": "cost", "/errors": "errors", "/quality": "quality"}
MODELS = """
  SELECT model_key FROM model_summary WHERE model_key <> '(none)'
  GROUP BY model_key ORDER BY SUM(request_count) DESC, model_key
"""


def dashboards() -> dict[str, Dashboard]:
    """The product's own dashboards by name, from the wheel or the checkout."""
    return {name: parse(_file(name).read_text(encoding="utf-8"), name) for name in PATHS.values()}


def _file(name: str) -> Traversable:
    packed = files("lakehouse.web") / "files" / f"{name}.lvdash.json"
    beside = Path(__file__).parents[2] / "infra" / "dashboards" / f"{name}.lvdash.json"
    return packed if packed.is_file() else beside


@dataclass(frozen=True)
class Site:
    """Draws pages over one backend."""

    backend: CachedBackend
    shown: dict[str, Dashboard] = field(default_factory=dashboards)

    @cached_property
    def build(self) -> str:
        """Changes with style and scripts, so that browsers may keep them for ever."""
        return digest(asset("dashboard.css") + asset("dashboard.js") + asset("theme.js"))[-13:-1].replace("+", "-")

    @property
    def colours(self) -> Colours:
        """Models take colours in the order of their requests, whatever page and filter."""
        return Colours({"model_key": [row["model_key"] for row in self.backend.rows(MODELS, {})]})

    def page(self, path: str, query: Iterable[tuple[str, str]], user: str = "") -> str:
        """Draw one page, for a user whom the platform has signed in.

        Raises:
            ChoiceError: The query of the address is none; see `read_choice`.
            ObservatoryError: See `Backend.rows`.
        """
        dashboard = self.shown[PATHS[path]]
        page = canvas(dashboard)
        choice = read_choice(query, [field_of(one) for one in dashboard.filters_of(page)])
        drawn = draw_page(self.backend, dashboard, page, choice, self.colours)
        return (
            templates()
            .get_template("dashboard.html.j2")
            .render(
                drawn=drawn,
                links=[Link(canvas(self.shown[name]).title, one, one == path) for one, name in PATHS.items()],
                chips=[] if choice.is_empty else chips(path, choice),
                presets=presets(path, drawn.filters, choice),
                plain=path,
                build=self.build,
                note=_freshness(drawn),
                user=user,
            )
        )


def canvas(dashboard: Dashboard) -> Page:
    """The first page that shows something.

    Raises:
        DashboardError: There is none.
    """
    found = next((page for page in dashboard.pages if not page.has_global_filters), None)
    if found is None:
        raise DashboardError(f"dashboard {dashboard.name} has no page that shows something")
    return found


def _freshness(drawn: Drawn) -> str:
    last = next((one.last for one in drawn.filters if one.is_days and one.last), "")
    return f"Data up to {last}." if last else "No data yet."
