"""The whole stand-in, and one as a deployment leaves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from jobs.bundle.load import load
from jobs.bundle.resolve import resolve
from lakehouse.tables import all_tables
from tests.workspace.jobs_api import Jobs
from tests.workspace.server import TOKEN, Workspace
from tests.workspace.sql_api import Sql, duckdb_engine
from tests.workspace.things import COLLECTIONS, Collection, Files, Secrets, add_the_rest

GIVEN = {"alert_email": "us@example.com", "service_principal": "00000000-0000-0000-0000-000000000000"}


class StandIn(Workspace):
    """A workspace with every API that we and the vendor's tool use."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs, self.sql, self.secrets, self.files = Jobs(self), Sql(self), Secrets(self), Files(self)
        self.kinds = {path: Collection(self, path, key) for path, key in COLLECTIONS.items()}
        add_the_rest(self)

    @property
    def tables(self) -> Collection:
        """Tables of Unity Catalog."""
        return self.kinds["/api/2.1/unity-catalog/tables"]

    def deployed(self, root: Path, target: str) -> None:
        """Hold what a deployment of the bundle and its task provision leave: jobs, warehouse, tables, the report."""
        resources = resolve(load(root), target, GIVEN).resources
        for job in resources["jobs"].values():
            self.jobs.add(job)
        for warehouse in resources["sql_warehouses"].values():
            self.sql.add(warehouse["name"])
        catalog = f"llm_observatory_{target}"
        for table in all_tables():
            self.tables.add({"catalog_name": catalog, "schema_name": table.layer, "name": table.name})
        self.secrets.scopes[f"llm-observatory-{target}"] = {"litellm-url": "postgresql://u:p@db/litellm"}
        connection = duckdb.connect()
        connection.execute(f"ATTACH ':memory:' AS {catalog}; USE {catalog}; SET TimeZone = 'UTC'")
        self.database = connection
        self.sql.engine = duckdb_engine(connection)


def environment(url: str, token: str = TOKEN) -> dict[str, Any]:
    """Variables that lead a process, and whatever the SDK reads, to the stand-in and to nothing else."""
    return {"DATABRICKS_HOST": url, "DATABRICKS_TOKEN": token, "DATABRICKS_CONFIG_FILE": "/nonexistent",
            "DATABRICKS_AUTH_TYPE": "pat"}  # fmt: skip
