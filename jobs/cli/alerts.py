"""Commands about alerts."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from jobs.cli.options import Config, Home, Remote, Shape, alert_app
from jobs.console import tell

LIST = (
    "SELECT alert_id, rule_id, subject, state, opened_at, acknowledged_by, resolved_at, message FROM ops.alert "
    "{where}ORDER BY opened_at DESC, alert_id"
)
ACTIVE = "WHERE state <> 'resolved' "


@alert_app.command("check")
def alert_check(config: Config = None, home: Home = None) -> None:
    """Ask every rule, open and resolve alerts, tell what is new by webhook and e-mail."""
    from jobs.alert import check
    from jobs.context import job_context

    with job_context(config, home, tell) as context:
        for alert in check(context):
            tell(f"{alert.state} {alert.rule_id} {alert.subject}: {alert.message} (alert {alert.alert_id})")


@alert_app.command("list")
def alert_list(
    resolved: Annotated[bool, typer.Option("--all", help="Resolved ones, too")] = False,
    shape: Annotated[Shape, typer.Option("--format")] = "table",
    remote: Remote = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Show alerts, newest first; by default those that are not resolved."""
    sql = LIST.format(where="" if resolved else ACTIVE)
    if remote:
        from jobs.remote.ask import remote_query
        from jobs.remote.place import open_place

        return remote_query(open_place(config), sql, shape, None)
    from jobs.query import query
    from lakehouse.config import load_settings

    query(sql, load_settings(config, home).home, shape, None)


@alert_app.command("ack")
def alert_ack(
    alert_id: Annotated[str, typer.Argument(help="Id of the alert, or its beginning")],
    by: Annotated[str | None, typer.Option(help="Who takes it over; your user name by default")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Take an alert over: nobody is told of it again until it is resolved."""
    from jobs.alert import take_over
    from jobs.context import job_context

    with job_context(config, home, tell) as context:
        taken = take_over(context, alert_id, by or getpass.getuser())
        tell(f"{taken.rule_id} {taken.subject} is acknowledged by {taken.acknowledged_by}")
