"""Secrets from the environment or a Databricks secret scope, and from nowhere else."""

from __future__ import annotations

import base64
import os

from pydantic import SecretStr

from lakehouse.errors import ConfigurationError


def read_secret(reference: str) -> SecretStr:
    """Read a secret.

    Args:
        reference: Name of an environment variable, or ``SCOPE/KEY`` of a Databricks secret scope.

    Raises:
        ConfigurationError: It is not set, or the reference is a literal URL rather than a name.
        WorkspaceError: The scope or key is not there, or may not be read.
        WorkspaceUnavailableError: The workspace does not answer.
    """
    if "://" in reference:
        raise ConfigurationError("url_env must name an environment variable or SCOPE/KEY, not hold the URL itself")
    if "/" in reference:
        return _from_scope(*reference.split("/", 1))
    if value := os.environ.get(reference):
        return SecretStr(value)
    raise ConfigurationError(f"environment variable {reference} is not set: set it to the source's database URL")


def _from_scope(scope: str, key: str) -> SecretStr:
    from lakehouse.io.workspace import asking, workspace_client

    client = workspace_client()
    with asking(f"secret {scope}/{key}"):
        value = client.secrets.get_secret(scope, key).value
    return SecretStr(base64.b64decode(value or "").decode())
