"""The frame of all comparisons: finding the files, counting the rows, the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.bench.truth.command import as_text
from jobs.bench.truth.frame import TRUTHS, Check, Outcome, run_truth, set_files
from lakehouse.errors import ConfigurationError
from tests.support.cli import in_process

CHECKS = (Check("a", 1.0, 1.0, True), Check("b", "x", None, False, "gone"), Check("c", None, 2, None))
OUTAGES = "Service,scaled_total_outage_minutes\napi,{}\napi,0\n"


def test_outcome_counts_what_counts() -> None:
    """A row that only informs counts neither way, and the count stands last."""
    outcome = Outcome("name", "all", CHECKS, False)
    assert (outcome.passed, outcome.failed) == (1, 1)
    assert as_text(outcome).splitlines()[-1] == "1 passed, 1 failed"
    assert len(as_text(outcome).splitlines()) == 1 + len(CHECKS) + 2


def test_files_lie_in_the_set_or_in_the_folder_of_sets(tmp_path: Path) -> None:
    """Both are accepted; a folder with none of them is an error that says what is missing."""
    (tmp_path / "nab").mkdir()
    with pytest.raises(ConfigurationError, match=r"nab/\*\.csv"):
        set_files(tmp_path, "nab", "*.csv")
    (tmp_path / "nab/b.csv").touch()
    assert (
        set_files(tmp_path, "nab", "*.csv") == set_files(tmp_path / "nab", "nab", "*.csv") == [tmp_path / "nab/b.csv"]
    )
    with pytest.raises(ConfigurationError, match="--data"):
        set_files(None, "nab", "*.csv")


def test_unknown_names_list_the_known() -> None:
    """A typing error is answered."""
    with pytest.raises(ConfigurationError, match=", ".join(sorted(TRUTHS))):
        run_truth("nba", None)


def test_exit_code_tells_whether_the_target_was_reached(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Other figures than the published ones are code 8, no files are code 2, and JSON is one object."""
    missing = in_process(capfd, "bench", "truth", "incidents", "--data", tmp_path)
    assert (missing.code, len(missing.errors), missing.out) == (2, 1, "")
    (tmp_path / "outages.csv").write_text(OUTAGES.format(1))
    missed = in_process(capfd, "bench", "truth", "incidents", "--data", tmp_path, "--json", "--no-track")
    assert (missed.code, len(missed.errors)) == (8, 1)
    found = json.loads(missed.out)
    assert (found["name"], found["passed"], found["failed"], found["reached"]) == ("incidents", 0, 2, False)
