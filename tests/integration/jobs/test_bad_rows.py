"""Real deliveries with 5 % bad rows of every kind: each is held back under its rule, and gold is as without them.

Aider's events and BFCL's requests, see their READMEs in the folder of the data; it is no part of the product.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jobs.aggregate import GOLD, aggregate
from jobs.context import JobContext
from jobs.ingest import ingest
from jobs.refine import refine
from lakehouse.errors import DataGateError
from quality.compile import compile_suite
from quality.loader import load_suite
from tests.support.repository import ROOT
from tests.support.source import Database, rows_of, table_source

DATA = ROOT.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real deliveries are not at {DATA}")

NAMES = ("id", "at", "delivered", "model", "tokens_in", "tokens_out", "cost", "ms", "error", "is_bad")
TYPES = {"at": " TIMESTAMPTZ", "delivered": " DATE", "is_bad": " BOOLEAN"}
COLUMNS = {
    "ended_at": "at", "response_model": "model", "input_tokens": "tokens_in", "output_tokens": "tokens_out",
    "cost_reported_usd": "cost", "duration_ms": "ms", "error_message_masked": "error",
}  # fmt: skip
EVERY = 20  # one bad row to so many good ones
SNAPSHOT = "snapshot=2024-07-06/part-00000.jsonl.gz"
# What README.md of Aider's events says of these: requests, input and output tokens, USD.
PUBLISHED = (4991, 63_232_331, 2_529_283, 163.13)
Row = dict[str, Any]


@dataclass(frozen=True)
class Bad:
    """A kind of bad row: what it has in place of the good values, and the rule that must hold it back."""

    rule: str
    change: Row


KINDS = [
    *(Bad("bad_identity", {"id": text}) for text in ("None", "null", "", "  ")),
    *(Bad("unparsable_value", {name: "many"}) for name in ("tokens_in", "tokens_out", "cost", "ms")),
    *(Bad("unparsable_value", {"cost": text}) for text in ("NaN", "Infinity")),
    *(Bad("not_finite", {"ms": text}) for text in ("NaN", "Infinity")),
    *(Bad("negative_measure", {name: "-1"}) for name in ("tokens_in", "tokens_out", "cost", "ms")),
    Bad("future_time", {"at": datetime(2099, 1, 1, tzinfo=UTC)}),
    Bad("epoch_unit", {"at": datetime(1970, 1, 20, tzinfo=UTC)}),
]


def aider() -> Iterator[Row]:
    """Answered requests of Aider's sample, which have an end, tokens and a cost."""
    for number, event in enumerate(_lines(DATA / "aider-analytics" / "events.jsonl.gz")):
        if event["event"] == "message_send":
            told = event["properties"]
            yield {
                "id": f"aider-{number}", "at": datetime.fromtimestamp(event["time"], UTC),
                "model": told["main_model"], "tokens_in": told["prompt_tokens"],
                "tokens_out": told["completion_tokens"], "cost": told["cost"],
            }  # fmt: skip


def bfcl() -> Iterator[Row]:
    """Every thirteenth request of BFCL's first snapshot, which has a latency and the date of its delivery."""
    for number, line in enumerate(islice(_lines(DATA / "bfcl-requests" / "landing" / SNAPSHOT), 0, None, 13)):
        latency = line.get("latency")
        yield {
            "id": f"bfcl-{number}", "delivered": line["snapshot"], "model": line["model"],
            "tokens_in": line.get("input_token_count"), "tokens_out": line.get("output_token_count"),
            "ms": None if latency is None else latency * 1000,
            "error": line["result"] if str(line["result"]).startswith("Error") else None,
        }  # fmt: skip


def _lines(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt") as file:
        yield from map(json.loads, file)


def mixed(good: list[Row]) -> tuple[list[Row], dict[str, int]]:
    """Good rows and their bad copies, the kinds in turn; and how many of each rule."""
    bad = [(copy | {"id": f"{copy['id']}-bad", "is_bad": True} | kind.change, kind.rule)
           for copy, kind in zip(good[::EVERY], cycle(KINDS), strict=False)]  # fmt: skip
    counts = {rule: sum(found == rule for _, found in bad) for rule in {kind.rule for kind in KINDS}}
    return [*good, *(row for row, _ in bad)], counts


@pytest.fixture(scope="module")
def delivered(make_database: Callable[[], Database]) -> tuple[Database, dict[str, dict[str, int]]]:
    """Both deliveries with bad rows among them, and how many bad rows of each rule each has."""
    made, counts = make_database(), {}
    for name, good in (("aider", list(aider())), ("bfcl", list(bfcl()))):
        made.run(f"CREATE TABLE {name} ({', '.join(column + TYPES.get(column, ' TEXT') for column in NAMES)})")
        rows, counts[name] = mixed(good)
        statement = f"COPY {name} FROM STDIN".encode()
        with psycopg.connect(made.url) as connection, connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row([row.get(column, False if column == "is_bad" else None) for column in NAMES])
    return made, counts


@pytest.fixture(scope="module")
def opened(
    delivered: tuple[Database, dict[str, Any]], open_lakehouse: Callable[..., JobContext]
) -> Callable[[], JobContext]:
    """Open an empty lakehouse that reads both deliveries."""
    database, _ = delivered
    with_date = COLUMNS | {"event_date": "coalesce(date(at), date(delivered))"}
    sources = tuple(table_source(database, name, columns=with_date) for name in ("aider", "bfcl"))
    return lambda: open_lakehouse(sources)


def run(context: JobContext, most: float | None = None) -> JobContext:
    """All rows to gold, with another limit of bad rows."""
    changes = {"quality_parameters": {"quarantine_share_max": most}} if most else {}
    mine = JobContext(context.settings.model_copy(update=changes), context.tell)
    mine.__dict__["spark"] = context.spark
    refine(mine)
    aggregate(mine)
    return mine


def gold_of(context: JobContext) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of gold, in order."""
    tables = [table for table, _ in GOLD]
    return {t.name: sorted(rows_of(context, f"SELECT * FROM {t.full_name}"), key=repr) for t in tables}


def test_every_rule_that_holds_rows_back_has_a_kind() -> None:
    """But those that the mapping makes impossible: nulls of our own columns, and enums, which it coerces."""
    rules = {r.id for r in compile_suite(load_suite("silver.llm_interactions")) if r.on_fail == "quarantine"}
    assert {rule for rule in rules if not rule.startswith(("null_", "enum_"))} == {kind.rule for kind in KINDS}


def test_bad_rows_are_held_back_and_gold_is_as_without_them(
    opened: Callable[[], JobContext], delivered: tuple[Database, dict[str, dict[str, int]]]
) -> None:
    """At the usual limit nothing is published; accepted, every good row stands and every bad one has its code."""
    database, bad = delivered
    context = opened()
    ingest(context)
    with pytest.raises(DataGateError, match=r"quarantine_share on silver\.llm_interactions: 0\.04\d+ instead of max"):
        run(context)
    assert not any(gold_of(context).values())
    run(context, most=0.06)
    held = "SELECT source_name, failed_rules, count(*) FROM silver.quarantine GROUP BY 1, 2"
    assert {(source, tuple(rules)): n for source, rules, n in rows_of(context, held)} == {
        (source, (rule,)): n for source, counts in bad.items() for rule, n in counts.items()
    }
    stands = "SELECT source_name, source_record_id FROM silver.llm_interactions"
    good = {(name, row["id"]) for name, rows in (("aider", aider()), ("bfcl", bfcl())) for row in rows}
    assert set(rows_of(context, stands)) == good
    told = "count(*), sum(input_tokens), sum(output_tokens), double(round(sum(cost_reported_usd), 2))"
    assert rows_of(context, f"SELECT {told} FROM silver.llm_interactions WHERE source_name = 'aider'") == [PUBLISHED]
    found = gold_of(context)
    for name in ("aider", "bfcl"):
        database.run(f"DELETE FROM {name} WHERE is_bad")
    clean = opened()
    ingest(clean)
    run(clean)
    assert rows_of(clean, "SELECT count(*) FROM silver.quarantine") == [(0,)]
    assert gold_of(clean) == found
