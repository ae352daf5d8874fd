"""The life of an alert, told look by look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lakehouse.analyses.alerts import Alert, Finding, acknowledge, advance, text_of, with_thresholds

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
BOTH = {"stale_data", "error_spike"}


def stale(hours: float | None, subject: str = "litellm") -> Finding:
    """What the rule for stale data says."""
    return Finding("stale_data", subject, hours, 24, f"{hours} h old")


def look(known: list[Alert], findings: list[Finding], minutes: int, judged: set[str] = BOTH) -> list[Alert]:
    """Look some minutes after the start."""
    return advance(known, findings, judged, START + timedelta(minutes=minutes))


def test_an_alert_opens_stays_and_resolves() -> None:
    """One incident is one alert, however often it is seen; after its end the next one is another."""
    assert look([], [stale(3), stale(None, "batch")], 0) == []
    [opened] = look([], [stale(30), stale(3, "batch")], 0)
    assert (opened.state, opened.subject, opened.opened_at, opened.notified_at) == ("open", "litellm", START, None)
    assert look([opened], [stale(31)], 60) == [], "an incident that goes on changes nothing"
    [gone] = look([opened], [stale(0)], 120)
    assert (gone.alert_id, gone.state, gone.resolved_at) == (opened.alert_id, "resolved", START + timedelta(hours=2))
    [again] = look([], [stale(26)], 180)
    assert again.alert_id != opened.alert_id


def test_the_threshold_itself_does_not_fire() -> None:
    """It does above it; the settings' threshold comes before the rule's."""
    assert look([], [stale(24)], 0) == []
    assert len(look([], with_thresholds([stale(24)], {"stale_data": 23.9}), 0)) == 1
    assert look([], with_thresholds([stale(30)], {"stale_data": 48, "dead_man": 1}), 0) == []


def test_a_rule_that_could_not_be_asked_resolves_nothing() -> None:
    """Nor does it when its subject is gone for another reason: then it resolves."""
    [opened] = look([], [stale(30)], 0)
    assert look([opened], [], 5, judged={"error_spike"}) == []
    assert [alert.state for alert in look([opened], [], 5)] == ["resolved"]


def test_acknowledged_stays_acknowledged_until_it_is_over() -> None:
    """And its end is told."""
    [opened] = look([], [stale(30)], 0)
    taken = acknowledge(opened, "ann", START + timedelta(minutes=3))
    assert look([taken], [stale(31)], 60) == []
    [gone] = look([taken], [stale(1)], 120)
    assert (gone.state, gone.notified_at, gone.acknowledged_by) == ("resolved", None, "ann")


def test_rules_with_the_same_subject_are_apart() -> None:
    """The text names both."""
    other = Finding("error_spike", "litellm", 9.0, 6, "20 of 30 failed")
    alerts = look([], [stale(30), other], 0)
    assert {alert.rule_id for alert in alerts} == BOTH
    text = text_of(alerts)
    assert "OPEN error_spike litellm: 20 of 30 failed" in text
    assert "OPEN stale_data litellm: 30 h old" in text
