"""The quickstart notebook runs as a plain script, on the one session, and shows what the lakehouse holds."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from jobs.context import JobContext
from lakehouse.io.frames import local_frame
from lakehouse.io.write import append_first
from lakehouse.tables import gold, ops
from lakehouse.tables.model import Table

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "01_quickstart.py"
HOUR, DAY = datetime(2026, 1, 5, 10, tzinfo=UTC), date(2026, 1, 5)
MODEL = {"hour_at": HOUR, "event_date": DAY, "time_basis": "event", "provider_name": "acme", "model_key": "quick-1"}


def put(context: JobContext, table: Table, row: dict[str, object]) -> None:
    """Write one row; what it does not name is null."""
    append_first(local_frame(context.spark, table, [[row.get(name) for name in table.column_names]]), table)


def test_notebook_is_databricks_source() -> None:
    """Databricks imports it as a notebook of several cells."""
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert text.startswith("# Databricks notebook source\n")
    assert text.count("\n# COMMAND ----------\n") > 3


def test_notebook_shows_the_lakehouse(
    open_lakehouse: Callable[..., JobContext], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """40 requests of one model, 4 of them failed: latency, cost and error ratio appear as they were written."""
    context = open_lakehouse(())
    usage = {"source_name": "gateway", "request_count": 40, "error_count": 4, "unpriced_count": 0, "priced_count": 40}
    put(context, gold.USAGE, MODEL | usage | {"cost_usd": Decimal("1.25")})
    # Bucket 346 holds 2γ^346/(γ+1) ≈ 1002 ms, γ = 1.01/0.99.
    put(context, gold.LATENCY, MODEL | {"metric": "duration_ms", "bucket": 346, "request_count": 36})
    put(context, gold.ERRORS, MODEL | {"status": "error", "error_type": "timeout", "request_count": 4})
    batch = {"batch_id": 1, "source_name": "gateway", "rows_written": 40, "max_event_at": HOUR}
    put(context, ops.BATCH, batch | {"state": "VERIFIED"})
    monkeypatch.setenv("OBSERVATORY_HOME", str(context.settings.home))
    runpy.run_path(str(NOTEBOOK))
    shown = capsys.readouterr().out
    assert "|acme         |quick-1  |36 |1002.0|NULL  |" in shown
    assert "1.250000000000" in shown
    assert "|0.1        |" in shown
    assert "timeout" in shown
    assert "2026-01-05 10:00:00" in shown
