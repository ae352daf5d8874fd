"""The report of a lakehouse written row by row: the views' figures stand in it, and it is written whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jobs.context import JobContext
from jobs.report import write_file, write_report
from lakehouse.errors import ConfigurationError
from lakehouse.io.frames import local_frame
from lakehouse.io.write import append_first
from lakehouse.tables import gold, ops
from lakehouse.tables.model import Table
from tests.support.report import Page

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
HOUR, DAY, NEXT = datetime(2026, 1, 5, 10, tzinfo=UTC), date(2026, 1, 5), date(2026, 1, 6)
MODELS = [f"m{number:02}" for number in range(10)]
PRICED = 30


def put(context: JobContext, table: Table, *rows: dict[str, Any]) -> None:
    """Write rows; what they do not name is null."""
    append_first(
        local_frame(context.spark, table, [[row.get(name) for name in table.column_names] for row in rows]), table
    )


def usage(model: str, requests: int, errors: int, cost: str | None, day: date = DAY) -> dict[str, Any]:
    """A gold row of one hour: with a cost `PRICED` attempts of a dollar reported, without one nothing is priced."""
    counts = {"request_count": requests, "error_count": errors, "no_usage_count": errors}
    money: dict[str, Any] = {"priced_count": 0, "unpriced_count": requests - errors}
    if cost:
        ours = {"cost_usd": Decimal(cost), "cost_output_usd": Decimal(cost)}
        both = {"cost_compared_usd": Decimal(cost), "cost_reported_priced_usd": Decimal(1)}
        theirs = both | {"cost_reported_usd": Decimal(1)}
        money = {"priced_count": PRICED, "unpriced_count": 0} | ours | theirs
    time = {"hour_at": HOUR, "event_date": day, "time_basis": "event"}
    return time | {"source_name": "gateway", "provider_name": "acme", "model_key": model} | counts | money


def fill(context: JobContext) -> None:
    """Ten priced models whose cost falls from 10 USD to 1 USD, and one without price or name, which fails."""
    rows = [usage(model, 30, 0, str(10 - at)) for at, model in enumerate(MODELS)]
    put(context, gold.USAGE, *rows, usage("(none)", 20, 12, None, NEXT))
    acme = {"event_date": DAY, "hour_at": HOUR, "time_basis": "event", "provider_name": "acme"}
    # Bucket 346 holds 2γ^346/(γ+1) ≈ 1002 ms, γ = 1.01/0.99.
    put(context, gold.LATENCY, acme | {"model_key": "m00", "metric": "duration_ms", "bucket": 346, "request_count": 30})
    failed = {"model_key": "(none)", "status": "error", "error_type": "timeout", "request_count": 12}
    put(context, gold.ERRORS, acme | failed)
    batch = {"batch_id": 1, "source_name": "gateway", "rows_written": 320, "rows_read": 321, "recorded_at": NOW}
    put(context, ops.BATCH, batch | {"state": "VERIFIED"}, batch | {"state": "REFINED"})


@pytest.fixture(scope="module")
def page(open_lakehouse: Callable[..., JobContext], tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The report of the filled lakehouse."""
    context = open_lakehouse(())
    fill(context)
    path = tmp_path_factory.mktemp("report") / "new folder" / "report.html"
    assert write_report(context.spark, path, NOW) == path.resolve()
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]
    return Page(path.read_text(encoding="utf-8"))


def test_path_that_cannot_be_written(tmp_path: Path) -> None:
    """One line that says what to do; the older report stays."""
    report = write_file(tmp_path / "report.html", "old")
    with pytest.raises(ConfigurationError, match="choose another --output"):
        write_file(report / "below a file.html", "new")
    with pytest.raises(ConfigurationError, match="Is a directory; choose another --output"):
        write_file(tmp_path, "new")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("report.html", "old")]


def test_headline_holds_all_rows(page: Page) -> None:
    """Sums over every model; bronze holds 320 rows of which silver has none, which is said."""
    for words in (
        "Requests 320 attempts from 1 source",
        "Error ratio 3.75 % 12 of 320 attempts failed",
        "Cost, our prices $55.00 sum over 300 priced attempts",
        "Cost, reported $10.00",
        "ours minus reported where both price: +$45.00",
        "Unpriced 2.60 % 8 of 308 attempts with usage",
        "Models 10 pairs",
        "Complete NO 0 of 1 source",
        "NOT complete: -320 rows against bronze",
    ):
        assert words in page.text


def test_tables_show_the_views(page: Page) -> None:
    """Order, values and words for what is missing."""
    cells, values = page.cells, page.values
    assert cells["latency"][1:] == [["m00", "acme", "30", "1.00 s", *["n too small"] * 3]]
    assert [row[0] for row in cells["cost_models"][1:]] == MODELS
    assert [row[:2] for row in cells["error_rate"][1:3]] == [["(none)", "acme"], ["m00", "acme"]]
    assert values["error_rate"][:3] == ["20", "12", "0.6"]
    assert cells["errors"][1][:5] == ["timeout", "cannot be told", "error", "not recorded", "12"]
    assert cells["unpriced"][1:] == [["(none)", "acme", "gateway", "20", "8", "12"]]
    assert cells["freshness"][1] == ["gateway", "no event time", "2026-01-09 12:00 UTC", "1", "320", "1"]


def test_eight_models_have_a_colour(page: Page) -> None:
    """Of ten, the two cheapest are drawn together: 2 + 1 USD."""
    series = {one["name"]: one["data"] for one in page.options["cost_daily"]["series"]}
    assert list(series) == [*(f"acme · {model}" for model in MODELS[:8]), "all other models"]
    assert [values[0] for values in series.values()] == [10, 9, 8, 7, 6, 5, 4, 3, 3]


def test_traffic_by_day(page: Page) -> None:
    """300 requests on the first day, 20 on the second."""
    series = page.options["traffic"]["series"]
    assert [(one["name"], one["data"]) for one in series] == [("gateway", [300, 20])]
