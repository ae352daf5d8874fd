"""Dashboards as one HTML file that needs no server."""

from __future__ import annotations

from lakehouse.backend import Backend
from lakehouse.web.assets import ECHARTS, asset, digest, templates
from lakehouse.web.dashboards.answer import draw_page
from lakehouse.web.dashboards.colours import Colours
from lakehouse.web.dashboards.model import Dashboard
from lakehouse.web.dashboards.statement import Choice

SCRIPTS = (ECHARTS, "dashboard.js")


def draw_file(backend: Backend, dashboard: Dashboard) -> str:
    """Draw every page of a dashboard, unfiltered; its policy runs no script but those in it.

    Raises:
        ObservatoryError: See `Backend.rows`.
    """
    pages = [page for page in dashboard.pages if not page.has_global_filters]
    drawn = [draw_page(backend, dashboard, page, Choice(), Colours()) for page in pages]
    scripts = [asset(name) for name in SCRIPTS]
    return (
        templates()
        .get_template("still.html.j2")
        .render(
            title=dashboard.name,
            pages=drawn,
            missing=dashboard.not_drawn,
            style=asset("dashboard.css"),
            scripts=scripts,
            hashes=" ".join(f"'{digest(script)}'" for script in scripts),
        )
    )
