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
from jobs.tracking import track
from lakehouse.errors import DataGateError
from lakehouse.io.frames import local_frame
from lakehouse.io.write import append_all
from lakehouse.tables.quality import RESULT, SCORE
from quality.compile import Counts
from quality.model import RuleSpec, Suite
from quality.score import rule_coverage, scores
from quality.thresholds import Past, filled, learn
from quality.verdicts import Decision, Verdict, decide

ORDER = ("PASS", "WARN", "BLOCK")
HISTORY = timedelta(days=60)
History = Mapping[tuple[str, str], list[Past]]


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
    _track(context, layer, judged)
    told = [v.told(j.subject.suite.table) for j in judged for v in j.verdicts if v.decision == "WARN"]
    for line in told:
        context.tell(f"gate {layer}: warning: {line}")
    if blocked := [v.told(j.subject.suite.table) for j in judged for v in j.verdicts if v.decision == "BLOCK"]:
        raise DataGateError(f"gate {layer}: {'; '.join(blocked)}; nothing was published, what was there stands")
    count = sum(len(j.verdicts) for j in judged)
    context.tell(f"gate {layer}: {count:,} rules judged, {len(told)} warnings")
    return judged


def _track(context: JobContext, layer: str, judged: Sequence[Judged]) -> None:
    verdicts = [verdict for one in judged for verdict in one.verdicts]
    failed = [verdict for verdict in verdicts if verdict.success is False]
    metrics = {f"dq.failed.{s}": float(sum(v.spec.severity == s for v in failed)) for s in ("critical", "warning")}
    metrics["dq.rows.checked"] = float(sum(one.subject.counts.rows for one in judged))
    for one in judged:
        for mark in scores(one.verdicts):
            if mark.score is not None:
                name = ".".join(filter(None, ("dq.score", one.subject.suite.table, mark.dimension)))
                metrics[name] = mark.score
    decision = max((one.decision for one in judged), key=ORDER.index)
    track(context, f"gate {layer}", metrics, {"layer": layer, "decision": decision, "run_id": context.run_id})


def _verdicts(context: JobContext, subject: Subject, history: History, now: datetime) -> list[Verdict]:
    from quality.judge import judge  # Great Expectations takes seconds to import

    known = {**subject.suite.parameters, **context.settings.quality_parameters, **subject.facts}
    settled: list[RuleSpec] = []
    cold: list[Verdict] = []
    for rule in subject.rules:
        spec = learn(filled(rule, known), history.get((subject.suite.table, rule.id), []), now)
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


def _history(context: JobContext) -> dict[tuple[str, str], list[Past]]:
    """Earlier values of every rule that observed one, by table and rule.

    Gates that blocked are left out: a bad batch is judged again by every run, and would teach that it is usual.
    """
    recent = F.col("judged_at") >= F.lit(context.now() - HISTORY)
    rows = context.spark.table(RESULT.full_name).where(recent & F.col("observed").isNotNull())
    rows = rows.where("gate_decision <> 'BLOCK'")
    found: dict[tuple[str, str], list[Past]] = {}
    for row in rows.select("table_name", "rule_id", "judged_at", "observed", "details").collect():
        past = Past(row.judged_at.replace(tzinfo=UTC), row.observed, row.details)
        found.setdefault((row.table_name, row.rule_id), []).append(past)
    return found


def _record(context: JobContext, layer: str, judged: Sequence[Judged], now: datetime) -> None:
    decision = max((j.decision for j in judged), key=ORDER.index)
    results, marks = [], []
    for one in judged:
        subject = one.subject
        head = (context.run_id, now, layer, subject.suite.table)
        digest = hashlib.sha256(subject.suite.model_dump_json().encode()).hexdigest()[:12]
        results += [(*head, *_values(verdict), decision, digest) for verdict in one.verdicts]
        coverage = rule_coverage(subject.rules, subject.columns)
        extra = (subject.clean_row_ratio, coverage)
        marks += [(*head, s.dimension, s.score, s.pass_ratio, s.rule_count, *extra) for s in scores(one.verdicts)]
    append_all(local_frame(context.spark, RESULT, results), RESULT)
    append_all(local_frame(context.spark, SCORE, marks), SCORE)


def _values(verdict: Verdict) -> tuple[object, ...]:
    spec = verdict.spec
    about = (spec.id, spec.type, spec.dimension, spec.severity, spec.on_fail)
    outcome = (verdict.success, verdict.raised, verdict.reason)
    counts = (verdict.element_count, verdict.missing_count, verdict.unexpected_count, verdict.share)
    arguments = json.dumps(spec.kwargs, default=str)
    return (*about, *outcome, *counts, verdict.observed, verdict.details, arguments, verdict.decision)
