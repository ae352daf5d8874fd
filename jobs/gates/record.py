"""Judges what one pass over a table counted, records every verdict, and stops the run when a critical rule failed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import functions as F

from jobs.context import JobContext
from lakehouse.errors import DataGateError
from lakehouse.io.frames import local_frame
from lakehouse.io.write import append_first
from lakehouse.tables.quality import RESULT, SCORE
from quality.compile import Counts
from quality.model import RuleSpec, Suite
from quality.score import rule_coverage, scores
from quality.thresholds import Past, filled, learn
from quality.verdicts import Decision, Verdict, decide

HISTORY = timedelta(days=60)


@dataclass(frozen=True)
class Subject:
    """Rules of one table and what a pass over it counted; `facts` are parameters known only in the run."""

    suite: Suite
    rules: Sequence[RuleSpec]
    counts: Counts
    columns: Sequence[str]
    facts: Mapping[str, Any] = field(default_factory=dict)
    clean_row_ratio: float | None = None


@dataclass(frozen=True)
class Judged:
    """A subject with its verdicts."""

    subject: Subject
    verdicts: Sequence[Verdict]

    @property
    def decision(self) -> Decision:
        """What the rules ask for together."""
        return decide(self.verdicts)


def gate(context: JobContext, layer: str, subjects: Sequence[Subject]) -> list[Judged]:
    """Judge the subjects of a layer and record every verdict.

    Raises:
        DataGateError: A critical rule failed or any rule raised; the message names rule, table, count and share.
    """
    history, now = _history(context), context.now()
    judged = [Judged(subject, _verdicts(context, subject, history, now)) for subject in subjects]
    _record(context, layer, judged, now)
    told = [v.told(j.subject.suite.table) for j in judged for v in j.verdicts if v.decision == "WARN"]
    for line in told:
        context.tell(f"gate {layer}: warning: {line}")
    if blocked := [v.told(j.subject.suite.table) for j in judged for v in j.verdicts if v.decision == "BLOCK"]:
        raise DataGateError(f"gate {layer}: {'; '.join(blocked)}; nothing was published, what was there stands")
    count = sum(len(j.verdicts) for j in judged)
    context.tell(f"gate {layer}: {count:,} rules judged, {len(told)} warnings")
    return judged


def _verdicts(context: JobContext, subject: Subject, history: Mapping[str, list[Past]], now: datetime) -> list[Verdict]:
    from quality.judge import judge  # Great Expectations takes seconds to import

    known = {**subject.suite.parameters, **context.settings.quality_parameters, **subject.facts}
    settled: list[RuleSpec] = []
    cold: list[Verdict] = []
    for rule in subject.rules:
        spec = learn(filled(rule, known), history.get(rule.id, []), now)
        if isinstance(spec, RuleSpec):
            settled.append(spec)
        else:
            cold.append(_cold(rule, subject.counts, spec))
    return [*judge(settled, subject.counts, subject.columns), *cold]


def _cold(rule: RuleSpec, counts: Counts, reason: str) -> Verdict:
    """A verdict that is none yet, with what later runs learn from."""
    value = counts.observed.get(rule.id)
    if isinstance(value, list):
        return Verdict(rule, None, details=json.dumps({"counts": value}), observed=0.0, reason=reason)
    return Verdict(rule, None, observed=None if value is None else float(value), reason=reason)


def _history(context: JobContext) -> dict[str, list[Past]]:
    """Earlier values of every rule that observed one."""
    recent = F.col("judged_at") >= F.lit(context.now() - HISTORY)
    rows = context.spark.table(RESULT.full_name).where(recent & F.col("observed").isNotNull())
    found: dict[str, list[Past]] = {}
    for row in rows.select("rule_id", "judged_at", "observed", "details").collect():
        found.setdefault(row.rule_id, []).append(Past(row.judged_at.replace(tzinfo=UTC), row.observed, row.details))
    return found


def _record(context: JobContext, layer: str, judged: Sequence[Judged], now: datetime) -> None:
    decision = max((j.decision for j in judged), key=("PASS", "WARN", "BLOCK").index)
    results, marks = [], []
    for one in judged:
        subject = one.subject
        head = (context.run_id, now, layer, subject.suite.table)
        digest = hashlib.sha256(subject.suite.model_dump_json().encode()).hexdigest()[:12]
        results += [(*head, *_values(verdict), decision, digest) for verdict in one.verdicts]
        coverage = rule_coverage(subject.rules, subject.columns)
        extra = (subject.clean_row_ratio, coverage)
        marks += [(*head, s.dimension, s.score, s.pass_ratio, s.rule_count, *extra) for s in scores(one.verdicts)]
    append_first(local_frame(context.spark, RESULT, results), RESULT)
    append_first(local_frame(context.spark, SCORE, marks), SCORE)


def _values(verdict: Verdict) -> tuple[object, ...]:
    spec = verdict.spec
    about = (spec.id, spec.type, spec.dimension, spec.severity, spec.on_fail)
    outcome = (verdict.success, verdict.raised, verdict.reason)
    counts = (verdict.element_count, verdict.missing_count, verdict.unexpected_count, verdict.share)
    arguments = json.dumps(spec.kwargs, default=str)
    return (*about, *outcome, *counts, verdict.observed, verdict.details, arguments, verdict.decision)
