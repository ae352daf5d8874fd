"""Commands that put the pipeline somewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import app
from jobs.console import tell


@app.command()
def deploy(
    target: Annotated[str, typer.Option(help="Target of databricks.yml: dev, staging or prod")],
    check: Annotated[bool, typer.Option("--check", help="Only judge the bundle; needs no workspace")] = False,
) -> None:
    """Check the bundle in the current folder, then deploy it with the vendor's command line."""
    from jobs.deploy import deploy as task

    task(Path.cwd(), target, check, tell)
