"""Commands that judge data: gates and rules."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from jobs.cli.options import Config, Home, app
from jobs.console import tell


@app.command()
def validate(
    layer: Annotated[Literal["bronze", "silver", "gold"] | None, typer.Option(help="Gate to run")] = None,
    lint: Annotated[
        bool, typer.Option("--lint", help="Only check that every rule loads and names what exists")
    ] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Judge a layer by its rules; exits 4 when a critical one fails."""
    if layer is None and not lint:
        raise typer.BadParameter("give --layer or --lint")
    if lint:
        from quality.lint import lint_suites

        typer.echo(lint_suites())
    if layer:
        from jobs.context import job_context
        from jobs.validate import validate as task

        with job_context(config, home, tell) as context:
            task(context, layer)
