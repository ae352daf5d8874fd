"""Commands that read: queries, the report, health, sources."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from jobs.cli.options import Config, Home, Instant, Json, Output, Remote, Shape, app, source_app
from jobs.console import tell


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One statement that reads")],
    shape: Annotated[Shape, typer.Option("--format")] = "table",
    output: Output = None,
    remote: Remote = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Read views and tables of the lakehouse."""
    if remote:
        from jobs.remote.ask import remote_query
        from jobs.remote.place import open_place

        return remote_query(open_place(config), sql, shape, output)
    from jobs.query import query as task
    from lakehouse.config import load_settings

    task(sql, load_settings(config, home).home, shape, output)


@app.command()
def explain(
    figure: Annotated[str, typer.Argument(help="VIEW.COLUMN[column=value,…], or sum(VIEW.COLUMN)[…]")],
    as_of: Annotated[datetime | None, Instant] = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Show where a figure comes from, and the query that repeats it to the same decimal."""
    from jobs.explain import explain as task
    from lakehouse.config import load_settings
    from lakehouse.io.catalog import open_settings

    receipt = task(open_settings(load_settings(config, home)), figure, as_of)
    typer.echo(receipt.as_json() if as_json else receipt.as_text())


@app.command()
def report(output: Output = None, remote: Remote = False, config: Config = None, home: Home = None) -> None:
    """Write the report, one self-contained HTML file; prints its path."""
    from datetime import UTC, datetime

    from jobs.report import write_report
    from lakehouse.config import load_settings
    from lakehouse.io.catalog import open_settings

    settings = load_settings(config, home)
    file = output or settings.home / "report.html"
    if remote:
        from jobs.remote.ask import remote_report
        from jobs.remote.place import open_place

        typer.echo(remote_report(open_place(config), file, tell))
    else:
        typer.echo(write_report(open_settings(settings), file, datetime.now(UTC)))


@app.command()
def health(as_json: Json = False, remote: Remote = False, config: Config = None, home: Home = None) -> None:
    """Tell whether the lakehouse is there, whole and fresh; exits 7 when it is not ready."""
    from datetime import UTC, datetime

    from jobs.health import health as look
    from lakehouse.config import load_settings

    if remote:
        from jobs.remote.health import remote_health
        from jobs.remote.place import open_place

        found = remote_health(open_place(config), datetime.now(UTC))
    else:
        found = look(load_settings(config, home), datetime.now(UTC))
    typer.echo(found.as_json() if as_json else found.as_text())
    raise typer.Exit(0 if found.is_ready else 7)


@source_app.command("check")
def source_check(name: str, config: Config = None, home: Home = None) -> None:
    """Read 1,000 rows of a source, write nothing, and show how its columns would be filled."""
    from jobs.source_check import check

    typer.echo(check(config, home, name))
