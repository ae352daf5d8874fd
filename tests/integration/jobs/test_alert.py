"""Rules on hand-worked gold, and alerts through the command line with a webhook on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import jobs.retry
from jobs.alert import active, check
from jobs.context import JobContext
from lakehouse.config import AlertSettings
from lakehouse.io.frames import local_frame
from lakehouse.io.write import append_first
from lakehouse.sql.loader import load_alerts
from lakehouse.tables import table
from tests.integration.conftest import OpenLakehouse
from tests.support.cli import in_process
from tests.unit.lakehouse.io.test_notify import hook, serving

HOUR = datetime(2026, 11, 10, 23, tzinfo=UTC)


def usage(at: datetime, model: str, requests: int, errors: int, cost: int) -> dict[str, object]:
    """An hour of a model."""
    return {"event_date": at.date(), "hour_at": at, "time_basis": "event", "source_name": "litellm",
            "provider_name": "openai", "model_key": model, "request_count": requests, "error_count": errors,
            "cost_usd": cost}  # fmt: skip


def add(context: JobContext, name: str, *rows: dict[str, object]) -> None:
    """Append rows whose other columns are null."""
    into = table(name)
    append_first(local_frame(context.spark, into, [[row.get(c) for c in into.column_names] for row in rows]), into)


@pytest.fixture(scope="module")
def context(open_lakehouse: OpenLakehouse) -> JobContext:
    """Two models: one fails in the newest hour, one costs four times as much on the newest day."""
    context = open_lakehouse(())
    days = [HOUR - timedelta(days=n) for n in range(1, 9)]
    add(
        context, "gold.usage_hourly",
        usage(HOUR - timedelta(hours=2), "failing", 98, 2, 1), usage(HOUR, "failing", 100, 20, 1),
        *(usage(day, "dear", 10, 0, 10) for day in days), usage(HOUR, "dear", 10, 0, 40),
    )  # fmt: skip
    now = datetime.now(UTC)
    batch = {"batch_id": 1, "source_name": "litellm", "state": "VERIFIED", "rows_read": 1, "rows_written": 1}
    add(
        context,
        "ops.batch",
        batch | {"recorded_at": now - timedelta(hours=4), "max_event_at": now - timedelta(hours=30)},
    )
    judged = {"run_id": "r", "layer": "silver", "table_name": "silver.llm_interactions", "gate_decision": "BLOCK"}
    old, new = {"judged_at": HOUR}, {"judged_at": HOUR + timedelta(hours=1)}
    add(
        context, "ops.quality_result",
        judged | old | {"rule_id": "old_trouble", "decision": "BLOCK"},
        judged | new | {"rule_id": "key_is_unique", "decision": "BLOCK"},
        judged | new | {"rule_id": "fine", "decision": "PASS"},
    )  # fmt: skip
    return context


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What a webhook got."""
    got: list[bytes] = []
    monkeypatch.setattr(jobs.retry, "WAITS_S", (0.01,))
    with serving(hook(200, got)) as port:
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{port}/x")
        yield got


def with_hook(context: JobContext, **settings: object) -> JobContext:
    """The context with a webhook."""
    alerts = AlertSettings.model_validate({"webhook_env": "HOOK", **settings})
    other = JobContext(context.settings.model_copy(update={"alerts": alerts}), lambda line: None)
    other.__dict__["spark"] = context.spark
    return other


def test_rules_find_what_was_worked_out_by_hand(context: JobContext) -> None:
    """With p = 3/100: (20 − 3)/√(100·0.03·0.97); (40 − 10)/(1.4826·0.5); hours since; the newest judgement alone."""
    found = {
        (rule, row.subject): row.observed
        for rule, statement in load_alerts().items()
        for row in context.spark.sql(statement).collect()
    }
    assert found["error_spike", "openai/failing"] == pytest.approx(17 / (100 * 0.03 * 0.97) ** 0.5)
    assert found["error_spike", "openai/dear"] is None
    assert found["cost_spike", "openai/dear"] == pytest.approx(30 / (1.4826 * 0.5))
    assert ("cost_spike", "openai/failing") not in found, "no day to compare with"
    assert found["stale_data", "litellm"] == pytest.approx(30, abs=0.1)
    assert found["dead_man", "pipeline"] == pytest.approx(4, abs=0.1)
    assert found["failed_gate", "silver.llm_interactions"] == 1


def test_alerts_open_once_are_told_taken_over_and_resolved(
    context: JobContext, told: list[bytes], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The second look tells nothing anew; the command line lists and takes over; a fix resolves and is told."""
    mine = with_hook(context)
    opened = check(mine)
    assert sorted(alert.rule_id for alert in opened) == sorted(load_alerts())
    assert len(told) == 1
    assert {alert["rule_id"] for alert in json.loads(told[0])["alerts"]} == set(load_alerts())
    assert [alert.alert_id for alert in sorted(check(mine), key=lambda a: a.rule_id)] == [
        alert.alert_id for alert in sorted(opened, key=lambda a: a.rule_id)
    ]
    assert len(told) == 1, "nothing new"

    home = context.settings.home
    stale = next(alert for alert in opened if alert.rule_id == "stale_data")
    result = in_process(capfd, "alert", "ack", stale.alert_id[:8], "--by", "ann", "--home", home)
    assert result.code == 0
    result = in_process(capfd, "alert", "ack", "nonesuch", "--home", home)
    assert (result.code, "0 open alerts" in result.errors[0]) == (2, True)
    result = in_process(capfd, "alert", "list", "--format", "json", "--home", home)
    states = {row["rule_id"]: (row["state"], row["acknowledged_by"]) for row in json.loads(result.out)}
    assert states.pop("stale_data") == ("acknowledged", "ann")
    assert set(states.values()) == {("open", None)}

    check(with_hook(context, thresholds={"stale_data": 48, "dead_man": 48}))
    assert {(a["rule_id"], a["state"]) for a in json.loads(told[1])["alerts"]} == {
        ("stale_data", "resolved"), ("dead_man", "resolved")
    }  # fmt: skip
    assert sorted(alert.rule_id for alert in active(mine)) == ["cost_spike", "error_spike", "failed_gate"]


def test_what_could_not_be_told_is_told_the_next_time(
    context: JobContext, told: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state is kept although the webhook fails; exit code 3 asks for another try."""
    monkeypatch.setenv("BROKEN", "http://127.0.0.1:1/x")
    with pytest.raises(jobs.retry.TransientError, match="does not answer"):
        check(with_hook(context, webhook_env="BROKEN"))  # the alerts that were resolved open again
    assert told == []
    check(with_hook(context))
    assert {alert["rule_id"] for alert in json.loads(told[0])["alerts"]} == {"stale_data", "dead_man"}
