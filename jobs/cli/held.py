"""Commands about rows that were held back."""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.cli.options import Config, Home, Output, Shape, quarantine_app
from jobs.console import tell

Source = Annotated[str | None, typer.Option("--source", help="Only rows of this source")]
Rule = Annotated[str | None, typer.Option("--rule", help="Only rows that broke this rule")]
Batch = Annotated[int | None, typer.Option("--batch", help="Only rows of this batch")]
Why = Annotated[str, typer.Option("--why", help="Reason, kept in ops.quarantine_decision")]
AsShape = Annotated[Shape, typer.Option("--format")]


@quarantine_app.command("list")
def list_held(shape: AsShape = "table", output: Output = None, config: Config = None, home: Home = None) -> None:
    """Sum the held rows by source and rule: how many, first and last seen, how many discarded."""
    from jobs.query import write
    from lakehouse.config import load_settings
    from lakehouse.io.catalog import open_lakehouse

    rows = open_lakehouse(load_settings(config, home).home).table("analytics.quarantine_summary")
    write(rows.orderBy("source_name", "rule_id").toArrow(), shape, output)


@quarantine_app.command()
def show(
    source: Source = None,
    rule: Rule = None,
    batch: Batch = None,
    limit: Annotated[int, typer.Option(help="Rows at most", min=1)] = 20,
    shape: AsShape = "table",
    output: Output = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Show rows that wait for a decision, with the rules they broke."""
    from jobs.quarantine import Choice, held
    from jobs.query import write
    from lakehouse.config import load_settings
    from lakehouse.io.catalog import open_lakehouse

    spark = open_lakehouse(load_settings(config, home).home)
    rows = held(spark, Choice(source, rule, batch)).orderBy("recorded_at", "source_name", "source_record_id")
    write(rows.limit(limit).toArrow(), shape, output)


@quarantine_app.command()
def release(
    why: Why,
    source: Source = None,
    rule: Rule = None,
    batch: Batch = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Send held rows through refine again, by mapping and rules as they are now; what still breaks a rule stays."""
    from jobs.context import job_context
    from jobs.quarantine import Choice
    from jobs.quarantine import release as task

    _narrow(source, rule, batch)
    with job_context(config, home, tell) as context:
        task(context, Choice(source, rule, batch), why)


@quarantine_app.command()
def discard(
    why: Why,
    source: Source = None,
    rule: Rule = None,
    batch: Batch = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Decide that held rows never enter silver; they stay counted."""
    from jobs.context import job_context
    from jobs.quarantine import Choice
    from jobs.quarantine import discard as task

    _narrow(source, rule, batch)
    with job_context(config, home, tell) as context:
        task(context, Choice(source, rule, batch), why)


def _narrow(*given: object) -> None:
    if not any(given):
        raise typer.BadParameter("give --source, --rule or --batch")
