"""Dashboards as one HTML file that needs no server."""

from __future__ import annotations

from lakehouse.backend import Backend
from lakehouse.web.assets import ECHARTS, asset, digest, templates
from lakehouse.web.dashboards.answer import draw_page
from lakehouse.web.dashboards.colours import Colours
from lakehouse.web.dashboards.model import Dashboard
from lakehouse.web.dashboards.statement import Choice, Statement

SCRIPTS = (ECHARTS, "dashboard.js")


def draw_file(backend: Backend, dashboard: Dashboard) -> tuple[str, dict[str, str]]:
    """Draw every page of a dashboard, unfiltered; its policy runs no script but those in it.

    Returns:
        The file, and the widgets that are not drawn, each with the reason.

    Raises:
        TransientError: See `Backend.rows`.
    """
    pages = [page for page in dashboard.pages if not page.has_global_filters]
    troubles: dict[Statement, str] = {}
    drawn = [draw_page(backend, dashboard, page, Choice(), Colours(), troubles) for page in pages]
    missing = {one.name: f"widget type {one.kind!r}" for one in dashboard.not_drawn}
    reasons = set(troubles.values())
    missing |= {box.widget.name: box.empty for page in drawn for box in page.boxes if box.empty in reasons}
    scripts = [asset(name) for name in SCRIPTS]
    template = templates().get_template("still.html.j2")
    text = template.render(
        title=dashboard.name,
        pages=drawn,
        missing=missing,
        style=asset("dashboard.css"),
        scripts=scripts,
        hashes=" ".join(f"'{digest(script)}'" for script in scripts),
    )
    return text, missing
