"""Commands that show: the pages, and a preview of any AI/BI dashboard file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import Config, Home, Output, app, dashboards_app


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on; any but this machine's own needs a token")] = (
        "127.0.0.1"
    ),
    config: Config = None,
    home: Home = None,
) -> None:
    """Show the dashboards and the API of the local lakehouse in a browser, until it is stopped."""
    from jobs.serve import serve as task
    from lakehouse.config import load_settings

    task(load_settings(config, home).home, host, port)


@dashboards_app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="AI/BI dashboard file (*.lvdash.json)")],
    output: Output = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Draw any AI/BI dashboard file over the local lakehouse as one HTML file; prints its path.

    Says which widgets are not drawn.
    """
    from jobs.serve import preview as task
    from lakehouse.config import load_settings

    typer.echo(task(file, load_settings(config, home).home, output))
