"""The one factory of Databricks workspace clients, and what their errors mean to a user."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lakehouse.errors import (
    ConfigurationError,
    ObservatoryError,
    WorkspaceError,
    WorkspaceNotFoundError,
    WorkspaceUnavailableError,
)

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

ANSWER_S = 30  # how long one request may take
PATIENCE_S = 60  # how long one is repeated while the workspace cannot be reached or asks for less


def workspace_client() -> WorkspaceClient:
    """Make a client from the environment or profile, as the vendor's tools do.

    Raises:
        ConfigurationError: No workspace is configured.
    """
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.core import Config

    logging.getLogger("databricks.sdk").setLevel(logging.ERROR)  # it warns of hosts that publish no metadata
    try:
        return WorkspaceClient(config=Config(http_timeout_seconds=ANSWER_S, retry_timeout_seconds=PATIENCE_S))
    except ValueError as error:
        raise ConfigurationError(
            "no Databricks workspace is configured: set DATABRICKS_HOST and its credentials"
        ) from error


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turn errors of the SDK into ours; the block holds one call of it.

    Args:
        what: What is asked for; begins the message.

    Raises:
        WorkspaceNotFoundError: It is not there.
        WorkspaceError: The credentials or grants do not suffice, or the request is refused.
        WorkspaceUnavailableError: The workspace cannot be reached in time, is overloaded or fails itself.
    """
    try:
        yield
    except Exception as error:
        found = _translated(error)
        if found is None:
            raise
        kind, text = found
        raise kind(f"{what}: {text}") from error


def _translated(error: Exception) -> tuple[type[ObservatoryError], str] | None:
    from databricks.sdk import errors
    from databricks.sdk.errors.base import DatabricksError
    from requests import JSONDecodeError, RequestException

    text = _first(error)
    match error:
        case errors.Unauthenticated():
            return WorkspaceError, "the workspace does not accept the credentials: renew DATABRICKS_TOKEN or the login"
        case errors.PermissionDenied():
            return WorkspaceError, f"not permitted: {text}; ask for the grant, see docs/DEPLOYMENT.md"
        case errors.NotFound():
            return WorkspaceNotFoundError, f"{text}; is the target deployed? see `observatory deploy`"
        case errors.ResourceConflict():
            return WorkspaceUnavailableError, f"somebody else changes it: {text}; try again"
        case JSONDecodeError() | KeyError() | TypeError() | AttributeError():
            return WorkspaceError, "no answer of a Databricks workspace: check DATABRICKS_HOST and any proxy before it"
        case TimeoutError() | RequestException():
            why = _first(error.__cause__ or error)
            hint = "try again, or check DATABRICKS_HOST and the network"
            return WorkspaceUnavailableError, f"no answer within {PATIENCE_S} s ({why}); {hint}"
        case errors.InternalError() | errors.TemporarilyUnavailable() | errors.TooManyRequests():
            return WorkspaceUnavailableError, f"the workspace fails: {text}; try again"
        case DatabricksError():
            return WorkspaceError, f"refused: {text}"
    return None


def _first(error: BaseException) -> str:
    """First line of a message, without the settings of the client that the SDK adds."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].split(". Config: ")[0][:300]
