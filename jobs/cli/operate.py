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
    azure: Annotated[bool, typer.Option("--azure", help="Storage, access connector and vault instead, by az")] = False,
    what_if: Annotated[bool, typer.Option("--what-if", help="With --azure: only show what would change")] = False,
) -> None:
    """Check the bundle in the current folder, then deploy it with the vendor's command line."""
    if what_if and not azure:
        raise typer.BadParameter("--what-if goes with --azure; for the bundle there is --check")
    if azure:
        from jobs.azure import deploy_azure

        deploy_azure(Path.cwd(), target, what_if, tell)
        return
    from jobs.deploy import deploy as task

    task(Path.cwd(), target, check, tell)
