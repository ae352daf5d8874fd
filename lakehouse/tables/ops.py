"""Ops: what the pipeline did."""

from __future__ import annotations

from lakehouse.tables.columns import pick
from lakehouse.tables.model import Column, Table
from lakehouse.tables.silver import MAPPED

STRATEGIES = ("incremental", "backfill", "release")

BATCH = Table(
    "ops", "batch", "One row per batch and state it reached; the last row is its state",
    (
        *pick("batch_id", "source_name", "state", required=("batch_id", "source_name", "state")),
        Column("strategy", "STRING", "What is new, a window again, or rows released from quarantine", enum=STRATEGIES),
        Column("window_from", "TIMESTAMP", "Event times read, from; null for the rows without event time"),
        Column("window_to", "TIMESTAMP", "Event times read, until, exclusive; null for rows without event time"),
        Column("rows_source", "BIGINT", "Rows that the source counted in the window, in the snapshot read", "1"),
        Column("checksum_source", "STRING", "The source's checksum over their keys and event times"),
        Column("rows_read", "BIGINT", "Rows that arrived", "1"),
        Column("checksum_read", "STRING", "Our checksum over what arrived"),
        Column("rows_written", "BIGINT", "Rows appended to bronze; the others were there already", "1"),
        Column("max_event_at", "TIMESTAMP", "Newest event time read, not later than the source's clock"),
        Column("bronze_version", "BIGINT", "Delta version of the append; null when nothing was new"),
        Column("schema_fingerprint", "STRING", "Hash of the source's column names and types"),
        Column("facts", "STRING", "JSON: what the rules counted (STAGED), gold's versions before (REBUILDING)"),
        Column("file_name", "STRING", "Delivered file, its path within the source's folder; null for a database"),
        Column("file_sha256", "STRING", "SHA-256 of that file's bytes; with its name, what it is known again by"),
        Column("file_bytes", "BIGINT", "Size of that file", "By"),
        Column("file_modified_at", "TIMESTAMP", "When that file was last changed"),
        Column("run_id", "STRING", "Run that wrote this row"),
        *pick("recorded_at"),
    ),
    key=("batch_id", "state"), sources=("the source database",),
)  # fmt: skip

SOURCE_COLUMN = Table(
    "ops", "source_column", "One row per source and canonical column",
    (
        *pick("source_name", "source_system"),
        Column("canonical_column", "STRING", "Column of silver.llm_interactions"),
        Column("expression", "STRING", "What fills it; null when nothing does"),
        Column("why_null", "STRING", "Why the column is null for this source; null when it is filled"),
        *pick("recorded_at"),
    ),
    key=("source_name", "canonical_column"), sources=("configuration",),
)  # fmt: skip

DELIVERED_ROW = Table(
    "ops", "delivered_row", "One row per batch that read a file, row key in it and version of that row",
    (
        *pick("batch_id", "source_name", "source_record_id", "record_hash", required=("batch_id", "source_name")),
        Column("row_count", "BIGINT", "How often the file has that row", "1"),
    ),
    key=("batch_id", "source_record_id", "record_hash"), cluster_by=("source_name", "batch_id"),
    sources=("delivered files",),
)  # fmt: skip

SETTING = Table(
    "ops", "setting", "One row per fact that views or later runs read",
    (
        Column("name", "STRING", "Key of the settings file, or price_book_version", nullable=False),
        Column("setting_value", "STRING", "Its value"),
        *pick("recorded_at"),
    ),
    key=("name",), sources=("configuration",),
)  # fmt: skip

STAGING = Table(
    "ops",
    "staging_llm_interactions",
    "One row per bronze row of the batches being refined, mapped and judged, neither priced nor published",
    (
        *pick("interaction_id", "source_system", "source_name", "event_at"),
        *MAPPED,
        *pick("cast_failures", "failed_rules", "record_hash", "batch_id", "ingested_at"),
    ),
    key=("source_name", "source_record_id", "record_hash", "batch_id"),
    sources=("bronze.*",),
)

LEASE = Table(
    "ops", "lease", "One row per kind of work that only one run may do at a time",
    (
        Column("lease_name", "STRING", "What is leased: writer, the right to write", nullable=False),
        Column("holder", "STRING", "Run that has it, or had it last", nullable=False),
        Column("expires_at", "TIMESTAMP", "Until when, UTC; a run that works renews it", nullable=False),
    ),
    key=("lease_name",), sources=("the runs",),
)  # fmt: skip

ALERT = Table(
    "ops", "alert", "One row per incident: a rule that fires for a subject, from its first finding until it is over",
    (
        Column("alert_id", "STRING", "Names the incident", nullable=False),
        Column("rule_id", "STRING", "Rule: a file of lakehouse/sql/alerts", nullable=False),
        Column("subject", "STRING", "What it is about: a model, a source, a table", nullable=False),
        Column("state", "STRING", "Where it stands", enum=("open", "acknowledged", "resolved"), nullable=False),
        Column("value", "DOUBLE", "Value when it opened, in the rule's unit"),
        Column("threshold", "DOUBLE", "What it was compared with, in the rule's unit"),
        Column("message", "STRING", "The facts in words when it opened"),
        Column("opened_at", "TIMESTAMP", "When it was first found, UTC", nullable=False),
        Column("acknowledged_at", "TIMESTAMP", "When somebody took it over, UTC; null when nobody has"),
        Column("acknowledged_by", "STRING", "Who took it over; null when nobody has"),
        Column("resolved_at", "TIMESTAMP", "When its rule no longer fired, UTC; null while it does"),
        Column("notified_at", "TIMESTAMP", "When its opening or end was delivered, UTC; null until then"),
        Column("changed_at", "TIMESTAMP", "When this row was last written, UTC", nullable=False),
    ),
    key=("alert_id",), sources=("gold.usage_hourly", "ops.batch", "ops.quality_result"),
)  # fmt: skip

TABLES = (BATCH, SOURCE_COLUMN, DELIVERED_ROW, SETTING, STAGING, LEASE, ALERT)
