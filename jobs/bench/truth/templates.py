"""loghub-2k: grouping accuracy of our templates on each system, beside Drain's published one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from jobs.bench.truth.frame import Check, Outcome, set_folder
from lakehouse.analyses.templates import DEPTH, SIMILARITY, merge, mine, unwrapped

REACH = "mean grouping accuracy above Drain's published mean on the same systems, one setting for all"
LINES, CORRECTED = "*/*_structured.csv*", "*/*_structured_corrected.csv*"
PARTITIONS = 4


def run(data: Path | None) -> Outcome:
    """Mine each system's lines with the one setting, and again in partitions that are merged."""
    folder = set_folder(data, "loghub-2k", LINES)
    published = _published(folder)
    found = {path.parent.name: _accuracies(path) for path in sorted(folder.glob(LINES))}
    corrected = {path.parent.name: _accuracies(path)[0] for path in sorted(folder.glob(CORRECTED))}
    checks = [_check(name, published.get(name), ours, corrected.get(name)) for name, (ours, _) in found.items()]
    known = [name for name in found if name in published]
    theirs, ours = _mean([published[name] for name in known]), _mean([found[name][0] for name in known])
    checks.append(Check("mean", theirs, ours, bool(known) and ours > theirs, f"{len(known)} systems"))
    notes = [
        f"depth {DEPTH}, similarity {SIMILARITY}; merged from {PARTITIONS} partitions: mean "
        f"{_mean([merged for _, merged in found.values()]):.4f}; corrected labels: mean {_mean(corrected.values()):.4f}"
    ]
    notes += _errors(folder.parent / "llm-error-messages")
    return Outcome("templates", REACH, checks, bool(checks[-1].passed), notes)


def grouping_accuracy(labels: Sequence[str], groups: Sequence[str]) -> float:
    """Share of lines whose group has exactly the lines of their label (Zhu et al., ICSE-SEIP 2019)."""
    rows = pd.DataFrame({"label": labels, "group": groups})
    size_of_label = rows.groupby("label")["group"].transform("size")
    size_of_group = rows.groupby("group")["label"].transform("size")
    size_of_both = rows.groupby(["label", "group"])["label"].transform("size")
    return float(((size_of_both == size_of_label) & (size_of_both == size_of_group)).mean())


def _accuracies(path: Path) -> tuple[float, float]:
    """Grouping accuracy mined at once, and mined in partitions and merged."""
    rows = pd.read_csv(path, dtype=str).fillna("")
    lines = rows["Content"].tolist()
    labels = rows["EventTemplate" if "corrected" in path.name else "EventId"].tolist()
    whole, parts = mine(lines), merge(mine(lines[part::PARTITIONS]) for part in range(PARTITIONS))
    whole_accuracy, merged_accuracy = (grouping_accuracy(labels, [by[line] for line in lines]) for by in (whole, parts))
    return whole_accuracy, merged_accuracy


def _published(folder: Path) -> dict[str, float]:
    paths = sorted(folder.glob("published_drain_accuracy.csv*"))
    rows = [pd.read_csv(path).set_index("dataset")["grouping_accuracy"].to_dict() for path in paths]
    return {str(name): float(value) for found in rows for name, value in found.items()}


def _check(name: str, published: float | None, ours: float, corrected: float | None) -> Check:
    beside = "above" if published is not None and ours > published else ""
    if corrected is not None:
        beside = f"{beside} corrected labels {corrected:.4f}".strip()
    return Check(name, published, ours, None, beside)


def _errors(folder: Path) -> list[str]:
    """The same on labelled error texts, which informs only: their groups keep some wrappers apart."""
    rows = [pd.read_csv(path) for path in sorted(folder.glob("*.csv*"))]
    if not rows:
        return []
    every = pd.concat(rows)
    texts = [unwrapped(text) for text in every["message"]]
    by = mine(texts)
    accuracy = grouping_accuracy(every["template_group"].tolist(), [by[text] for text in texts])
    return [f"{folder.name}: {len(every)} texts, {len(set(by.values()))} templates, grouping accuracy {accuracy:.4f}"]


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else float("nan")
