"""Views at fixed versions: every table pinned, every view inlined, names as the view declares them."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from lakehouse.errors import ConfigurationError
from lakehouse.sql.figure import Figure, conditions, parse_figure
from lakehouse.sql.loader import View, load_views
from lakehouse.sql.pinned import body, columns, pinned, tables


@pytest.mark.parametrize("view", load_views(), ids=lambda view: view.name)
def test_every_view_can_be_pinned(view: View) -> None:
    """A parser of its own finds no table that is not pinned, and the columns that the view declares."""
    found = tables(view.name)
    assert found
    text = pinned(view.name, dict.fromkeys(found, 7))
    query = sqlglot.parse_one(text, read="databricks")
    read = [table for table in query.find_all(exp.Table) if table.db]
    assert {f"{table.db}.{table.name}" for table in read} == set(found)
    assert all(table.args.get("version") for table in read)
    assert tuple(query.named_selects) == columns(view)
    assert tuple(sqlglot.parse_one(body(view), read="databricks").named_selects) == columns(view)


def test_a_figure_is_read_with_its_conditions() -> None:
    """Conditions are text; null is none."""
    figure = parse_figure("sum(cost_daily.cost_usd)[model_key=it's, team_id=null]")
    assert figure == Figure("cost_daily", "cost_usd", (("model_key", "it's"), ("team_id", "null")), "sum")
    assert conditions(figure.where) == "CAST(model_key AS STRING) = 'it\\'s' AND team_id IS NULL"
    assert figure.query("SELECT 1").endswith("team_id IS NULL")
    assert parse_figure("cost_daily.cost_usd").query("x").endswith("WHERE true\nLIMIT 2")


@pytest.mark.parametrize("text", ["", "cost_usd", "avg(cost_daily.cost_usd)", "cost_daily.cost_usd[model_key"])
def test_other_texts_are_no_figures(text: str) -> None:
    """An average of sums is none either."""
    with pytest.raises(ConfigurationError):
        parse_figure(text)
