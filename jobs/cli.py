"""The command line `observatory`: parses argv, opens the context, makes one call, gives the exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs.console import configure_logging, tell
from lakehouse.errors import ObservatoryError

# Commands import what they need: `observatory --help` must not wait for Spark.
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Config = Annotated[Path | None, typer.Option("--config", envvar="OBSERVATORY_CONFIG", help="Settings file (TOML)")]
Home = Annotated[Path | None, typer.Option("--home", help="Folder of the local lakehouse [.observatory]")]
Sources = Annotated[list[str] | None, typer.Option("--source", help="Source by name; all by default")]
Instant = typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="UTC")


@app.command()
def provision(config: Config = None, home: Home = None) -> None:
    """Create schemas, tables and views that are missing."""
    from jobs.context import job_context

    with job_context(config, home, tell) as context:
        context.spark  # noqa: B018  obtaining the session provisions
        tell("lakehouse is provisioned")


@app.command()
def ingest(source: Sources = None, config: Config = None, home: Home = None) -> None:
    """Read new and changed rows of the sources into bronze."""
    from jobs.context import job_context
    from jobs.ingest import ingest as task

    with job_context(config, home, tell) as context:
        task(context, source)


@app.command()
def refine(config: Config = None, home: Home = None) -> None:
    """Clean, price and judge new bronze rows into silver."""
    from jobs.context import job_context
    from jobs.refine import refine as task

    with job_context(config, home, tell) as context:
        task(context)


@app.command()
def aggregate(config: Config = None, home: Home = None) -> None:
    """Rebuild the gold windows that changed."""
    from jobs.aggregate import aggregate as task
    from jobs.context import job_context

    with job_context(config, home, tell) as context:
        task(context)


@app.command()
def publish(config: Config = None, home: Home = None) -> None:
    """Create or replace the views."""
    from jobs.context import job_context
    from jobs.publish import publish as task

    with job_context(config, home, tell) as context:
        task(context)


@app.command()
def run(config: Config = None, home: Home = None) -> None:
    """Run the whole pipeline as the job file says."""
    from jobs.context import job_context
    from jobs.graph import run_pipeline

    with job_context(config, home, tell) as context:
        run_pipeline(context)


def main() -> None:
    """Entry point of the script `observatory`."""
    configure_logging()
    try:
        app(standalone_mode=True)
    except ObservatoryError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
