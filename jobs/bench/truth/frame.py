"""What every comparison with published figures shares: its checks, its outcome, and how its files are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from lakehouse.errors import ConfigurationError

Value = str | float | int | None

BUNDLED = Path(__file__).parent / "data"  # small subsets with open licences

# Name on the command line → module with `run(data: Path | None) -> Outcome`; data is None where nothing was named.
TRUTHS: dict[str, str] = {
    "bfcl": "jobs.bench.truth.bfcl",
    "bfcl-cost": "jobs.bench.truth.bfcl_cost",
    "llmperf": "jobs.bench.truth.llmperf",
    "openrouter": "jobs.bench.truth.openrouter",
    "prices": "jobs.bench.truth.prices",
    "nab": "jobs.bench.truth.nab",
    "error-classes": "jobs.bench.truth.error_classes",
    "incidents": "jobs.bench.truth.incidents",
    "statistics": "jobs.bench.truth.statistics",
    "templates": "jobs.bench.truth.templates",
    "prefix-cache": "jobs.bench.truth.prefix_cache",
}


@dataclass(frozen=True)
class Check:
    """One row of a comparison.

    Attributes:
        subject: What is compared, such as a model, a service or a file.
        expected: The published or independently computed value; null where there is none.
        ours: Our value; null where we have none.
        passed: Whether ours is right; null for a row that only informs and counts neither way.
        note: Why, where that is not plain.
    """

    subject: str
    expected: Value
    ours: Value
    passed: bool | None
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """All checks of one set and whether what must be reached was reached.

    Attributes:
        name: As on the command line.
        reach: What must be reached, in words.
        checks: One a row.
        reached: Whether it was; not always that every row passed.
        notes: Figures over all rows, one sentence each.
    """

    name: str
    reach: str
    checks: Sequence[Check]
    reached: bool
    notes: Sequence[str] = ()

    @property
    def passed(self) -> int:
        """Rows that passed."""
        return sum(check.passed is True for check in self.checks)

    @property
    def failed(self) -> int:
        """Rows that failed."""
        return sum(check.passed is False for check in self.checks)

    def as_dict(self) -> dict[str, object]:
        """What `--json` prints."""
        return asdict(self) | {"passed": self.passed, "failed": self.failed}


def run_truth(name: str, data: Path | None) -> Outcome:
    """Compare one set.

    Raises:
        ConfigurationError: There is no such comparison, or its files are not there.
    """
    if name not in TRUTHS:
        raise ConfigurationError(f"no comparison is called {name!r}: choose one of {', '.join(sorted(TRUTHS))}")
    outcome: Outcome = import_module(TRUTHS[name]).run(data)
    return outcome


def set_folder(data: Path | None, name: str, pattern: str) -> Path:
    """Folder of one set: `data/name`, or `data` itself where the set's files lie in it.

    Args:
        data: What the user named; null for the bundled subset.
        name: The set's folder in a folder of sets.
        pattern: Glob of files without which it is not that set.

    Raises:
        ConfigurationError: No folder was named, or none of the two has such files.
    """
    places = (BUNDLED / name,) if data is None else (data / name, data)
    for folder in places:
        if any(folder.glob(pattern)):
            return folder
    if data is None:
        raise ConfigurationError(f"say where the set {name} lies: --data DIR with DIR/{name}/{pattern}")
    raise ConfigurationError(f"no {name}/{pattern} in {data}: name the folder that holds the set {name} as --data")


def set_files(data: Path | None, name: str, pattern: str) -> list[Path]:
    """Files of one set by a glob, in order; see `set_folder`."""
    return sorted(set_folder(data, name, pattern).glob(pattern))
