"""Which of several versions of a row stands, and which lost to which."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

from pyspark.sql import SparkSession

from lakehouse.silver import supersede, versions
from lakehouse.tables import silver
from lakehouse.tables.columns import pick
from tests.support.frames import assert_same, at, frame

COLUMNS = pick("interaction_id", *supersede.FACTS)
LOSERS = tuple(column for column in silver.SUPERSEDED.columns if column.name != "recorded_at")


def row(key: str, batch: int, record_hash: str, **more: Any) -> dict[str, Any]:
    """One version of a row."""
    facts = {"source_name": "gateway", "source_record_id": key, "batch_id": batch, "record_hash": record_hash}
    return {"interaction_id": f"i-{key}"} | facts | more


def lost(version: dict[str, Any], by: int, reason: str) -> dict[str, Any]:
    """The version as a row of silver.superseded."""
    facts = {name: value for name, value in version.items() if name != "interaction_id"}
    return facts | {"superseded_by_batch_id": by, "reason": reason}


def test_repeated_names_each_key_once(spark: SparkSession) -> None:
    """And no key that stands alone."""
    rows = [row("a", 1, "x"), row("b", 1, "x"), row("b", 2, "y"), row("b", 3, "z")]
    assert_same(
        versions.repeated(frame(spark, COLUMNS, rows)),
        pick("interaction_id"),
        [{"interaction_id": "i-b"}],
        key=["interaction_id"],
    )


def test_order_is_total_whatever_the_order_of_arrival(spark: SparkSession) -> None:
    """Newest batch first, then the greater hash: every engine and every replay choose the same version."""
    several = (("x", 2), ("y", 2), ("z", 1))
    orders = {str(i): order for i, order in enumerate(permutations(several))}
    rows = [row(key, batch, text) for key, order in orders.items() for text, batch in order]
    ranks = (("y", 2, 1), ("x", 2, 2), ("z", 1, 3))
    expected = {(key, *rank) for key in orders for rank in ranks}
    ranked = versions.newest(frame(spark, COLUMNS, rows))
    found = ranked.select("source_record_id", "record_hash", "batch_id", "version_rank").collect()
    assert {tuple(r) for r in found} == expected


def test_within_a_batch_all_but_one_version_lose(spark: SparkSession) -> None:
    """Equal ones are duplicates, others were updated; dates go with them, so that their windows are rebuilt."""
    old = row("a", 1, "x", event_at=at("2025-06-03T09:00:00"), event_date=date(2025, 6, 3))
    equal, new = row("a", 1, "y"), row("a", 2, "y")
    alone = row("b", 2, "q")
    actual = supersede.within(versions.newest(frame(spark, COLUMNS, [old, equal, new, alone])))
    assert_same(actual, LOSERS, [lost(old, 2, "updated"), lost(equal, 2, "duplicate")], key=["record_hash"])


def test_against_what_stands(spark: SparkSession) -> None:
    """The newer batch wins, an equal version leaves the older standing, a replay is no loser."""
    moved = {"event_at": at("2025-06-03T09:00:00"), "event_date": date(2025, 6, 3)}
    pairs = {  # new and standing version → who loses
        "newer": (row("newer", 5, "y"), row("newer", 3, "x", **moved)),
        "equal": (row("equal", 5, "x"), row("equal", 3, "x")),
        "replay": (row("replay", 5, "x"), row("replay", 5, "x")),
        "late": (row("late", 2, "y"), row("late", 3, "x")),
        "late and equal": (row("late and equal", 2, "x"), row("late and equal", 3, "x")),
    }
    candidates = [new for new, _ in pairs.values()] + [row("first", 5, "x")]
    standing = [old for _, old in pairs.values()] + [row("untouched", 1, "x")]
    expected = [
        lost(pairs["newer"][1], 5, "updated"),
        lost(pairs["equal"][0], 3, "duplicate"),
        lost(pairs["late"][0], 3, "updated"),
        lost(pairs["late and equal"][0], 3, "duplicate"),
    ]
    actual = supersede.against(frame(spark, COLUMNS, candidates), frame(spark, COLUMNS, standing))
    assert_same(actual, LOSERS, expected, key=["source_record_id"])
