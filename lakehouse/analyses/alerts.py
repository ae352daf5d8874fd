"""Alerts as states: what opens, stays, resolves; no Spark, no clock of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

ACTIVE = ("open", "acknowledged")


@dataclass(frozen=True)
class Finding:
    """What a rule says of a subject: it fires where `value` is above `threshold`; a null value says nothing."""

    rule_id: str
    subject: str
    value: float | None
    threshold: float
    message: str

    @property
    def fires(self) -> bool:
        """Whether there is something to tell."""
        return self.value is not None and self.value > self.threshold


@dataclass(frozen=True)
class Alert:
    """One incident of a rule and subject, from its first finding until it is gone; times are UTC.

    Value, threshold and message are those of its opening: an incident that goes on changes nothing. `notified_at` is
    null until its newest state was delivered.
    """

    alert_id: str
    rule_id: str
    subject: str
    state: str
    value: float | None
    threshold: float
    message: str
    opened_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    resolved_at: datetime | None = None
    notified_at: datetime | None = None
    changed_at: datetime | None = None


def with_thresholds(findings: Iterable[Finding], thresholds: Mapping[str, float]) -> list[Finding]:
    """Put the settings' thresholds in the place of the rules' own."""
    return [replace(found, threshold=thresholds.get(found.rule_id, found.threshold)) for found in findings]


def advance(known: Iterable[Alert], findings: Iterable[Finding], judged: Collection[str], now: datetime) -> list[Alert]:
    """Give the alerts that change.

    Args:
        known: Alerts that are open or acknowledged.
        findings: Of this look, one per rule and subject.
        judged: Rules that could be asked; alerts of the others stay as they are.
        now: UTC.

    Returns:
        New ones, and ones resolved because their rule no longer fires.
    """
    firing = {(f.rule_id, f.subject): f for f in findings if f.fires}
    active = {(a.rule_id, a.subject): a for a in known}
    opened = [_opened(found, now) for key, found in firing.items() if key not in active]
    gone = [a for key, a in active.items() if key not in firing and a.rule_id in judged]
    return opened + [replace(a, state="resolved", resolved_at=now, notified_at=None, changed_at=now) for a in gone]


def acknowledge(alert: Alert, who: str, now: datetime) -> Alert:
    """Give the alert as taken over by somebody; nobody is told of it again until it is resolved."""
    return replace(alert, state="acknowledged", acknowledged_at=now, acknowledged_by=who, changed_at=now)


def _opened(found: Finding, now: datetime) -> Alert:
    name = f"{found.rule_id}|{found.subject}|{now.isoformat()}"
    alert_id = hashlib.sha256(name.encode()).hexdigest()[:12]
    return Alert(
        alert_id, found.rule_id, found.subject, "open", found.value, found.threshold, found.message, now,
        changed_at=now,
    )  # fmt: skip


def text_of(alerts: Collection[Alert]) -> str:
    """Write what is delivered: a line per alert, newest state first, with where to read on."""
    lines = [f"{a.state.upper()} {a.rule_id} {a.subject}: {a.message} (alert {a.alert_id})" for a in alerts]
    return "\n".join([*sorted(lines), "Runbooks: docs/MONITORING.md; take over by `observatory alert ack ID`"])
