"""How good a table is, as numbers from 0 to 100; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from quality.model import DIMENSIONS, RuleSpec
from quality.verdicts import Verdict

WEIGHTS = {"critical": 3.0, "warning": 2.0}
CAP = 49.0  # of a table with a failed critical rule: never above half, however many other rules it meets
COLUMN_ARGUMENTS = ("column", "predicate", "expression", "column_set")


@dataclass(frozen=True)
class Score:
    """Score of a table (`dimension` None) or of a dimension of it; None where nothing was judged, never 100."""

    dimension: str | None
    score: float | None
    pass_ratio: float | None
    rule_count: int


def scores(verdicts: Sequence[Verdict]) -> list[Score]:
    """Scores of a table and of each dimension that has rules.

    A dimension's score is 100 · Σ weight of met rules / Σ weight of judged rules, critical 3, warning 2. The table's is
    the mean over its dimensions, capped at `CAP` when a critical rule failed or any rule raised.
    """
    parts = [_score(name, [v for v in verdicts if v.spec.dimension == name]) for name in DIMENSIONS]
    parts = [part for part in parts if part.rule_count]
    found = [part.score for part in parts if part.score is not None]
    whole = sum(found) / len(found) if found else None
    if whole is not None and any(verdict.decision == "BLOCK" for verdict in verdicts):
        whole = min(whole, CAP)
    return [Score(None, whole, pass_ratio(verdicts), sum(part.rule_count for part in parts)), *parts]


def _score(dimension: str, verdicts: Sequence[Verdict]) -> Score:
    judged = [verdict for verdict in verdicts if verdict.success is not None]
    total = sum(WEIGHTS[verdict.spec.severity] for verdict in judged)
    met = sum(WEIGHTS[verdict.spec.severity] for verdict in judged if verdict.success)
    return Score(dimension, 100 * met / total if total else None, pass_ratio(judged), len(judged))


def pass_ratio(verdicts: Sequence[Verdict]) -> float | None:
    """Rows that met the rules by rows in their scope, summed over the rules that count rows; None without any."""
    counted = [v for v in verdicts if v.element_count is not None and v.unexpected_count is not None]
    scope = sum((v.element_count or 0) - (v.missing_count or 0) for v in counted)
    return 1 - sum(v.unexpected_count or 0 for v in counted) / scope if scope else None


def rule_coverage(specs: Sequence[RuleSpec], columns: Sequence[str]) -> float:
    """Share of the columns that a rule about values names, so that deleting rules cannot go unseen."""
    texts = " ".join(
        str(spec.kwargs.get(name, "")) for spec in specs for name in COLUMN_ARGUMENTS[:3]
        if not (name == "column" and spec.over_table)
    )  # fmt: skip
    named = set(re.findall(r"\w+", texts))
    return sum(column in named for column in columns) / len(columns) if columns else 0.0
