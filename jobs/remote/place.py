"""Where a deployment is: the workspace of the environment, and names as the bundle gives them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from databricks.sdk import WorkspaceClient

from lakehouse.config import Settings, load_settings
from lakehouse.errors import ConfigurationError, WorkspaceNotFoundError
from lakehouse.io.warehouse import Warehouse, find_warehouse
from lakehouse.io.workspace import asking, workspace_client


@dataclass(frozen=True)
class Place:
    """One deployment: the client of its workspace, and the settings of its target."""

    client: WorkspaceClient
    settings: Settings

    @property
    def name(self) -> str:
        """Name of the warehouse and of the secret scope."""
        return f"llm-observatory-{self.settings.target}"

    def job_name(self, key: str) -> str:
        """Name of a job, by its key in the bundle."""
        return f"llm-observatory-{key}-{self.settings.target}"

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse; errors as `find_warehouse`."""
        return find_warehouse(self.client, self.name, self.settings.catalog)

    def job_id(self, key: str) -> int:
        """Find a job by its key in the bundle.

        Raises:
            WorkspaceNotFoundError: There is none that the user may see, or two.
            WorkspaceUnavailableError: See `asking`.
        """
        name = self.job_name(key)
        with asking("jobs"):
            found = [job.job_id for job in self.client.jobs.list(name=name)]
        if len(found) != 1 or found[0] is None:
            raise WorkspaceNotFoundError(
                f"{len(found)} jobs are named {name}: deploy the target by `observatory deploy`, and only once"
            )
        return found[0]


def open_place(config: Path | None) -> Place:
    """Find the deployment that the settings name.

    Raises:
        ConfigurationError: The settings name no target, or no workspace is configured.
    """
    settings = load_settings(config)
    if settings.target is None:
        raise ConfigurationError(
            "--remote needs the settings of a target, such as --config infra/config/prod.toml: they name `target` and "
            "`catalog`"
        )
    return Place(workspace_client(), settings)
