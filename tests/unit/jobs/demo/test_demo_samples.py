"""The bundled requests become rows as their README says; figures come from the raw lines, not from our code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jobs.demo.samples import (
    aider_call,
    failure_log,
    fastest_call,
    lines,
    llmperf_call,
    paired,
    rows,
    slices,
    spend_log,
)
from jobs.demo.tables import LLM_CALLS
from jobs.spend_logs import COLUMNS, TABLE

ROOT = Path(__file__).parents[4]
EXPECTED = json.loads((ROOT / "tests/fixtures/expected_output.json").read_text())
KEYS = {TABLE: "request_id", LLM_CALLS: "call_id"}


def start(time: int, user: str | None = "u") -> dict[str, Any]:
    """A request begins."""
    return {"event": "message_send_starting", "user_id": user, "time": time, "occurrence": 1, "deliveries": [0]}


def answer(time: int, user: str | None = "u", **values: Any) -> dict[str, Any]:
    """A request is answered."""
    told = {"main_model": "anthropic/claude", "prompt_tokens": 30, "completion_tokens": 4, "total_tokens": 34}
    return start(time, user) | {"event": "message_send", "cost": Decimal("0.1")} | told | values


def failure(time: int, user: str | None = "u") -> dict[str, Any]:
    """A request fails."""
    return start(time, user) | {"event": "message_send_exception", "exception": "[Errno 61] Connection refused"}


def test_expected_output_is_fresh() -> None:
    """The committed oracle is what its script computes from the samples of today."""
    printed = subprocess.run(
        [sys.executable, ROOT / "tests/fixtures/expected.py"], capture_output=True, check=True, text=True
    ).stdout
    assert json.loads(printed) == EXPECTED


@pytest.mark.parametrize("table", [TABLE, LLM_CALLS])
def test_slices_bring_the_rows_the_oracle_counts(table: str) -> None:
    """Every slice offers what the raw lines of that slice hold; overlap is real where versions overlapped."""
    found = [one for one in rows() if one.table == table]
    counted = [
        {
            "offered": sum(number in one.slices for one in found),
            "new": sum(number == min(one.slices) for one in found),
        }
        for number in range(slices())
    ]
    assert counted == [slice_[table] for slice_ in EXPECTED["deliveries"]]


@pytest.mark.parametrize("table", [TABLE, LLM_CALLS])
def test_keys_are_unique_and_rows_fill_the_same_columns(table: str) -> None:
    """One row per key, and one column list for COPY."""
    found = [one.row for one in rows() if one.table == table]
    assert max(Counter(row[KEYS[table]] for row in found).values()) == 1
    assert len({tuple(row) for row in found}) == 1


def test_spend_log_columns_are_litellms() -> None:
    """No column is named that LiteLLM does not have."""
    assert set(next(one.row for one in rows() if one.table == TABLE)) <= set(COLUMNS)


@pytest.mark.parametrize(
    ("events", "starts"),
    [
        pytest.param([start(10), answer(15)], [10], id="simple"),
        pytest.param([start(10), start(12), answer(20), answer(40)], [12, 10], id="parallel: last begun, first ended"),
        pytest.param([start(10), start(500), answer(510)], [500], id="the first was interrupted"),
        pytest.param([start(10), answer(12), answer(14)], [10, None], id="one start, two answers"),
        pytest.param([start(10), failure(11), answer(12)], [10, None], id="a failure takes its start"),
        pytest.param([start(10), answer(3610)], [10], id="an hour"),
        pytest.param([start(10), answer(3611)], [None], id="more than an hour"),
        pytest.param([start(10, None), answer(11, None)], [None], id="no user"),
        pytest.param([start(10, "a"), answer(11, "b")], [None], id="another user"),
        pytest.param([start(10), answer(10)], [10], id="same second, start first"),
        pytest.param([answer(10), start(10)], [None], id="same second, answer first"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_pairing(events: list[dict[str, Any]], starts: list[int | None]) -> None:
    """An answer takes the nearest earlier start of its user that is free and at most an hour old."""
    assert [begin for _, begin in paired(events)] == starts


def test_answered_request_as_litellm_logs_it() -> None:
    """Times in UTC without zone, first token equal to the end, usage told twice, provider from the prefix."""
    row = spend_log(answer(1738857012), 1738857009)
    assert json.loads(str(row.pop("metadata"))) == {
        "status": "success",
        "usage_object": {"prompt_tokens": 30, "completion_tokens": 4, "total_tokens": 34},
        "additional_usage_values": {},
        "observatory_time_basis": "paired",
    }
    assert len(str(row.pop("request_id"))) == 32
    assert row == {
        "call_type": "acompletion",
        "startTime": datetime(2025, 2, 6, 15, 50, 9),
        "endTime": datetime(2025, 2, 6, 15, 50, 12),
        "completionStartTime": datetime(2025, 2, 6, 15, 50, 12),
        "request_duration_ms": 3000,
        "model": "anthropic/claude",
        "custom_llm_provider": "anthropic",
        "prompt_tokens": 30,
        "completion_tokens": 4,
        "total_tokens": 34,
        "spend": Decimal("0.1"),
        "user": "u",
        "status": "success",
    }
    assert spend_log(answer(5, main_model="o3-mini"), 4)["custom_llm_provider"] is None


def test_exception_as_litellm_logs_it() -> None:
    """Model empty, no tokens, 0 ms where no start is known, and only the error's text."""
    lost = failure_log(failure(100), None)
    assert (lost["startTime"], lost["model"], lost["spend"]) == (lost["endTime"], "", 0)
    message = {"error_information": {"error_message": "[Errno 61] Connection refused"}}
    assert json.loads(str(lost["metadata"])) == {"status": "failure"} | message
    known = failure_log(failure(100), 98)
    assert known["request_duration_ms"] == 2000
    assert json.loads(str(known["metadata"]))["observatory_time_basis"] == "paired"


def test_identity_tells_occurrences_users_and_times_apart() -> None:
    """Equal lines of one second are separate requests, and the slice that brings a line is no part of it."""
    lines_ = [answer(1), answer(2), answer(1, "v"), answer(1) | {"occurrence": 2}, answer(1, cost=Decimal("0.10"))]
    identities = [aider_call(line)["call_id"] for line in lines_]
    assert len(set(identities)) == len(lines_)
    assert aider_call(answer(1) | {"deliveries": [4, 5]})["call_id"] == identities[0]


def test_home_made_rows_tell_what_the_sets_tell() -> None:
    """No set has both times; each has its own kind of time, and nothing is filled in."""
    made = {str(one.row["app"]): one.row for one in rows() if one.table == LLM_CALLS}
    known = {app: {name for name, value in row.items() if value is not None} for app, row in made.items()}
    assert known["aider"] == {
        "call_id", "app", "user_hash", "model_name", "finished", "tokens_in", "tokens_out", "cost_usd",
    }  # fmt: skip
    assert known["llmperf"] == {
        "call_id", "app", "vendor", "model_name", "measured_on", "latency_s", "ttft_s", "tokens_in", "tokens_out",
        "tokens_per_s", "err_text",
    }  # fmt: skip
    assert known["thefastest.ai"] == {
        "call_id", "app", "model_name", "region", "batch_started", "latency_s", "ttft_s", "tokens_out", "tokens_per_s",
    }  # fmt: skip


def test_rejected_requests_keep_their_zeros_and_short_answers_their_metrics() -> None:
    """What was delivered stays: 429 with zeros, −100 with latencies."""
    calls = [llmperf_call(line) for line in lines("llmperf_requests")]
    rejected = [call for call in calls if call["err_code"] == 429]
    short = [call for call in calls if call["err_code"] == -100]
    assert (len(rejected), {call["latency_s"] for call in rejected}) == (262, {0})
    assert (len(short), min(float(str(call["latency_s"])) for call in short) > 0) == (49, True)


def test_batch_time_is_utc_and_exact() -> None:
    """A batch's time keeps its microseconds; the numbers keep all their digits."""
    call = fastest_call(next(lines("thefastest_ai_measurements")))
    assert call["batch_started"] == datetime(2024, 4, 15, 8, 4, 59, 267946, tzinfo=UTC)
    assert call["ttft_s"] == Decimal("0.36547088623046875")


def test_samples_stay_small() -> None:
    """The repository is no place for data: 900 KB at most, packed."""
    assert sum(file.stat().st_size for file in (ROOT / "jobs/samples").iterdir()) < 900_000
