"""Task alert: asks the rules, keeps `ops.alert`, tells what opened and what is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta

from pyspark.errors import AnalysisException
from pyspark.sql import functions as F

from jobs.context import JobContext
from jobs.retry import with_retries
from lakehouse.analyses.alerts import ACTIVE, Alert, Finding, acknowledge, advance, text_of, with_thresholds
from lakehouse.errors import ConfigurationError, ObservatoryError
from lakehouse.io import notify
from lakehouse.io.frames import local_frame
from lakehouse.io.secrets import read_secret
from lakehouse.io.write import merge_by_key
from lakehouse.sql.loader import load_alerts
from lakehouse.tables import table

ALERT = table("ops.alert")
TIMES = [field.name for field in fields(Alert) if field.name.endswith("_at")]


def check(context: JobContext) -> list[Alert]:
    """Ask every rule; open, keep and resolve alerts; deliver what is new.

    Returns:
        Alerts that are open or acknowledged now.

    Raises:
        ConfigurationError, TransientError: Something could not be delivered; it is kept and delivered the next time.
    """
    findings, judged = _ask(context)
    known = active(context)
    changed = advance(known, with_thresholds(findings, context.settings.alerts.thresholds), judged, context.now())
    now = {alert.alert_id: alert for alert in [*known, *changed]}
    _write(context, changed)
    standing = [alert for alert in now.values() if alert.state in ACTIVE]
    context.tell(f"alerts: {len(standing)} open of {len(judged)} rules")
    _deliver(context, _untold(context))
    return standing


def active(context: JobContext) -> list[Alert]:
    """Alerts that are open or acknowledged."""
    rows = context.spark.table(ALERT.full_name)
    return _alerts(rows.where(rows.state.isin(*ACTIVE)).collect())


def take_over(context: JobContext, alert_id: str, who: str) -> Alert:
    """Acknowledge the active alert whose id begins so.

    Raises:
        ConfigurationError: There is none, or there are several.
    """
    found = [alert for alert in active(context) if alert.alert_id.startswith(alert_id)]
    if len(found) != 1 or not alert_id:
        raise ConfigurationError(f"{len(found)} open alerts have an id that begins with {alert_id!r}: see `alert list`")
    taken = acknowledge(found[0], who, context.now())
    _write(context, [taken])
    return taken


def _ask(context: JobContext) -> tuple[list[Finding], set[str]]:
    """Findings, and the rules that could be asked."""
    findings, judged = [], set()
    for rule_id, statement in load_alerts().items():
        try:
            rows = context.spark.sql(statement).collect()
        except AnalysisException as error:  # a table of a task that never ran
            context.tell(f"alert rule {rule_id} cannot be asked: {str(error).splitlines()[0]}")
            continue
        judged.add(rule_id)
        findings += [Finding(rule_id, row.subject, row.observed, row.threshold, row.message) for row in rows]
    return findings, judged


def _untold(context: JobContext) -> list[Alert]:
    """Alerts whose opening, or end within the last day, was not delivered yet."""
    rows = context.spark.table(ALERT.full_name).where("notified_at IS NULL")
    ended = (F.col("state") == "resolved") & (F.col("resolved_at") >= F.lit(context.now() - timedelta(days=1)))
    return _alerts(rows.where((F.col("state") == "open") | ended).collect())


def _deliver(context: JobContext, alerts: list[Alert]) -> None:
    ways, failed = _ways(context, alerts), None
    if not alerts or not ways:
        return
    for way in ways:
        try:
            with_retries(way, context.tell)
        except ObservatoryError as error:  # the other way may still work
            context.tell(str(error))
            failed = error
    if failed:
        raise failed
    _write(context, [replace(alert, notified_at=context.now(), changed_at=context.now()) for alert in alerts])


def _ways(context: JobContext, alerts: list[Alert]) -> list[Callable[[], None]]:
    settings, text = context.settings.alerts, text_of(alerts)
    ways: list[Callable[[], None]] = []
    if settings.webhook_env:
        url = read_secret(settings.webhook_env).get_secret_value()
        ways.append(lambda: notify.post(url, text, [asdict(alert) for alert in alerts]))
    if settings.smtp_env and settings.mail_to and settings.mail_from:
        server, sender = read_secret(settings.smtp_env).get_secret_value(), settings.mail_from
        title = f"{settings.name}: {len(alerts)} alerts changed"
        ways.append(lambda: notify.mail(server, sender, settings.mail_to, title, text))
    return ways


def _write(context: JobContext, alerts: Iterable[Alert]) -> None:
    values = [tuple(asdict(alert)[name] for name in ALERT.column_names) for alert in alerts]
    if values:
        merge_by_key(local_frame(context.spark, ALERT, values), ALERT, "source.changed_at >= target.changed_at")


def _alerts(rows: Iterable[object]) -> list[Alert]:
    found = []
    for row in rows:
        values = {name: row[name] for name in ALERT.column_names}  # type: ignore[index]  a Row
        times = {name: _utc(values[name]) for name in TIMES}
        found.append(Alert(**(values | times)))
    return found


def _utc(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=UTC) if value else None
