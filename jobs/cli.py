"""The command line `observatory`: parses argv, opens the context, makes one call, gives the exit code."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from jobs.console import configure_logging, report_bug, tell
from lakehouse.errors import ObservatoryError

# Commands import what they need: `observatory --help` must not wait for Spark.
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Config = Annotated[Path | None, typer.Option("--config", envvar="OBSERVATORY_CONFIG", help="Settings file (TOML)")]
Home = Annotated[Path | None, typer.Option("--home", help="Folder of the local lakehouse [.observatory]")]
Sources = Annotated[list[str] | None, typer.Option("--source", help="Source by name; all by default")]
Output = Annotated[Path | None, typer.Option("--output", help="File to write")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object")]
Instant = typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="UTC")
Shape = Literal["table", "json", "csv", "parquet"]
source_app = typer.Typer(no_args_is_help=True, help="Look at configured sources.")
app.add_typer(source_app, name="source")
bench_app = typer.Typer(no_args_is_help=True, help="Measure the pipeline.")
app.add_typer(bench_app, name="bench")


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


@app.command()
def demo(
    append: Annotated[bool, typer.Option("--append", help="Deliver the next slice of the samples first")] = False,
    home: Home = None,
) -> None:
    """Run everything on bundled real requests: embedded PostgreSQL, pipeline, summary and report."""
    from jobs.demo.run import demo as task

    typer.echo(task(home, append, tell))


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
    from datetime import UTC

    from jobs.report import write_report
    from lakehouse.config import load_settings
    from lakehouse.io.catalog import open_lakehouse

    place = load_settings(config, home).home
    typer.echo(write_report(open_lakehouse(place), output or place / "report.html", datetime.now(UTC)))


@app.command()
def health(as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """Tell whether the lakehouse is there, whole and fresh; exits 7 when it is not ready."""
    from datetime import UTC

    from jobs.health import health as look
    from lakehouse.config import load_settings

    found = look(load_settings(config, home), datetime.now(UTC))
    typer.echo(found.as_json() if as_json else found.as_text())
    raise typer.Exit(0 if found.is_ready else 7)


@app.command()
def backfill(
    start: Annotated[datetime, Instant],
    end: Annotated[datetime, Instant],
    source: Sources = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Repeat ingest, refine and aggregate over a window of event time; a second time changes nothing."""
    from jobs.backfill import backfill as task
    from jobs.context import job_context

    with job_context(config, home, tell) as context:
        task(context, start, end, source)


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


@source_app.command("check")
def source_check(name: str, config: Config = None, home: Home = None) -> None:
    """Read 1,000 rows of a source, write nothing, and show how its columns would be filled."""
    from jobs.source_check import check

    typer.echo(check(config, home, name))


def main() -> None:
    """Entry point of the script `observatory`."""
    configure_logging()
    try:
        app(standalone_mode=True)
    except ObservatoryError as error:
        typer.echo(f"error: {' '.join(str(error).split())}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        raise SystemExit(report_bug(error, sys.argv[1:])) from error  # a text goes to stderr, and the code is 1


if __name__ == "__main__":
    main()
