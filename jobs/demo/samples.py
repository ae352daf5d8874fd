"""The bundled real requests, reshaped into rows of the demo's two tables; `jobs/samples/README.md` says how and why."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jobs.demo.tables import LLM_CALLS
from jobs.spend_logs import TABLE as SPEND_LOGS

START, SENT, FAILED = "message_send_starting", "message_send", "message_send_exception"
LONGEST_S = 3600  # an answer later than this belongs to another start, whose event was lost

Line = dict[str, Any]
Row = dict[str, object]


@dataclass(frozen=True)
class Delivered:
    """A row and the slices that bring it; a later slice may bring a row again, and then unchanged."""

    table: str
    row: Row
    slices: frozenset[int]


@cache
def rows() -> tuple[Delivered, ...]:
    """Reshape every bundled line, over all slices at once, so that no row depends on what was delivered so far."""
    return (
        *_aider(paired(lines("aider_events"))),
        *(Delivered(LLM_CALLS, llmperf_call(line), _slices(line)) for line in lines("llmperf_requests")),
        *(Delivered(LLM_CALLS, fastest_call(line), _slices(line)) for line in lines("thefastest_ai_measurements")),
    )


def slices() -> int:
    """Count the slices: number 0 is the first load, the others follow in the order of their publication."""
    return 1 + max(max(delivered.slices) for delivered in rows())


def lines(name: str) -> Iterator[Line]:
    """Read a bundled file of JSON lines; numbers with a point stay exact, as Decimal."""
    with (files("jobs") / "samples" / f"{name}.jsonl.gz").open("rb") as packed, gzip.open(packed, "rt") as text:
        for line in text:
            yield json.loads(line, parse_float=Decimal)


def paired(events: Iterable[Line]) -> Iterator[tuple[Line, int | None]]:
    """Give every answer and exception the start it belongs to.

    That is the same user's nearest earlier start, in the order of lines, that no answer before took, so that of
    parallel requests the one that began last counts as the first to end. Events without a user are never paired, nor
    are those more than an hour after the start.

    Args:
        events: Aider's events in the order of the sample, which is that of time.

    Yields:
        Each answer or exception with the start's time in epoch seconds, None where it has no start.
    """
    open_starts: dict[str, list[int]] = defaultdict(list)
    for event in events:
        starts = open_starts[event["user_id"]] if event["user_id"] else []
        if event["event"] == START:
            starts.append(event["time"])
        elif starts and event["time"] - starts[-1] <= LONGEST_S:
            yield event, starts.pop()
        else:
            yield event, None


def _aider(events: Iterable[tuple[Line, int | None]]) -> Iterator[Delivered]:
    """LiteLLM logs what has both times and all failures; the home-made table takes answers whose start is unknown."""
    for event, start in events:
        if event["event"] == FAILED:
            yield Delivered(SPEND_LOGS, failure_log(event, start), _slices(event))
        elif start is not None:
            yield Delivered(SPEND_LOGS, spend_log(event, start), _slices(event))
        else:
            yield Delivered(LLM_CALLS, aider_call(event), _slices(event))


def spend_log(event: Line, start: int) -> Row:
    """Reshape an answered Aider request as LiteLLM logs a success; what is left out takes LiteLLM's default.

    `completionStartTime` equals the end, as LiteLLM writes it where the first token's time is not known. The one key
    of `metadata` that is not LiteLLM's says that the times come from two events.
    """
    usage = {name: event[name] for name in ("completion_tokens", "prompt_tokens", "total_tokens")}
    provider, slash, _ = event["main_model"].partition("/")
    metadata: dict[str, object] = {
        "usage_object": usage,
        "additional_usage_values": {},
        "observatory_time_basis": "paired",
    }
    return _log(event, start, "success", metadata) | {
        "spend": event["cost"],
        "total_tokens": event["total_tokens"],
        "prompt_tokens": event["prompt_tokens"],
        "completion_tokens": event["completion_tokens"],
        "completionStartTime": _naive_utc(event["time"]),
        "model": event["main_model"],
        "custom_llm_provider": provider if slash else None,
    }


def failure_log(event: Line, start: int | None) -> Row:
    """Reshape an Aider exception as LiteLLM logs a failure: model empty, no tokens, and 0 ms where no start is known.

    The error's class is not in the sample, so it is not in the row.
    """
    metadata: dict[str, object] = {"error_information": {"error_message": event["exception"]}}
    if start is None:
        start = event["time"]
    else:
        metadata |= {"observatory_time_basis": "paired"}
    return _log(event, start, "failure", metadata) | {
        "spend": 0,
        "total_tokens": 0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "completionStartTime": None,
        "model": "",
        "custom_llm_provider": None,
    }


def _log(event: Line, start: int, status: str, metadata: dict[str, object]) -> Row:
    """What success and failure share."""
    return {
        "request_id": _identity(event),
        "call_type": "acompletion",
        "startTime": _naive_utc(start),
        "endTime": _naive_utc(event["time"]),
        "request_duration_ms": 1000 * (event["time"] - start),
        "user": event["user_id"] or "",
        "metadata": json.dumps({"status": status, **metadata}),
        "status": status,
    }


def aider_call(event: Line) -> Row:
    """Reshape an answered Aider request whose start is unknown: it has an end, a cost and no latency."""
    return _call(_identity(event), "aider") | {
        "user_hash": sha256(event["user_id"].encode()).hexdigest()[:16] if event["user_id"] else None,
        "model_name": event["main_model"],
        "finished": datetime.fromtimestamp(event["time"], UTC),
        "tokens_in": event["prompt_tokens"],
        "tokens_out": event["completion_tokens"],
        "cost_usd": event["cost"],
    }


def llmperf_call(line: Line) -> Row:
    """Reshape an LLMPerf request: a date and no time; rejected ones keep the zeros that were delivered as metrics."""
    return _call(f"llmperf/{line['provider']}/{line['size']}/{line['seq']}", "llmperf") | {
        "vendor": line["provider"],
        "model_name": line["model"],
        "measured_on": line["measured_on"],
        "latency_s": line["end_to_end_latency_s"],
        "ttft_s": line["ttft_s"],
        "tokens_in": line["number_input_tokens"],
        "tokens_out": line["number_output_tokens"],
        "tokens_per_s": line["request_output_throughput_token_per_s"],
        "err_code": line["error_code"],
        "err_text": line["error_msg"],
    }


def fastest_call(line: Line) -> Row:
    """Reshape a measurement of thefastest.ai: only its batch has a time, in UTC; speeds above 999 came cut to 999."""
    return _call(f"thefastest.ai/{line['batch_time']}/{line['region']}/{line['model']}", "thefastest.ai") | {
        "model_name": line["model"],
        "region": line["region"],
        "batch_started": datetime.fromisoformat(line["batch_time"]).replace(tzinfo=UTC),
        "latency_s": line["total_time"],
        "ttft_s": line["ttft"],
        "tokens_out": line["num_tokens"],
        "tokens_per_s": line["tps"],
    }


def _call(call_id: str, app: str) -> Row:
    """Build a row of the home-made table in which nothing else is known yet."""
    unknown = ("user_hash", "vendor", "model_name", "region", "started", "finished", "batch_started", "measured_on")
    measures = ("latency_s", "ttft_s", "tokens_in", "tokens_out", "tokens_per_s", "err_code", "err_text", "cost_usd")
    return {"call_id": call_id, "app": app, **dict.fromkeys((*unknown, *measures))}


def _identity(event: Line) -> str:
    """Hash user, time, line and occurrence: everything but the slices that deliver it."""
    told = {name: value for name, value in event.items() if name != "deliveries"}
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _slices(line: Line) -> frozenset[int]:
    return frozenset(line["deliveries"])


def _naive_utc(epoch_s: int) -> datetime:
    """LiteLLM keeps UTC in a column without zone."""
    return datetime.fromtimestamp(epoch_s, UTC).replace(tzinfo=None)
