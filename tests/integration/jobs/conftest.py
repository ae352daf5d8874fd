"""A stand-in for a workspace with target dev deployed, and commands that speak to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import jobs.remote.run
import jobs.retry
import lakehouse.io.warehouse
import lakehouse.io.workspace
from tests.support.cli import Result, in_process
from tests.support.repository import ROOT
from tests.workspace.server import serve
from tests.workspace.whole import StandIn, environment

DEV = ROOT / "infra/config/dev.toml"
FRESHNESS = """
CREATE SCHEMA analytics;
CREATE TABLE analytics.source_freshness (
  source_name VARCHAR, last_batch_at TIMESTAMPTZ, newest_event_at TIMESTAMPTZ, bronze_count BIGINT
);
INSERT INTO analytics.source_freshness VALUES
  ('litellm', '2026-11-01 10:00:00Z', '2026-11-01 09:55:00Z', 1200), ('batch', '2026-11-01 11:00:00Z', NULL, 34);
CREATE TABLE analytics.row_conservation (source_name VARCHAR, bronze_count BIGINT, is_conserved BOOLEAN);
CREATE SCHEMA ops;
CREATE TABLE ops.quality_result (table_name VARCHAR, rule_id VARCHAR, judged_at TIMESTAMPTZ, decision VARCHAR);
CREATE TABLE ops.alert (alert_id VARCHAR, rule_id VARCHAR, subject VARCHAR, state VARCHAR, opened_at TIMESTAMPTZ,
  acknowledged_by VARCHAR, resolved_at TIMESTAMPTZ, message VARCHAR);
INSERT INTO analytics.row_conservation VALUES ('litellm', 1200, true), ('batch', 34, NULL);
"""
Command = Callable[..., Result]


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The stand-in, to which the environment leads; waiting is short."""
    stand_in = StandIn()
    stand_in.deployed(ROOT, "dev")
    stand_in.database.execute(FRESHNESS)
    monkeypatch.setattr(jobs.remote.run, "POLL_S", 0.01)
    monkeypatch.setattr(jobs.retry, "WAITS_S", (0.01, 0.01))
    monkeypatch.setattr(lakehouse.io.workspace, "PATIENCE_S", 4)
    monkeypatch.setattr(lakehouse.io.workspace, "ANSWER_S", 2)
    monkeypatch.setattr(lakehouse.io.warehouse, "START_S", 0.2)
    monkeypatch.setattr(lakehouse.io.warehouse, "POLL_S", 0.05)
    with serve(stand_in) as url:
        for name, value in environment(url).items():
            monkeypatch.setenv(name, value)
        yield stand_in


@pytest.fixture
def observatory(workspace: StandIn, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run a command with the settings of target dev."""
    return lambda *argv: in_process(capfd, *argv, "--config", DEV)
