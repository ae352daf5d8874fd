"""The command `observatory bench truth`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

from jobs.bench.truth.frame import Check, Outcome, Value, run_truth
from lakehouse.errors import TargetMissedError

VERDICTS = {True: "pass", False: "FAIL", None: "-"}
HEADS = ("subject", "expected", "ours", "verdict", "note")


def bench_truth(name: str, data: Path | None, as_json: bool, show: Callable[[str], None]) -> None:
    """Compare one set with what is published about it and show every row.

    Raises:
        ConfigurationError: There is no such comparison, or its files are not there.
        TargetMissedError: What must be reached was not.
    """
    outcome = run_truth(name, data)
    show(json.dumps(_finite(outcome.as_dict()), indent=1) if as_json else as_text(outcome))
    if not outcome.reached:
        raise TargetMissedError(f"truth {name}: {outcome.failed} rows failed; to reach: {outcome.reach}")


def as_text(outcome: Outcome) -> str:
    """Write a table for people: one line a row, notes, and the count last."""
    rows = [HEADS, *(_cells(check) for check in outcome.checks)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    verdict = "reached" if outcome.reached else "NOT reached"
    return "\n".join(
        [*lines, *outcome.notes, f"{verdict}: {outcome.reach}", f"{outcome.passed} passed, {outcome.failed} failed"]
    )


def _cells(check: Check) -> tuple[str, ...]:
    return check.subject, _shown(check.expected), _shown(check.ours), VERDICTS[check.passed], check.note


def _shown(value: Value) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _finite(value: object) -> object:
    """Replace what JSON cannot say, NaN and infinity, by null."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
