"""Ops: what the quality gates found."""

from __future__ import annotations

from lakehouse.tables.columns import pick
from lakehouse.tables.model import Column, Table

DECISIONS = ("PASS", "WARN", "BLOCK")
BRONZE_ROW = ("source_name", "record_hash", "batch_id")  # a row of bronze, whatever a mapping makes of its key

RESULT = Table(
    "ops", "quality_result", "One row per rule and run of its gate",
    (
        Column("run_id", "STRING", "Run whose gate judged", nullable=False),
        Column("judged_at", "TIMESTAMP", "When the gate judged, UTC", nullable=False),
        Column("layer", "STRING", "Layer of the gate", enum=("bronze", "silver", "gold"), nullable=False),
        Column("table_name", "STRING", "Table that the rule is about", nullable=False),
        Column("rule_id", "STRING", "Rule, as in docs/DATA_QUALITY.md", nullable=False),
        Column("expectation_type", "STRING", "Type of the Great Expectations expectation"),
        Column("dimension", "STRING", "Dimension of quality that the rule is about"),
        Column("severity", "STRING", "critical or warning"),
        Column("on_fail", "STRING", "quarantine holds rows back, flag marks them, gate judges the run"),
        Column("is_met", "BOOLEAN", "Whether the rule was met; null when it was not judged, `reason` says why"),
        Column("is_raised", "BOOLEAN", "Whether the rule raised an exception, which blocks"),
        Column("reason", "STRING", "Why it was not judged, or what it raised; null otherwise"),
        Column("element_count", "BIGINT", "Rows looked at; null where the rule counts none", "1"),
        Column("missing_count", "BIGINT", "Rows out of scope, their value being null", "1"),
        Column("unexpected_count", "BIGINT", "Rows that break the rule; null where it counts none", "1"),
        Column("unexpected_ratio", "DOUBLE", "unexpected_count by rows in scope", "ratio"),
        Column("observed", "DOUBLE", "Value that an aggregate rule was judged on; null for others"),
        Column("details", "STRING", "JSON of what later runs learn from; null where nothing"),
        Column("arguments", "STRING", "JSON of the rule's arguments as judged, learned bounds filled in"),
        Column("decision", "STRING", "What this rule alone asks for", enum=DECISIONS),
        Column("gate_decision", "STRING", "What the gate did", enum=DECISIONS),
        Column("suite_hash", "STRING", "First 12 hex digits of SHA-256 over the rules of the suite"),
    ),
    key=("run_id", "judged_at", "table_name", "rule_id"), cluster_by=("table_name", "rule_id"),
    sources=("quality/suites",),
)  # fmt: skip

SCORE = Table(
    "ops", "quality_score", "One row per table, dimension and run of its gate; dimension null is the whole table",
    (
        *RESULT.columns[:4],
        Column("dimension", "STRING", "Dimension of quality; null for the table as a whole"),
        Column("score", "DOUBLE", "0 to 100, at most 49 when a critical rule failed; null when no rule was judged"),
        Column("pass_ratio", "DOUBLE", "Rows that met rules by rows in scope; null where no rule counts", "ratio"),
        Column("rule_count", "BIGINT", "Rules that were judged", "1"),
        Column("clean_row_ratio", "DOUBLE", "Rows that broke no rule; null where it is not known", "ratio"),
        Column("rule_coverage_ratio", "DOUBLE", "Columns with a rule by columns of the table", "ratio"),
    ),
    key=("run_id", "judged_at", "table_name", "dimension"), sources=("ops.quality_result",),
)  # fmt: skip

DECISION = Table(
    "ops", "quarantine_decision", "One row per decision about a quarantined row, and what came of it",
    (
        Column("decision_id", "BIGINT", "The decision; of a release also its batch in ops.batch", nullable=False),
        *pick(*BRONZE_ROW),
        *pick("failed_rules"),
        Column(
            "outcome", "STRING",
            "requested: to be released; published: now in silver or superseded; held: still breaks a rule; discarded",
            enum=("requested", "published", "held", "discarded"),
        ),
        Column("reason", "STRING", "Why, in the words of who decided"),
        Column("decided_by", "STRING", "User of the session"),
        Column("run_id", "STRING", "Run that wrote this row"),
        *pick("recorded_at"),
    ),
    key=("decision_id", *BRONZE_ROW, "outcome"), sources=("silver.quarantine",),
)  # fmt: skip

LINEAGE = Table(
    "ops", "view_lineage", "One row per view of analytics and table with rules that its figures rest on",
    (
        Column("view_name", "STRING", "View of analytics", nullable=False),
        Column("table_name", "STRING", "Table that has a suite of rules", nullable=False),
    ),
    key=("view_name", "table_name"), sources=("lakehouse/sql/views",),
)  # fmt: skip

TABLES = (RESULT, SCORE, DECISION, LINEAGE)
