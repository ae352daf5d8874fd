"""Each comparison that needs no Spark, on the sets where they are there; figures are published or counted apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.bench.truth import statistics
from jobs.bench.truth.frame import BUNDLED, run_truth
from tests.support.cli import in_process

SETS = Path(__file__).parents[6] / "shared/data"
NEEDED = {"incidents": "llm-incidents", "prefix-cache": "prefix-cache-traces", "error-classes": "llm-error-messages"}


@pytest.mark.parametrize("name", NEEDED)
def test_reach_is_met(name: str) -> None:
    """Every row passes."""
    if not (SETS / NEEDED[name]).exists():
        pytest.skip(f"../shared/data/{NEEDED[name]} is not there")
    outcome = run_truth(name, SETS)
    assert outcome.reached, [check for check in outcome.checks if check.passed is False]
    assert outcome.passed >= len(list((SETS / NEEDED[name]).glob("*.gz")))
    assert outcome.failed == 0


def test_bundled_trace_repeats_from_a_clean_clone(capfd: pytest.CaptureFixture[str]) -> None:
    """Without --data, on the subset that ships; its README tells where it is from."""
    done = in_process(capfd, "bench", "truth", "prefix-cache", "--json", "--no-track")
    found = json.loads(done.out)
    assert (done.code, found["reached"], found["failed"]) == (0, True, 0)
    assert "Apache-2.0" in (BUNDLED / "prefix-cache-traces/README.md").read_text()


def test_statistics_in_short() -> None:
    """A tenth of the runs: every figure within four standard errors of what is promised."""
    outcome = statistics.run(None, runs=600, many=20_000)
    judged = [check for check in outcome.checks if check.passed is not None]  # others only tell
    assert len(judged) >= 20
    for check in judged:
        away = float(check.ours or 0) - float(check.expected or 0)
        runs = int(check.note.split()[0])
        error = (0.05 * 0.95 / runs) ** 0.5
        assert away < 4 * error, check
        assert check.subject.startswith("false") or away > -4 * error, check
