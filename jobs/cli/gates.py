"""Commands that judge data: gates and rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from jobs.cli.options import Config, Home, Output, Remote, app
from jobs.console import tell


@app.command("validate")
def validate_layer(
    layer: Annotated[Literal["bronze", "silver", "gold"] | None, typer.Option(help="Gate to run")] = None,
    lint: Annotated[
        bool, typer.Option("--lint", help="Only check that every rule loads and names what exists")
    ] = False,
    engine: Annotated[
        Literal["gate", "gx"],
        typer.Option(help="gate publishes what passes; gx asks stock Great Expectations and changes nothing"),
    ] = "gate",
    export_gx: Annotated[
        Path | None, typer.Option("--export-gx", help="Folder to write the suites to, for stock Great Expectations")
    ] = None,
    remote: Remote = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Judge a layer by its rules; exits 4 when a critical one fails. With --remote: whether the last ones did."""
    if layer is None and export_gx is None and not lint and not remote:
        raise typer.BadParameter("give --layer, --lint, --export-gx or --remote")
    if remote:
        from jobs.remote.ask import remote_validate
        from jobs.remote.place import open_place

        return remote_validate(open_place(config), tell)
    if lint:
        from quality.lint import lint_suites

        typer.echo(lint_suites())
    if export_gx:
        from jobs.validate import export_suites
        from lakehouse.config import load_settings

        typer.echo(export_suites(load_settings(config, home), export_gx))
    if layer:
        from jobs.context import job_context
        from jobs.gates.second import second_opinion
        from jobs.validate import validate

        with job_context(config, home, tell) as context:
            validate(context, layer) if engine == "gate" else second_opinion(context, layer)


@app.command()
def profile(
    table: Annotated[str, typer.Argument(help="Table or view, layer.name")],
    output: Output = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Propose rules from what a table holds, as a YAML suite to review."""
    from jobs.profile import profile as task
    from lakehouse.config import load_settings

    typer.echo(task(load_settings(config, home).home, table, output))
