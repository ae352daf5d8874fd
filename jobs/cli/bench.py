"""Commands that make traffic and measure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import Config, Home, Json, app, bench_app
from jobs.console import tell


@app.command()
def simulate(
    rows: Annotated[int, typer.Option(help="Rows to make", min=1)],
    seed: Annotated[int, typer.Option(help="The same seed makes the same rows")],
    source: Annotated[
        str | None, typer.Option(help="LiteLLM source whose database gets them; the first by default")
    ] = None,
    config: Config = None,
) -> None:
    """Load synthetic LiteLLM traffic, every row marked so, into a source's database."""
    from jobs.simulate.command import simulate as task

    task(config, rows, seed, source, tell)


@bench_app.command("speed")
def bench_speed(
    rows: Annotated[int, typer.Option(help="Simulated rows", min=1_000)] = 200_000,
    driver_memory: Annotated[str, typer.Option(help="Heap of the Spark driver")] = "6g",
    as_json: Json = False,
) -> None:
    """Time each stage on simulated rows beside DuckDB doing the same work on the same files."""
    from jobs.bench.command import bench_speed as task

    typer.echo(task(rows, driver_memory, as_json, tell))


@bench_app.command("gates")
def bench_gates(
    rows: Annotated[int, typer.Option(help="Simulated rows a run", min=100)] = 200_000,
    driver_memory: Annotated[str, typer.Option(help="Heap of the Spark driver")] = "4g",
    as_json: Json = False,
) -> None:
    """Measure the CPU that the gates add to a run; exit code 8 where it is more than a quarter."""
    from jobs.bench.command import bench_gates as task

    typer.echo(task(rows, driver_memory, as_json, tell))


@bench_app.command("truth")
def bench_truth(
    name: Annotated[str, typer.Argument(help="Which comparison; a wrong name lists them")],
    data: Annotated[Path | None, typer.Option(help="Folder of the sets, or of this one; else what is bundled")] = None,
    as_json: Json = False,
    track: Annotated[
        bool, typer.Option(help="Log the run to MLflow, in the home unless MLFLOW_TRACKING_URI says")
    ] = True,
    home: Home = None,
) -> None:
    """Compare our figures with published ones, row by row; exit code 8 where the target is missed."""
    from jobs.bench.truth.command import bench_truth as task
    from lakehouse.config import load_settings

    task(name, data, as_json, typer.echo, load_settings(home=home).home if track else None)


@bench_app.command("page")
def bench_page(as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """Time each page of the local lakehouse over HTTP, cold and warm; exit code 8 where the target is missed."""
    from jobs.bench.page import bench_page as task
    from lakehouse.config import load_settings

    typer.echo(task(load_settings(config, home).home, as_json))
