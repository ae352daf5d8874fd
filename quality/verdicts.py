"""What the judgement of rules comes to; needs neither Spark nor Great Expectations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from quality.model import RuleSpec

Decision = Literal["PASS", "WARN", "BLOCK"]


@dataclass(frozen=True)
class Verdict:
    """Judgement of one rule.

    Attributes:
        spec: The rule, its parameters filled in.
        success: Whether it is met; None when it was not judged, and `reason` says why.
        element_count: Rows looked at; None where the rule does not count rows.
        missing_count: Rows out of its scope, their value being null.
        unexpected_count: Rows that break it.
        observed: Value that an aggregate rule was judged on.
        details: JSON of what a later run learns from.
        reason: Why it was not judged, or the exception that it raised.
        raised: Whether it raised; that blocks, whatever its severity.
    """

    spec: RuleSpec
    success: bool | None
    element_count: int | None = None
    missing_count: int | None = None
    unexpected_count: int | None = None
    observed: float | None = None
    details: str | None = None
    reason: str | None = None
    raised: bool = False

    @property
    def decision(self) -> Decision:
        """What this rule alone asks for. Rules that hold rows back never block: the share of such rows does."""
        if self.raised:
            return "BLOCK"
        if self.success is not False:
            return "PASS"
        return "BLOCK" if self.spec.severity == "critical" and self.spec.on_fail == "gate" else "WARN"

    @property
    def share(self) -> float | None:
        """Share of the rows in scope that break the rule; None where it counts none."""
        if self.element_count is None or self.unexpected_count is None:
            return None
        scope = self.element_count - (self.missing_count or 0)
        return self.unexpected_count / scope if scope else 0.0

    def told(self, table: str) -> str:
        """Rule, table, count and share in one line."""
        if self.raised:
            return f"{self.spec.id} on {table} raised {self.reason}"
        if self.share is not None:
            counts = f"{self.unexpected_count:,} of {self.element_count:,} rows"
            return f"{self.spec.id} on {table}: {counts} ({self.share:.2%})"
        bounds = {name: self.spec.kwargs[name] for name in ("min_value", "max_value") if name in self.spec.kwargs}
        wanted = " and ".join(f"{name.removesuffix('_value')} {value}" for name, value in bounds.items())
        return f"{self.spec.id} on {table}: {self.observed} instead of {wanted or 'what the rule asks for'}"


def decide(verdicts: Sequence[Verdict]) -> Decision:
    """The worst that a rule asks for; nothing judged is no pass."""
    found = {verdict.decision for verdict in verdicts}
    if not any(verdict.success is not None or verdict.raised for verdict in verdicts):
        return "BLOCK"
    return "BLOCK" if "BLOCK" in found else "WARN" if "WARN" in found else "PASS"
