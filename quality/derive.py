"""Rules that a table's definition implies: its columns, what is never null, enums, ranges and key."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lakehouse.tables import table
from lakehouse.tables.bronze import bronze_table
from lakehouse.tables.model import Column, Table
from quality.model import Kind, RuleSpec, Suite

COUNTED = ("1", "token", "ms", "USD")  # units whose values cannot be negative
NUMBERS = ("INT", "BIGINT", "DOUBLE", "DECIMAL")
TYPE = "expect_column_values_to_{}"


def judged_table(suite: Suite) -> Table:
    """Definition of the table whose rows a suite judges; `bronze.source` is any source's, its envelope alone."""
    name = suite.judged or suite.table
    return bronze_table("source", (), "any source") if name == "bronze.source" else table(name)


def derived(suite: Suite) -> Iterator[RuleSpec]:
    """Rules of the kinds that the suite asks for, in the order of the table's columns."""
    if not suite.derive:
        return
    judged = judged_table(suite)
    own = judged if suite.judged is None else table(suite.table)
    there = [column for column in own.columns if column.name in judged.column_names]
    for kind in suite.derive:
        yield from _KINDS[kind](judged, there, suite)


def _rule(kind: str, name: str, suite: Suite, **changes: object) -> RuleSpec:
    """Rows of a table that is judged before it is published are held back; others stop the pipeline."""
    given = {"id": f"{kind}_{name}", "severity": "critical", "dimension": "validity"}
    given |= {"on_fail": "quarantine" if suite.judged else "gate"}
    fix = f"Correct what writes {name}, or its definition in lakehouse/tables; then run the task again."
    return RuleSpec.model_validate(given | {"fix": fix} | changes)


def _columns(judged: Table, _: list[Column], suite: Suite) -> Iterator[RuleSpec]:
    yield _rule(
        "columns", judged.name, suite, type="expect_table_columns_to_match_set", on_fail="gate",
        kwargs={"column_set": list(judged.column_names), "exact_match": True},
        why="The table has just the columns of its definition; views and dashboards name them.",
    )  # fmt: skip


def _not_null(_: Table, columns: list[Column], suite: Suite) -> Iterator[RuleSpec]:
    for column in columns:
        if not column.nullable:
            yield _rule(
                "null", column.name, suite, type=TYPE.format("not_be_null"), kwargs={"column": column.name},
                dimension="completeness", why=f"{column.name} is required by the table's definition.",
            )  # fmt: skip


def _enum(_: Table, columns: list[Column], suite: Suite) -> Iterator[RuleSpec]:
    for column in columns:
        if column.enum:
            yield _rule(
                "enum", column.name, suite, type=TYPE.format("be_in_set"),
                kwargs={"column": column.name, "value_set": list(column.enum)},
                why=f"{column.name} may only hold the values of its definition; a new one falls out of every chart.",
            )  # fmt: skip


def _range(_: Table, columns: list[Column], suite: Suite) -> Iterator[RuleSpec]:
    for column in columns:
        if column.unit in COUNTED and column.type.startswith(NUMBERS):
            yield _rule(
                "range", column.name, suite, type=TYPE.format("be_between"),
                kwargs={"column": column.name, "min_value": 0},
                why=f"{column.name} counts or measures something and cannot be negative; a sum would hide it.",
            )  # fmt: skip


def _key(judged: Table, _: list[Column], suite: Suite) -> Iterator[RuleSpec]:
    texts = ", ".join(f"coalesce(string({name}), '\\0')" for name in judged.key)
    yield _rule(
        "key", judged.name, suite, type="expect_aggregate_to_be_between", on_fail="gate", dimension="uniqueness",
        kwargs={
            "column": suite.every_row, "max_value": 0,
            "expression": f"count(1) - count(DISTINCT xxhash64(concat_ws('\\u001f', {texts})))",
        },
        why=f"Two rows with the same {', '.join(judged.key)} would count twice in every sum.",
    )  # fmt: skip


_KINDS: dict[Kind, Callable[[Table, list[Column], Suite], Iterator[RuleSpec]]] = {
    "columns": _columns, "not_null": _not_null, "enum": _enum, "range": _range, "key": _key,
}  # fmt: skip
