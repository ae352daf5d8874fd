"""The Power BI template has the shape that Power BI reads, and no credentials."""

from __future__ import annotations

import json

from tests.support.repository import ROOT


def test_template_names_warehouse_catalog_and_schema() -> None:
    """One connection to a SQL warehouse; who connects signs in."""
    template = json.loads((ROOT / "infra/bi/observatory.pbids").read_text(encoding="utf-8"))
    (connection,) = template["connections"]
    assert template["version"] == "0.1"
    assert connection["details"]["protocol"] == "databricks-sql"
    assert connection["details"]["authentication"] is None
    assert connection["details"]["address"]["path"].startswith("/sql/1.0/warehouses/")
    assert connection["options"] == {"Catalog": "llm_observatory_prod", "Database": "analytics"}
    assert connection["mode"] in ("DirectQuery", "Import")
