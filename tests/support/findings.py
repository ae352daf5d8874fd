"""Ten days of made-up traffic in silver that has something to find: a slower model, an incident, repeats, retries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

Row = dict[str, Any]
START = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = 240
LIFETIMES_S = {"5 min": 300, "1 h": 3600, "24 h": 86400, "7 d": 604800}  # of an answer in a cache
INCIDENT = range(200, 206)  # hours in which acme's models time out
# Provider, attempts an hour, logarithm of the median in ms, USD a token.
MODELS = {
    "fast": ("acme", 8, 6.5, "0.000001"),
    "slow": ("acme", 8, 7.2, "0.000001"),
    "dear": ("bravo", 4, 6.5, "0.00001"),
    "cheap": ("bravo", 4, 6.5, "0.000001"),
}


def traffic() -> list[Row]:
    """Rows of silver.llm_interactions; failures of a call are followed by an attempt that is answered."""
    draw = np.random.default_rng(4)
    rows: list[Row] = []
    for hour in range(HOURS):
        for model, (provider, volume, level, unit) in MODELS.items():
            for _ in range(int(draw.poisson(volume))):
                at = START + timedelta(hours=hour, seconds=float(draw.uniform(0, 3599)))
                failed = draw.random() < (0.9 if provider == "acme" and hour in INCIDENT else 0.005)
                group = f"call{len(rows)}"
                if failed:
                    rows.append(_attempt(rows, at, provider, model, group) | _failure(hour, draw))
                    at += timedelta(milliseconds=rows[-1]["duration_ms"])
                rows.append(_attempt(rows, at, provider, model, group) | _answer(level, draw, Decimal(unit)))
    return rows


def content(rows: list[Row]) -> list[Row]:
    """Rows of silver.llm_interaction_content of the dear model: every tenth prompt is asked again."""
    asked = [row for row in rows if row["model_key"] == "dear" and row["status"] == "ok"]
    texts = [f"question {at - at % 10 if at % 10 == 9 else at}" for at in range(len(asked))]
    return [
        {name: row[name] for name in ("interaction_id", "source_name", "event_date", "batch_id")}
        | {"input_messages": text, "output_messages": f"answer to {text}{' again' * (at % 20 == 19)}"}
        for at, (row, text) in enumerate(zip(asked, texts, strict=True))
    ]


def duplicates(rows: list[Row], seconds: int) -> tuple[Decimal, Decimal]:
    """What a cache of that lifetime would save, by a plain loop: repeats with the same answer, and all repeats; USD."""
    by_id = {row["interaction_id"]: row for row in rows}
    pairs = ((by_id[text["interaction_id"]]["event_at"], text) for text in content(rows))
    last: dict[str, tuple[Any, str]] = {}
    low = high = Decimal(0)
    for at, text in sorted(pairs, key=lambda pair: pair[0]):
        before = last.get(text["input_messages"])
        if before and (at - before[0]).total_seconds() <= seconds:
            cost = by_id[text["interaction_id"]]["cost_usd"]
            high += cost
            low += cost if before[1] == text["output_messages"] else 0
        last[text["input_messages"]] = (at, text["output_messages"])
    return low, high


def _attempt(rows: list[Row], at: datetime, provider: str, model: str, group: str) -> Row:
    name = f"{len(rows):032x}"
    return {
        "interaction_id": name, "source_name": "gateway", "source_record_id": name, "batch_id": 1,
        "event_at": at, "started_at": at, "event_date": at.date(), "time_basis": "event", "operation_name": "chat",
        "provider_name": provider, "model_key": model, "request_group_id": group, "gateway_cache_hit": False,
        "is_stream": True, "app_name": "app",
    }  # fmt: skip


def _failure(hour: int, draw: np.random.Generator) -> Row:
    shard = int(draw.integers(100, 999))
    if hour in INCIDENT:
        return {"status": "error", "error_type": "timeout", "error_origin": "provider", "cost_status": "no_usage",
                "duration_ms": 30_000.0, "error_message_masked": f"Request to shard {shard} timed out"}  # fmt: skip
    return {"status": "error", "error_type": "rate_limit", "error_origin": "provider", "cost_status": "no_usage",
            "http_status_code": 429, "duration_ms": 90.0,
            "error_message_masked": f"Rate limit reached: {shard} of 100 tokens per minute"}  # fmt: skip


def _answer(level: float, draw: np.random.Generator, unit: Decimal) -> Row:
    tokens, answer = int(draw.integers(300, 1000)), int(draw.integers(300, 900))  # one band each
    fresh, output = tokens * unit, answer * unit * 4
    duration = float(draw.lognormal(level, 0.3))
    return {
        "status": "ok", "input_tokens": tokens, "output_tokens": answer, "duration_ms": duration,
        "ttft_ms": duration / 4, "cost_status": "priced", "cost_fresh_input_usd": fresh, "cost_output_usd": output,
        "cost_cache_read_usd": Decimal(0), "cost_cache_write_usd": Decimal(0), "cost_other_usd": Decimal(0),
        "cost_usd": fresh + output,
    }  # fmt: skip
