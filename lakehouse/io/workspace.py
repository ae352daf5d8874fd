"""The one factory of Databricks workspace clients, and what their errors mean to a user."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lakehouse.errors import ConfigurationError, WorkspaceError, WorkspaceNotFoundError, WorkspaceUnavailableError

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
    from databricks.sdk import errors
    from databricks.sdk.errors.base import DatabricksError
    from requests import JSONDecodeError, RequestException

    try:
        yield
    except errors.Unauthenticated as error:
        raise WorkspaceError(
            f"{what}: the workspace does not accept the credentials: renew DATABRICKS_TOKEN or the login"
        ) from error
    except errors.PermissionDenied as error:
        raise WorkspaceError(
            f"{what}: not permitted: {_first(error)}; ask for the grant, see docs/DEPLOYMENT.md"
        ) from error
    except errors.NotFound as error:
        raise WorkspaceNotFoundError(
            f"{what}: {_first(error)}; is the target deployed? see `observatory deploy`"
        ) from error
    except errors.ResourceConflict as error:
        raise WorkspaceUnavailableError(f"{what}: somebody else changes it: {_first(error)}; try again") from error
    except (JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise WorkspaceError(
            f"{what}: the answer is none of a Databricks workspace: check DATABRICKS_HOST and any proxy before it"
        ) from error
    except (TimeoutError, RequestException) as error:
        raise WorkspaceUnavailableError(
            f"{what}: no answer within {PATIENCE_S} s ({_first(error.__cause__ or error)}); try again, or check "
            "DATABRICKS_HOST and the network"
        ) from error
    except (errors.InternalError, errors.TemporarilyUnavailable, errors.TooManyRequests) as error:
        raise WorkspaceUnavailableError(f"{what}: the workspace fails: {_first(error)}; try again") from error
    except DatabricksError as error:
        raise WorkspaceError(f"{what}: refused: {_first(error)}") from error


def _first(error: BaseException) -> str:
    """First line of a message, without the settings of the client that the SDK adds."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].split(". Config: ")[0][:300]
