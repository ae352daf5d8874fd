"""NAB: our detectors by the benchmark's own scoring, beside the published ones on the same files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.bench.truth.frame import Check, Outcome, set_folder
from jobs.bench.truth.nab_score import Floats, Labelled, Weights, best_threshold, normalise, score, weigh, windows_of
from lakehouse.analyses.detectors.catalogue import DETECTORS
from lakehouse.errors import ConfigurationError

CHOSEN, BASELINE = "ensemble", "windowed Gaussian"
PUBLISHED_BASELINE = "windowedGaussian"
REACH = "ensemble above the published windowed Gaussian on the same files; the null 0, 9 of 10 baseline files exact"
PUBLISHED = "published_scores_standard.csv*"


def run(data: Path | None) -> Outcome:
    """Score every detector with its best single threshold; the baseline also at its published one, file by file."""
    folder = set_folder(data, "nab", "labels/combined_windows.json")
    series = load(folder)
    weights = [weigh(len(each.values), each.windows) for each in series]
    found = {name: [detect(each.seconds, each.values) for each in series] for name, detect in DETECTORS.items()}
    totals = {name: _normalised(weights, scores) for name, scores in found.items()}
    published = _published(folder, {each.name for each in series})
    theirs = {
        str(name): normalise(float(rows["score"].sum()), _windows(weights))
        for name, rows in published.groupby("detector")
        if len(rows) == len(series)
    }
    baseline = _baseline(series, weights, found[BASELINE], published)
    judged = [*_null(totals["null"]), _against(CHOSEN, totals[CHOSEN], theirs)]
    reached = all(check.passed for check in judged) and sum(bool(c.passed) for c in baseline) >= 0.9 * len(baseline) > 0
    checks = [*baseline, *judged]
    checks += [_against(name, total, theirs) for name, total in totals.items() if name not in ("null", CHOSEN)]
    checks += [Check(f"published {name}", value, None, None) for name, value in sorted(theirs.items())]
    notes = (
        f"{len(series)} files, {_windows(weights)} windows; one threshold a detector over all files, as published",
    )
    return Outcome("nab", REACH, checks, reached, notes)


def load(folder: Path) -> list[Labelled]:
    """Read every series that is there and has labels; windows begin and end at the first row of their time."""
    labels = json.loads((folder / "labels/combined_windows.json").read_text(encoding="utf-8"))
    found = []
    for path in sorted(folder.glob("data/*/*.csv*")):
        name = f"{path.parent.name}/{path.name.removesuffix('.gz')}"
        if name in labels:
            rows = pd.read_csv(path, parse_dates=["timestamp"])
            seconds = _seconds(rows["timestamp"])
            bounds = [_seconds(pd.to_datetime(pd.Series(window))) for window in labels[name]]
            windows = [(_row(seconds, first), _row(seconds, last)) for first, last in bounds]
            found.append(Labelled(name, seconds, rows["value"].to_numpy(dtype=float), windows))
    if not found:
        raise ConfigurationError(f"no labelled series in {folder}/data: expected data/GROUP/NAME.csv or .csv.gz")
    return found


def _row(seconds: NDArray[np.int64], at: int) -> int:
    """First row of a time, or the nearest to it."""
    return int(np.argmin(np.abs(seconds - at)))


def _seconds(times: pd.Series) -> NDArray[np.int64]:
    return times.to_numpy().astype("datetime64[s]").astype(np.int64)


def _published(folder: Path, names: set[str]) -> pd.DataFrame:
    rows = [pd.read_csv(path) for path in sorted(folder.glob(PUBLISHED))]
    every = pd.concat(rows) if rows else pd.DataFrame(columns=["detector", "file", "threshold", "score", "tp", "fp"])
    return every[every["file"].isin(names)]


def _windows(weights: Sequence[Weights]) -> int:
    return sum(windows_of(weight) for weight in weights)


def _normalised(weights: Sequence[Weights], scores: Sequence[Floats]) -> float:
    threshold = best_threshold(weights, scores)
    total = sum(score(weight, found >= threshold) for weight, found in zip(weights, scores, strict=True))
    return normalise(total, _windows(weights))


def _null(total: float) -> list[Check]:
    return [Check("null detector, normalised", 0.0, total, total == 0)]


def _against(name: str, total: float, theirs: dict[str, float]) -> Check:
    expected = theirs.get(PUBLISHED_BASELINE)
    passed = total > expected if name == CHOSEN and expected is not None else None
    return Check(f"ours {name}", expected, total, passed, "above" if expected is not None and total > expected else "")


def _baseline(
    series: Sequence[Labelled], weights: Sequence[Weights], scores: Sequence[Floats], published: pd.DataFrame
) -> list[Check]:
    """Our windowed Gaussian at the published threshold: score, hits and false alarms of each file."""
    rows = published[published["detector"] == PUBLISHED_BASELINE].set_index("file")
    checks = []
    for each, weight, found in zip(series, weights, scores, strict=True):
        if each.name in rows.index:
            theirs = rows.loc[each.name]
            ours = score(weight, found >= theirs["threshold"])
            checks.append(
                Check(f"{BASELINE} {each.name}", float(theirs["score"]), ours, bool(abs(ours - theirs["score"]) < 1e-6))
            )
    return checks
