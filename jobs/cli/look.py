"""Commands that read: queries, the report, health, sources."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli.options import Config, Home, Json, Output, Shape, app, source_app


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One statement that reads")],
    shape: Annotated[Shape, typer.Option("--format")] = "table",
    output: Output = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Read views and tables of the local lakehouse."""
    from jobs.query import query as task
    from lakehouse.config import load_settings

    task(sql, load_settings(config, home).home, shape, output)


@app.command()
def report(output: Output = None, config: Config = None, home: Home = None) -> None:
    """Write the report, one self-contained HTML file; prints its path."""
    from datetime import UTC, datetime

    from jobs.report import write_report
    from lakehouse.config import load_settings
    from lakehouse.io.catalog import open_lakehouse

    place = load_settings(config, home).home
    typer.echo(write_report(open_lakehouse(place), output or place / "report.html", datetime.now(UTC)))


@app.command()
def health(as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """Tell whether the lakehouse is there, whole and fresh; exits 7 when it is not ready."""
    from datetime import UTC, datetime

    from jobs.health import health as look
    from lakehouse.config import load_settings

    found = look(load_settings(config, home), datetime.now(UTC))
    typer.echo(found.as_json() if as_json else found.as_text())
    raise typer.Exit(0 if found.is_ready else 7)


@source_app.command("check")
def source_check(name: str, config: Config = None, home: Home = None) -> None:
    """Read 1,000 rows of a source, write nothing, and show how its columns would be filled."""
    from jobs.source_check import check

    typer.echo(check(config, home, name))
