"""The bundled lines are those of the sets they were cut from, where these are at hand."""

from __future__ import annotations

import datetime
import gzip
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
SETS = ROOT.parent / "shared" / "data"
KEPT = ("main_model", "prompt_tokens", "completion_tokens", "total_tokens", "cost", "exception")
OURS = {"measured_on", "deliveries"}

pytestmark = pytest.mark.skipif(not SETS.is_dir(), reason=f"the source sets are not at {SETS}")


def read(file: Path) -> list[dict[str, Any]]:
    """Lines of a packed file."""
    with gzip.open(file, "rt", encoding="utf-8") as text:
        return [json.loads(line) for line in text]


def sample(name: str) -> list[dict[str, Any]]:
    """Lines of a bundled file."""
    return read(ROOT / "jobs/samples" / f"{name}.jsonl.gz")


def cut(events: Iterable[dict[str, Any]]) -> list[str]:
    """Aider's three events, each as text of the fields that were kept."""
    return [
        json.dumps([e["event"], e["user_id"], e["time"], *(str(e["properties"].get(k))[:1000] for k in KEPT)])
        for e in events
        if e["event"].startswith("message_send")
    ]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("llmperf_requests", "llmperf-leaderboard/requests"),
        ("thefastest_ai_measurements", "thefastest-ai/measurements"),
    ],
)
def test_whole_sets_are_whole(name: str, source: str) -> None:
    """Every line, in order, with the source's own values."""
    mine, theirs = sample(name), read(SETS / f"{source}.jsonl.gz")
    fields = set(mine[0]) - OURS
    assert [{k: line[k] for k in fields} for line in mine] == [{k: line[k] for k in fields} for line in theirs]


def test_measured_on_is_the_summary_s_date() -> None:
    """The only dates LLMPerf publishes are those of its summaries, per provider and size."""
    summaries = read(SETS / "llmperf-leaderboard/published_summary.jsonl.gz")
    days = {s["file"]: s["timestamp"] // 86_400 for s in summaries}
    for line in sample("llmperf_requests"):
        assert days[f"{line['provider']}_{line['size']}"] == _day(line["measured_on"])


def _day(date: str) -> int:
    return (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days


@pytest.mark.parametrize("slice_no", range(1, 10))
def test_later_slices_are_published_versions(slice_no: int) -> None:
    """Slices 1 to 9 are Aider's versions 11 to 19 as they were published, line by line in their order."""
    (file,) = (SETS / "aider-analytics/raw_batches").glob(f"batch_{slice_no + 10}_*.jsonl.gz")
    mine = [_as_source(line) for line in sample("aider_events") if slice_no in line["deliveries"]]
    assert cut(mine) == cut(read(file))


def test_first_slice_is_the_history_up_to_the_tenth_version() -> None:
    """Slice 0 holds each event once that was published by then."""
    events = read(SETS / "aider-analytics/events.jsonl.gz")
    (file,) = (SETS / "aider-analytics/raw_batches").glob("batch_10_*.jsonl.gz")
    last = cut(read(file))[-1]
    mine = cut(_as_source(line) for line in sample("aider_events") if 0 in line["deliveries"])
    assert mine[-1] == last
    assert mine == cut(events)[: len(mine)]
    assert not Counter(cut(read(file))) - Counter(mine)


def _as_source(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"properties": line}
