"""Lineage of views: through views, tables and what one gate publishes together."""

from __future__ import annotations

from lakehouse.sql.loader import View, load_views
from quality.lineage import lineage
from quality.loader import load_suites


def view(name: str, sql: str) -> View:
    """A view that reads."""
    return View(name, "cost", f"CREATE OR REPLACE VIEW analytics.{name} AS {sql}")


BRONZE = ["bronze.batch", "bronze.source"]
SILVER = "silver.llm_interactions"


def test_figures_rest_on_every_gate_up_to_the_source() -> None:
    """By hand: gold's table, silver's, bronze's; the price list has no rules, a view of a view inherits."""
    views = [
        view("spend", "SELECT 1 FROM gold.usage_hourly"),
        view("top", "SELECT 1 FROM analytics.spend JOIN gold.error_hourly"),
        view("prices", "SELECT 1 FROM gold.dim_model_price"),
        view("held", "SELECT 1 FROM silver.quarantine"),
        view("read", "SELECT 1 FROM ops.batch -- not FROM_gold"),
        view("scores", "SELECT 1 FROM ops.quality_score"),
    ]
    found = lineage({one.name: one.reads for one in views})
    of = {v.name: [table for name, table in found if name == v.name] for v in views}
    assert of == {
        "spend": [*BRONZE, "gold.usage_hourly", SILVER],
        "top": [*BRONZE, "gold.error_hourly", "gold.usage_hourly", SILVER],
        "prices": [],
        "held": [*BRONZE, SILVER],
        "read": BRONZE,
        "scores": [],
    }


def test_every_committed_view_of_figures_has_gates() -> None:
    """And only tables with a suite are gates."""
    found = lineage({one.name: one.reads for one in load_views()})
    assert {table for _, table in found} <= {suite.table for suite in load_suites()}
    figures = {v.name for v in load_views() if v.subject in ("performance", "cost", "errors")}
    assert figures <= {name for name, _ in found}
