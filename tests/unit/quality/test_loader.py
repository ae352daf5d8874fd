"""Rule files: whatever is unknown, missing or twice is an error that names the rule."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from lakehouse.errors import SuiteError
from lakehouse.tables.silver import INTERACTIONS
from quality.loader import load_suite, load_suites, parse_suite

RULE: dict[str, Any] = {
    "id": "no_model",
    "type": "expect_column_values_to_not_be_null",
    "kwargs": {"column": "response_model"},
    "severity": "warning",
    "dimension": "completeness",
    "on_fail": "flag",
    "why": "Cannot be priced without.",
    "fix": "Map the model of the source.",
}


def suite(*rules: dict[str, Any], **more: Any) -> str:
    """A rule file."""
    given = {"table": "silver.llm_interactions", "every_row": "batch_id", "expectations": list(rules)}
    return yaml.safe_dump(given | more)


def test_reads_what_is_complete() -> None:
    """As written."""
    parsed = parse_suite(suite(RULE, RULE | {"id": "other"}), "file.yml")
    assert [rule.id for rule in parsed.expectations] == ["no_model", "other"]
    assert parsed.expectations[0].kwargs == {"column": "response_model", "mostly": 1.0}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (suite(RULE | {"severity": "fatal"}), ["expectations.0.severity", "'critical' or 'warning'"]),
        (suite(RULE | {"on_fail": "drop"}), ["expectations.0.on_fail", "'quarantine', 'flag' or 'gate'"]),
        (suite(RULE | {"dimension": "beauty"}), ["expectations.0.dimension"]),
        (suite(RULE, RULE | {"id": "b", "mostly": 0.9}), ["expectations.1.mostly", "unknown key"]),
        (suite({k: v for k, v in RULE.items() if k != "why"}), ["expectations.0.why", "required"]),
        (suite({k: v for k, v in RULE.items() if k != "fix"}), ["expectations.0.fix", "required"]),
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


def test_the_tolerance_of_the_suite_is_for_rules_over_rows() -> None:
    """A rule's own comes first, one that judges the run tolerates nothing; whole rows get a column to count by."""
    rules = (
        RULE | {"kwargs": {"column": "response_model", "mostly": 0.5}},
        RULE | {"id": "gate", "on_fail": "gate"},
        RULE | {"id": "row", "type": "expect_row_to_satisfy", "kwargs": {"predicate": "true"}},
    )
    parsed = parse_suite(suite(*rules, mostly=0.9), "file.yml").expectations
    assert [rule.kwargs.get("mostly") for rule in parsed] == [0.5, None, 0.9]
    assert parsed[2].kwargs["column"] == "batch_id"


def test_what_the_table_implies_is_derived() -> None:
    """Columns, what is required, enums, ranges and key, each with an id of its own."""
    text = suite(RULE, derive=["columns", "not_null", "enum", "range", "key"])
    rules = {rule.id: rule for rule in parse_suite(text, "file.yml").expectations[1:]}
    by_kind = {kind: [name for name in rules if name.startswith(f"{kind}_")] for kind in ("null", "enum", "range")}
    assert by_kind["null"] == ["null_interaction_id", "null_source_name", "null_batch_id"]
    required = [c.name for c in INTERACTIONS.columns if c.enum]
    assert by_kind["enum"] == [f"enum_{name}" for name in required]
    assert rules["enum_status"].kwargs == {"column": "status", "value_set": ["ok", "error", "cancelled", "rejected"]}
    assert rules["range_input_tokens"].kwargs == {"column": "input_tokens", "min_value": 0}
    assert "range_is_stream" not in rules
    assert rules["columns_llm_interactions"].kwargs["column_set"] == list(INTERACTIONS.column_names)
    assert "interaction_id" in rules["key_llm_interactions"].kwargs["expression"]


def test_every_suite_has_a_rule_that_counts_rows() -> None:
    """An empty batch must not pass by silence, so one that lacks it is no valid suite."""
    for loaded in load_suites():
        assert any(rule.type == "expect_table_row_count_to_be_between" for rule in loaded.expectations), loaded.table
