"""The command `observatory bench truth`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from jobs.bench.truth.frame import Check, Outcome, Value, run_truth
from jobs.bench.truth.log import Logged, log_run
from jobs.console import tell
from lakehouse.errors import TargetMissedError

VERDICTS = {True: "pass", False: "FAIL", None: "-"}
HEADS = ("subject", "expected", "ours", "verdict", "note")


def bench_truth(
    name: str, data: Path | None, as_json: bool, show: Callable[[str], None], log_to: Path | None = None
) -> None:
    """Compare one set with what is published about it and show every row.

    Args:
        name: Which comparison.
        data: Folder of the sets, or of this one; null for what is bundled.
        as_json: One JSON object instead of a table.
        show: Takes the text.
        log_to: Home whose experiment gets the run; null for none.

    Raises:
        ConfigurationError: There is no such comparison, or its files are not there.
        TargetMissedError: What must be reached was not.
    """
    outcome = run_truth(name, data)
    show(json.dumps(_finite(outcome.as_dict()), indent=1) if as_json else as_text(outcome))
    if log_to:
        _log(outcome, data, log_to)
    if not outcome.reached:
        raise TargetMissedError(f"truth {name}: {outcome.failed} rows failed; to reach: {outcome.reach}")


def _log(outcome: Outcome, data: Path | None, home: Path) -> None:
    """Log figures of single rows too, as far as they are numbers."""
    figures = {_metric(check.subject): float(check.ours) for check in outcome.checks if isinstance(check.ours, float)}
    command = f"observatory bench truth {outcome.name}{f' --data {data}' if data else ''}"
    totals = {"passed": outcome.passed, "failed": outcome.failed, "reached": int(outcome.reached)}
    report = json.loads(json.dumps(_finite(outcome.as_dict())))
    parameters = {f"{outcome.name}.{key}": value for key, value in parameters_of(outcome.name).items()}
    finite = {name: figure for name, figure in figures.items() if math.isfinite(figure)}
    run_id = log_run(Logged(f"truth-{outcome.name}", command, finite | totals, report, parameters), home)
    tell(f"logged as run {run_id}" if run_id else "not logged: mlflow is not installed (extra tracking)")


def _metric(subject: str) -> str:
    """MLflow's names have letters, digits and few signs."""
    return re.sub(r"[^\w\-./ ]+", " ", subject)[:200]


def parameters_of(name: str) -> Mapping[str, object]:
    """What the comparison's methods were set to."""
    from lakehouse.analyses import templates
    from lakehouse.analyses.detectors.catalogue import parameters

    return {
        "nab": parameters("ensemble"),
        "statistics": parameters("spikes"),
        "templates": {"depth": templates.DEPTH, "similarity": templates.SIMILARITY},
    }.get(name, {})


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
