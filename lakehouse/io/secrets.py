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
    """
    if "://" in reference:
        raise ConfigurationError("url_env must name an environment variable or SCOPE/KEY, not hold the URL itself")
    if "/" in reference:
        return _from_scope(*reference.split("/", 1))
    if value := os.environ.get(reference):
        return SecretStr(value)
    raise ConfigurationError(f"environment variable {reference} is not set: set it to the source's database URL")


def _from_scope(scope: str, key: str) -> SecretStr:
    from databricks.sdk.errors.base import DatabricksError

    from lakehouse.io.workspace import workspace_client

    try:
        value = workspace_client().secrets.get_secret(scope, key).value
    except DatabricksError as error:
        raise ConfigurationError(f"secret {scope}/{key} cannot be read: {type(error).__name__}") from error
    return SecretStr(base64.b64decode(value or "").decode())
