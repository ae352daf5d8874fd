"""Gate silver: the rows that refine staged, on the counts of the write that staged them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pyspark.sql import Row
from pyspark.sql import functions as F

from jobs import batches
from jobs.context import JobContext
from jobs.gates.measure import as_text, from_text
from jobs.gates.record import Subject, gate
from lakehouse.errors import IntegrityError
from lakehouse.io.write import version
from lakehouse.tables import ops, silver
from quality.compile import ROW_COUNT, read_counts
from quality.loader import load_suite
from quality.model import RuleSpec, Suite


def staged_rules(suite: Suite) -> list[RuleSpec]:
    """Rules that can be judged before pricing."""
    return [rule for rule in suite.expectations if rule.stage == "staged"]


def record_staged(context: JobContext, pending: list[Row], seen: Mapping[str, Any]) -> None:
    """Record what the write that staged the batches counted."""
    rows = int(seen[ROW_COUNT])
    facts = {
        "version": version(context.spark, ops.STAGING),
        "counts": as_text(read_counts(seen)),
        "clean_row_ratio": seen["clean"] / rows if rows else None,
    }
    heads = [{"batch_id": row.batch_id, "source_name": row.source_name} for row in pending]
    batches.record(context, [head | {"state": "STAGED", "facts": json.dumps(facts)} for head in heads])


def judge_staged(context: JobContext) -> list[Row]:
    """Judge the staged batches.

    Returns:
        The batches that may be published, [] where none waits.

    Raises:
        DataGateError: A critical rule failed; silver stays as it is.
        IntegrityError: The staging table is not what refine counted.
    """
    pending = {row.batch_id: row for row in batches.in_state(context.spark, "VERIFIED", without="REFINED")}
    staged = context.spark.table(ops.BATCH.full_name).where("state = 'STAGED'").orderBy(F.desc("recorded_at"))
    newest = [row for row in staged.select("batch_id", "facts").collect() if row.batch_id in pending]
    if not newest:
        context.tell("gate silver: nothing to judge")
        return []
    facts = json.loads(newest[0].facts)
    if facts["version"] != version(context.spark, ops.STAGING):
        raise IntegrityError(f"{ops.STAGING.full_name} is not what was counted: run `observatory refine` again")
    suite = load_suite(silver.INTERACTIONS.full_name)
    counts = from_text(facts["counts"])
    clean = facts["clean_row_ratio"]
    gate(context, "silver", [Subject(suite, staged_rules(suite), counts, ops.STAGING.column_names, {}, clean)])
    return [pending[batch_id] for batch_id in sorted({row.batch_id for row in newest if row.facts == newest[0].facts})]
