"""Receipts: a figure leads to its deliveries and prices, and is repeated to the same decimal, now and as of then."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from jobs.aggregate import aggregate
from jobs.context import JobContext
from jobs.explain import explain
from jobs.ingest import ingest
from jobs.refine import refine
from jobs.source_check import check
from lakehouse.config import SourceSettings
from lakehouse.errors import ConfigurationError
from tests.integration.conftest import OpenLakehouse
from tests.support.cli import write_config
from tests.support.source import rows_of, using

COLUMNS = {"started_at": "at", "provider_raw": "'openai'", "response_model": "model",
           "input_tokens": "tokens", "output_tokens": "0"}  # fmt: skip
FIGURE = "sum(cost_daily.cost_usd)[event_date=2025-11-01]"
BILL = {"ChargePeriodStart": "2025-11-01T00:00:00Z", "ProviderName": "OpenAI", "BillingCurrency": "USD"}


def deliver(path: Path, *lines: Mapping[str, object]) -> str:
    """Write a delivery; gives its checksum."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def request(name: str, tokens: int) -> dict[str, object]:
    """A request to gpt-4o, 2.5 USD a million input tokens."""
    return {"id": name, "at": "2025-11-01T10:00:00Z", "model": "gpt-4o", "tokens": tokens}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where requests and bills are delivered."""
    return tmp_path_factory.mktemp("deliveries")


@pytest.fixture(scope="module")
def lakehouse(open_lakehouse: OpenLakehouse, folder: Path) -> JobContext:
    """Requests as files, and invoices in FOCUS's columns."""
    requests = SourceSettings(
        name="calls", kind="files", path=folder / "calls", format="jsonl", key="id", event_time="at", columns=COLUMNS
    )
    bills = SourceSettings(
        name="bills", kind="files", records="invoice", path=folder / "bills", format="jsonl",
        key="InvoiceId, SkuId",
    )  # fmt: skip
    return using(open_lakehouse(()), requests, bills)


def run(context: JobContext) -> None:
    """The pipeline without its views."""
    ingest(context)
    refine(context)
    aggregate(context)


def test_a_figure_is_repeated_now_and_as_of_then(lakehouse: JobContext, folder: Path) -> None:
    """Its query gives the same decimal; the receipt of before gives what was said before."""
    first = deliver(folder / "calls/1.jsonl", request("a", 1000), request("b", 333))
    deliver(folder / "bills/november.jsonl", BILL | {"InvoiceId": "1", "SkuId": "x", "BilledCost": "0.01"})
    run(lakehouse)
    receipt = explain(lakehouse.spark, FIGURE)
    assert receipt.value is not None
    assert Decimal(receipt.value) == Decimal("0.0033325")
    assert [str(row[0]) for row in rows_of(lakehouse, receipt.query)] == [receipt.value]
    assert receipt.rows == 2
    assert (receipt.rows_by, receipt.rows_not_by) == (["event_date = 2025-11-01"], [])
    (batch,) = receipt.batches
    assert (batch["rows"], batch["rows_source"], batch["file_name"]) == (2, 2, "1.jsonl")
    assert batch["checksum_source"] == batch["checksum_read"] == first
    (rates,) = [price["rates"] for price in receipt.prices]
    assert "input_mtok 2.500000 genai-prices" in rates
    assert {gate["layer"]: gate["gate_decision"] for gate in receipt.gates}.keys() >= {"silver", "gold"}
    time.sleep(1.1)  # commits are told apart by the second here
    then = datetime.now(UTC)
    deliver(folder / "calls/2.jsonl", request("c", 2000))
    deliver(folder / "bills/november.jsonl", BILL | {"InvoiceId": "1", "SkuId": "x", "BilledCost": "0.0166625"})
    run(lakehouse)
    now, before = explain(lakehouse.spark, FIGURE), explain(lakehouse.spark, FIGURE, then)
    assert now.value is not None
    assert Decimal(now.value) == Decimal("0.0083325")
    assert [b["file_name"] for b in now.batches] == ["1.jsonl", "2.jsonl"]
    assert (before.value, before.rows, before.batches) == (receipt.value, 2, receipt.batches)
    assert [str(row[0]) for row in rows_of(lakehouse, before.query)] == [receipt.value]
    assert json.loads(before.as_json())["value"] == receipt.value
    assert receipt.query in receipt.as_text()


def test_invoices_are_those_of_the_newest_delivery(lakehouse: JobContext) -> None:
    """The corrected bill took the place of the first: half of what it charges was seen."""
    found = rows_of(lakehouse, "SELECT charge_date, provider_name, invoiced_usd, computed_usd, capture_ratio "
                               "FROM analytics.invoice_capture")  # fmt: skip
    assert found == [
        (date(2025, 11, 1), "openai", Decimal("0.0166625"), Decimal("0.0083325"), pytest.approx(0.5, 1e-3))
    ]
    assert rows_of(lakehouse, "SELECT COUNT(*) FROM bronze.bills") == [(2,)]
    assert rows_of(lakehouse, "SELECT COUNT(*) FROM silver.llm_interactions WHERE source_name = 'bills'") == [(0,)]


def test_source_check_shows_how_an_invoice_would_be_filled(lakehouse: JobContext, tmp_path: Path) -> None:
    """Column by column."""
    told = check(write_config(tmp_path / "settings.toml", lakehouse.settings.sources[1]), None, "bills")
    assert "provider_name                  100.0% lower(ProviderName), such as 'openai'" in told
    assert "billed_cost_usd                100.0%" in told


@pytest.mark.parametrize(
    ("figure", "named"),
    [
        ("cost", "write VIEW.COLUMN"),
        ("no_view.x", "no view"),
        ("cost_daily.no_column", "it has event_date"),
        ("cost_daily.cost_usd[no_column=1]", "it has event_date"),
        ("cost_daily.cost_usd[model_key=none such]", "no row"),
    ],
)
def test_what_is_no_figure_is_refused(lakehouse: JobContext, figure: str, named: str) -> None:
    """The message says what would be one."""
    with pytest.raises(ConfigurationError, match=named):
        explain(lakehouse.spark, figure)
