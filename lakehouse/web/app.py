"""The application as a Databricks App: `python -m lakehouse.web.app`."""

from __future__ import annotations

import os

from lakehouse.backend import CachedBackend
from lakehouse.backend.warehouse import WarehouseBackend
from lakehouse.errors import ConfigurationError
from lakehouse.io.warehouse import Warehouse
from lakehouse.io.workspace import workspace_client
from lakehouse.web.pages import Site
from lakehouse.web.server import create_app

NEEDED = ("DATABRICKS_APP_PORT", "DATABRICKS_WAREHOUSE_ID", "OBSERVATORY_CATALOG")


def main() -> None:
    """Serve the pages and the API over a warehouse, with the rights of the app's service principal.

    The platform admits only its own signed-in users and names them in headers.

    Raises:
        ConfigurationError: The platform's variables are not there.
    """
    import uvicorn

    if missing := [name for name in NEEDED if not os.environ.get(name)]:
        raise ConfigurationError(f"not set: {', '.join(missing)}; a Databricks App has them, see infra/app")
    port, warehouse_id, catalog = (os.environ[name] for name in NEEDED)
    warehouse = Warehouse(workspace_client(), warehouse_id, warehouse_id, catalog)
    app = create_app(Site(CachedBackend(WarehouseBackend(warehouse))), hosts=("*",), has_proxy=True)
    uvicorn.run(app, host="0.0.0.0", port=int(port), log_level="warning", server_header=False)  # noqa: S104  as asked


if __name__ == "__main__":
    main()
