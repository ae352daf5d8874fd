"""The taxonomy of errors, on texts that providers really sent and on what our sources say."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakehouse.analyses.errors import ORIGINS, RULES, classify, originate
from lakehouse.silver.errors import error_origin, error_type
from lakehouse.tables.columns import ERROR_ORIGINS, ERROR_TYPES
from tests.support.errors import PUBLISHED
from tests.support.frames import frame, typed

LABELLED = Path(__file__).parents[5] / "shared/data/llm-error-messages/errors.csv.gz"
COLUMNS = typed(id="STRING", code="INT", text="STRING")

# HTTP status and text → class and origin.
CASES: dict[tuple[int | None, str | None], tuple[str, str | None]] = {
    (429, "Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM)"): ("rate_limit", "provider"),
    (429, "ProxyException litellm_rate_limit Crossed TPM / RPM / Max Parallel Request Limit"): (
        "rate_limit",
        "gateway",
    ),
    (429, "No deployments available for selected model"): ("rate_limit", "gateway"),
    (429, "You exceeded your current quota, please check your plan and billing details."): (
        "quota_billing",
        "provider",
    ),
    (400, "BudgetExceededError Budget has been exceeded! Current cost: 10.02, Max budget: 10.0"): (
        "quota_billing",
        "budget",
    ),
    (400, "This model's maximum context length is 4097 tokens"): ("context_length", "client"),
    (400, "Violated guardrail policy"): ("content_filter", "guardrail"),
    (401, "AuthenticationError Authentication Error, Invalid proxy server token passed"): ("auth", "client"),
    (400, "Messages don't properly alternate user/assistant"): ("invalid_request", "client"),
    (None, "Timeout Request timed out."): ("timeout", "provider"),
    (None, "asyncio.exceptions.CancelledError asyncio.exceptions.TimeoutError"): ("timeout", "provider"),
    (None, "CancelledError"): ("cancelled", "client"),
    (None, "[Errno 61] Connection refused"): ("connection", None),
    (None, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"): ("connection", None),
    (None, "name 'dump' is not defined"): ("other", None),
    (504, None): ("timeout", "provider"),
    (529, None): ("overloaded", "provider"),
    (404, ""): ("model_not_found", "client"),
    (499, None): ("cancelled", "client"),
    (418, None): ("other", None),
    (None, None): ("other", None),
}


def classified(spark: SparkSession, errors: list[tuple[str, int | None, str | None]]) -> dict[str, tuple[str, str]]:
    """Class and origin by id."""
    rows = frame(spark, COLUMNS, [{"id": key, "code": code, "text": text} for key, code, text in errors])
    kind = error_type(F.col("code"), F.col("text"))
    found = rows.select("id", kind.alias("kind"), error_origin(kind, F.col("text")).alias("origin")).collect()
    return {row.id: (row.kind, row.origin) for row in found}


def test_cases(spark: SparkSession) -> None:
    """Text comes before status where providers reuse a status."""
    found = classified(spark, [(repr(key), *key) for key in CASES])
    assert found == {repr(key): value for key, value in CASES.items()}


def test_rules_are_about_known_classes() -> None:
    """Each class has rules; other is what none matches."""
    assert {name for name, _, _ in RULES} == set(ERROR_TYPES) - {"other"}
    assert {kind for kinds in ORIGINS.values() for kind in kinds} == set(ERROR_TYPES) - {"other", "connection"}
    assert {origin for _, origin in CASES.values()} - {None} == set(ERROR_ORIGINS)


def test_spark_and_python_agree(spark: SparkSession) -> None:
    """The same table, evaluated by Java's regular expressions and by Python's, on every text that we have."""
    texts = [*PUBLISHED, *labelled_texts()]
    errors = [(f"{status} {at}", status, text) for at, text in enumerate(texts) for status in (None, 400, 429, 503)]
    found = classified(spark, errors)
    expected = {key: (kind := classify(status, text), originate(kind, text)) for key, status, text in errors}
    assert found == expected


def labelled_texts() -> list[str]:
    """Messages of the labelled set; none where it is not there."""
    if not LABELLED.exists():
        return []
    with gzip.open(LABELLED, "rt") as file:
        return [error["message"] for error in csv.DictReader(file)]
