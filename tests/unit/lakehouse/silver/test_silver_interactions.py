"""silver.llm_interactions from mapped rows of any source."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lakehouse.silver.content import llm_interaction_content
from lakehouse.silver.interactions import interaction_id, llm_interactions
from lakehouse.silver.quarantine import quarantine
from lakehouse.tables import silver
from lakehouse.tables.columns import pick
from lakehouse.tables.model import Column
from tests.support.frames import assert_same, at, frame, typed
from tests.support.litellm import MAPPED_COLUMNS

CONTENT = (Column("input_messages", "STRING", "Prompt"), Column("output_messages", "STRING", "Answer"))
COLUMNS = (
    *pick("interaction_id", "source_system", "source_name", "event_at"),
    *silver.MAPPED,
    *pick("cast_failures", "record_hash", "batch_id", "ingested_at"),
    *CONTENT,
)
ENVELOPE: dict[str, Any] = {"_source": "gateway", "_batch_id": 7, "_record_hash": "h", "_ingested_at": at("2025-06-04")}
OK = {"status": "ok", "time_basis": "event", "operation_name": "chat"}
FAILED = OK | {"status": "error"}
OTHER = {"status": "error", "time_basis": "missing", "operation_name": "other", "error_type": "other"}
NINE, TEN = at("2025-06-03T09:00:00"), at("2025-06-03T10:00:00")


def sha(text: str) -> str:
    """Key of an interaction, by Python's own hash."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def made(spark: SparkSession, rows: dict[str, dict[str, Any]]) -> DataFrame:
    """Rows by their source_record_id."""
    given = [ENVELOPE | {"source_record_id": key, "cast_failures": []} | row for key, row in rows.items()]
    return llm_interactions(frame(spark, MAPPED_COLUMNS, given), "litellm")


# Mapped row, and what is different in silver; texts that no table keeps are gone.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "both times": (OK | {"started_at": NINE, "ended_at": TEN, "input_tokens": 5}, {"event_at": NINE}),
    "end only": (OK | {"ended_at": TEN}, {"event_at": TEN}),
    "paired": (OK | {"started_at": NINE, "time_basis": "paired"}, {"event_at": NINE}),
    "batch": (OK | {"started_at": NINE, "time_basis": "batch", "event_date": date(2025, 6, 3)}, {}),
    "date": (OK | {"event_date": date(2025, 6, 3), "time_basis": "date"}, {}),
    "no words": ({}, OTHER),
    "unknown words": (
        {"status": "succeeded", "time_basis": "guess", "operation_name": "dance", "service_tier": "gold"},
        OTHER | {"service_tier": None},
    ),
    "error of an ok attempt": (
        OK | {"error_type": "timeout", "error_origin": "client", "error_message": "late", "http_status_code": 200},
        {"error_type": None, "error_origin": None},
    ),
    "class from code": (FAILED | {"http_status_code": 429}, {"error_type": "rate_limit", "error_origin": "provider"}),
    "class from text": (
        FAILED | {"error_class": "BudgetExceededError", "error_message": "Budget has been exceeded! a@b.org"},
        {"error_type": "quota_billing", "error_origin": "budget"}
        | {"error_message_masked": "Budget has been exceeded! <email>"},
    ),
    "class as mapped": (FAILED | {"error_type": "timeout", "error_origin": "gateway", "http_status_code": 429}, {}),
    "unknown class": (
        FAILED | {"error_type": "oops", "error_origin": "aliens", "http_status_code": 401},
        {"error_type": "auth", "error_origin": "client"},
    ),
    "masked before it is cut": (
        FAILED | {"error_message": "x" * 490 + " sk-" + "k" * 40 + " tail"},
        {"error_message_masked": "x" * 490 + " <key> tai", "error_type": "other"},
    ),
    "long": (FAILED | {"error_message": "é" * 5000}, {"error_message_masked": "é" * 500, "error_type": "other"}),
}


def test_cases(spark: SparkSession) -> None:
    """Identity, event time, known words and error class."""
    facts = {"source_system": "litellm", "source_name": "gateway"}
    facts |= {"record_hash": "h", "batch_id": 7, "ingested_at": at("2025-06-04"), "cast_failures": []}
    expected = []
    for key, (given, changes) in CASES.items():
        kept = {name: value for name, value in given.items() if name not in silver.INTERMEDIATE}
        identity = {"interaction_id": sha(f"gateway\x1f{key}"), "source_record_id": key}
        expected.append(facts | identity | kept | changes)
    actual = made(spark, {key: given for key, (given, _) in CASES.items()})
    assert_same(actual, COLUMNS, expected, key=["source_record_id"])


def test_identity(spark: SparkSession) -> None:
    """The same record of two sources is two interactions; without a record id there is none."""
    rows = [{"source": "a", "id": "1"}, {"source": "b", "id": "1"}, {"source": "a", "id": ""}, {"source": "a"}]
    keys = frame(spark, typed(source="STRING", id="STRING"), rows).select(interaction_id(F.col("source"), F.col("id")))
    assert [row[0] for row in keys.collect()] == [sha("a\x1f1"), sha("b\x1f1"), sha("a\x1f"), None]


def test_content_is_masked_and_only_of_rows_that_have_some(spark: SparkSession) -> None:
    """One row per attempt with a prompt or an answer."""
    rows = {
        "both": OK | {"input_messages": "mail a@b.org", "output_messages": "key sk-" + "a" * 40},
        "answer": OK | {"output_messages": "fine"},
        "neither": OK,
    }
    facts = {"source_name": "gateway", "batch_id": 7}
    expected = [
        facts | {"interaction_id": sha("gateway\x1fboth"), "input_messages": "mail <email>"}
        | {"output_messages": "key <key>"},
        facts | {"interaction_id": sha("gateway\x1fanswer"), "output_messages": "fine"},
    ]  # fmt: skip
    actual = llm_interaction_content(made(spark, rows))
    assert_same(actual, silver.CONTENT.columns, expected, key=["interaction_id"])


def test_quarantine_keeps_the_row_and_why_but_no_content(spark: SparkSession) -> None:
    """The mapped row as JSON without nulls, beside the rules that it broke."""
    row = OK | {"input_tokens": -5, "input_messages": "CANARY-PROMPT", "error_message": "CANARY-ERROR"}
    judged = made(spark, {"a": row}).withColumn("failed_rules", F.array(F.lit("negative_measure")))
    columns = tuple(column for column in silver.QUARANTINE.columns if column.name != "recorded_at")
    text = '{"source_record_id":"a","time_basis":"event","operation_name":"chat","input_tokens":-5,"status":"ok"}'
    facts = {"source_name": "gateway", "source_record_id": "a", "record_hash": "h", "batch_id": 7}
    expected = facts | {"failed_rules": ["negative_measure"], "cast_failures": [], "row_json": text}
    assert_same(quarantine(judged), columns, [expected | {"ingested_at": at("2025-06-04")}], key=["source_record_id"])
