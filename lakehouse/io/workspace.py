"""The one factory of Databricks workspace clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient


def workspace_client() -> WorkspaceClient:
    """Make a client from the environment or profile, as the vendor's tools do.

    Raises:
        ConfigurationError: No workspace is configured.
    """
    from databricks.sdk import WorkspaceClient

    from lakehouse.errors import ConfigurationError

    try:
        return WorkspaceClient()
    except ValueError as error:
        raise ConfigurationError(
            "no Databricks workspace is configured: set DATABRICKS_HOST and its credentials"
        ) from error
