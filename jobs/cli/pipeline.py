"""Commands that run the pipeline or a task of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from jobs.cli.options import Config, Home, Instant, Remote, Sources, app
from jobs.console import tell


@app.command()
def provision(config: Config = None, home: Home = None) -> None:
    """Create schemas, tables and views that are missing."""
    from jobs.context import job_context

    with job_context(config, home, tell) as context:
        context.provision()
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
    """Clean new bronze rows and stage them for the gate of silver, which publishes them."""
    from jobs.context import job_context
    from jobs.refine import stage_pending as task

    with job_context(config, home, tell) as context:
        task(context)


@app.command()
def aggregate(config: Config = None, home: Home = None) -> None:
    """Rebuild the gold windows that changed."""
    from jobs.aggregate import rebuild_touched as task
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
def detect(
    again: Annotated[bool, typer.Option("--again", help="Also where nothing is new, as after a reprice")] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Compare models, find anomalies, error templates and savings, and rank what was found."""
    from jobs.context import job_context
    from jobs.detect import detect as task

    with job_context(config, home, tell) as context:
        task(context, again)


@app.command()
def run(remote: Remote = False, config: Config = None, home: Home = None) -> None:
    """Run the whole pipeline as the job file says."""
    if remote:
        from jobs.remote.place import open_place
        from jobs.remote.run import run_job

        return run_job(open_place(config), "pipeline", tell)
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
def reprice(
    start: Annotated[datetime | None, Instant] = None,
    end: Annotated[datetime | None, Instant] = None,
    scenario: Annotated[str | None, typer.Option(help="Name; writes a scenario, no fact")] = None,
    prices: Annotated[Path | None, typer.Option(help="Contract prices of the scenario (TOML)")] = None,
    book: Annotated[int | None, typer.Option(help="Its version, of analytics.price_book_versions")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Price what silver has by the newest price book, or compare it with another book."""
    from jobs.context import job_context
    from jobs.reprice import Scenario, Span, compare
    from jobs.reprice import reprice as task
    from lakehouse.errors import ConfigurationError

    if scenario is None and (prices or book):
        raise ConfigurationError("reprice: only a scenario takes --prices or --book: name it by --scenario")
    with job_context(config, home, tell) as context:
        if scenario:
            compare(context, Span(start, end), Scenario(scenario, prices, book))
        else:
            task(context, Span(start, end))


@app.command()
def maintain(
    keep_days: Annotated[int, typer.Option(help="Days whose versions stay readable; at least 7")] = 7,
    config: Config = None,
    home: Home = None,
) -> None:
    """Compact every table and delete files that no version of the last days needs."""
    from jobs.context import job_context
    from jobs.maintain import maintain as task

    with job_context(config, home, tell) as context:
        task(context, keep_days)


@app.command()
def reconcile(source: Sources = None, config: Config = None, home: Home = None) -> None:
    """Count closed hours at the sources and in bronze; exits 5 when bronze lacks rows."""
    from jobs.context import job_context
    from jobs.reconcile import reconcile as task

    with job_context(config, home, tell, only_reads=True) as context:
        task(context, source)
