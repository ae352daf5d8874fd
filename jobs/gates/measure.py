"""One pass over a table for all its rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from pyspark.sql import DataFrame

from quality.compile import Counts, compile_rules, measures, read_counts
from quality.model import RuleSpec


def measured(rules: Sequence[RuleSpec], rows: DataFrame) -> tuple[Counts, list[str]]:
    """Count for every rule in a single scan; gives the counts and the names of the columns."""
    values = rows.agg(*measures(compile_rules(rules), rules)).collect()[0].asDict()
    return read_counts(values), rows.columns


def as_text(counts: Counts) -> str:
    """Counts as JSON, to hand them from the task that writes to the gate that judges."""
    return json.dumps(asdict(counts), default=float)


def from_text(text: str) -> Counts:
    """Counts from JSON."""
    return Counts(**json.loads(text))
