"""`observatory deploy --azure`: what a target needs of Azure, by the vendor's tool, or as commands to run elsewhere."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from jobs.context import Tell
from lakehouse.errors import ConfigurationError

TEMPLATE = "infra/azure/lake.json"
GROUP, READER = "AZURE_RESOURCE_GROUP", "AZURE_SECRET_READER_OBJECT_ID"


def deploy_azure(root: Path, target: str, what_if: bool, tell: Tell) -> list[list[str]]:
    """Deploy the template of a target, or show what it would change.

    Args:
        root: Folder of databricks.yml.
        target: dev, staging or prod.
        what_if: Change nothing.
        tell: Takes the commands where `az` is not on PATH.

    Returns:
        The commands that were run, or are to be run where `az` is.

    Raises:
        ConfigurationError: A variable is not set, or `az` refuses.
    """
    missing = [name for name in (GROUP, READER) if not os.environ.get(name)]
    if missing:
        raise ConfigurationError(f"deploy --azure needs {' and '.join(missing)}; docs/DEPLOYMENT.md says what they are")
    commands = azure_commands(target, os.environ[GROUP], os.environ[READER], what_if)
    tool = shutil.which("az")
    if tool is None:
        for command in commands:
            tell(shlex.join(command))
        tell("`az` is not on PATH: run these lines where it is, in the checkout")
        return commands
    for command in commands:
        done = subprocess.run([tool, *command[1:]], cwd=root, check=False)  # noqa: S603  from PATH, our own words
        if done.returncode:
            raise ConfigurationError(f"`{shlex.join(command)}` ended with code {done.returncode}: it says why above")
    return commands


def azure_commands(target: str, group: str, reader: str, what_if: bool) -> list[list[str]]:
    """Lines that check the template and then deploy it, or show what would change."""
    common = ["--resource-group", group, "--template-file", TEMPLATE]
    common += ["--parameters", f"target={target}", f"secretReaderObjectId={reader}"]
    verb = ["what-if"] if what_if else ["create", "--name", f"llm-observatory-{target}"]
    return [["az", "deployment", "group", name, *rest, *common] for name, *rest in (["validate"], verb)]
