"""Rule files: whatever is unknown, missing or twice is an error that names the rule."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from lakehouse.errors import SuiteError
from quality.loader import load_suite, parse_suite

RULE: dict[str, Any] = {
    "id": "no_model",
    "type": "expect_column_values_to_not_be_null",
    "kwargs": {"column": "response_model"},
    "severity": "warning",
    "dimension": "completeness",
    "on_fail": "flag",
    "why": "Cannot be priced without.",
}


def suite(*rules: dict[str, Any], **more: Any) -> str:
    """A rule file."""
    return yaml.safe_dump({"table": "silver.llm_interactions", "expectations": list(rules)} | more)


def test_reads_what_is_complete() -> None:
    """As written."""
    parsed = parse_suite(suite(RULE, RULE | {"id": "other"}), "file.yml")
    assert [rule.id for rule in parsed.expectations] == ["no_model", "other"]
    assert parsed.expectations[0].kwargs == {"column": "response_model"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (suite(RULE | {"severity": "fatal"}), ["expectations.0.severity", "'critical' or 'warning'"]),
        (suite(RULE | {"on_fail": "drop"}), ["expectations.0.on_fail", "'quarantine' or 'flag'"]),
        (suite(RULE | {"dimension": "beauty"}), ["expectations.0.dimension"]),
        (suite(RULE, RULE | {"id": "b", "mostly": 0.9}), ["expectations.1.mostly", "unknown key"]),
        (suite({k: v for k, v in RULE.items() if k != "why"}), ["expectations.0.why", "required"]),
        (suite(RULE | {"why": "because"}), ["expectations.0.why", "at least 10"]),
        (suite(RULE | {"id": "No Model"}), ["expectations.0.id", "pattern"]),
        (suite(RULE, RULE), ["rule ids stand twice: no_model"]),
        (suite(), ["expectations", "at least 1"]),
        (suite(RULE, owner="me"), ["owner", "unknown key"]),
        ("table: [", ["not valid YAML"]),
        ("just text", ["settings"]),
        ("", ["settings"]),
    ],
)
def test_what_is_wrong_is_named(text: str, named: list[str]) -> None:
    """With the file."""
    with pytest.raises(SuiteError) as caught:
        parse_suite(text, "quality/suites/file.yml")
    assert all(part in str(caught.value) for part in ["quality/suites/file.yml", *named]), caught.value
    assert caught.value.exit_code == 2


def test_missing_suite_is_named() -> None:
    """By the file that would hold it."""
    with pytest.raises(SuiteError, match=r"there is no suite quality/suites/silver_nothing\.yml"):
        load_suite("silver.nothing")
