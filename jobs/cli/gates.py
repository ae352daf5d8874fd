"""Commands that judge data: gates and rules."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli.options import app


@app.command()
def validate(
    lint: Annotated[
        bool, typer.Option("--lint", help="Only check that every rule loads and names what exists")
    ] = False,
) -> None:
    """Judge a layer by its rules; exits 4 when a critical one fails."""
    from jobs.validate import lint_suites

    if lint:
        typer.echo(lint_suites())
