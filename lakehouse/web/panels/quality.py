"""Whether everything is there, how new it is, and what is missing in it."""

from __future__ import annotations

from lakehouse.web import formats as f
from lakehouse.web.figures import Figures, Row
from lakehouse.web.page import Column, Panel, Table
from lakehouse.web.panels.common import SOURCE

COMPLETE = "complete"
NOTHING_READ = "No source was read."


def verdict(row: Row) -> str:
    """Whether every row of a source is accounted for, in words; takes a row of `row_conservation`."""
    if row["is_conserved"]:
        return COMPLETE
    if row["is_conserved"] is None:
        return f"open: {row['waiting_batch_count']:,} batches wait for refine"
    found = row["silver_count"] + row["quarantine_count"] + row["superseded_count"]
    return f"NOT complete: {found - row['bronze_count']:+,} rows against bronze"


def conservation(figures: Figures) -> Panel:
    """Rows read against rows accounted for."""
    columns = (
        SOURCE,
        Column("Rows in bronze", "bronze_count", f.count),
        Column("= in silver", "silver_count", f.count),
        Column("+ in quarantine", "quarantine_count", f.count),
        Column("+ superseded", "superseded_count", f.count),
        Column("Verdict", "verdict", tone=lambda text: "good" if text == COMPLETE else "bad"),
    )
    return Panel(
        "conservation",
        "Rows read against rows accounted for",
        "Counts. Every row read must stand in silver, be held in quarantine or be superseded by a newer version.",
        Table(columns, [{**row, "verdict": verdict(row)} for row in figures.conservation]),
        NOTHING_READ,
    )


def quarantine(figures: Figures) -> Panel:
    """What was held back, by rule."""
    columns = (
        SOURCE,
        Column("Rule broken", "rule_id"),
        Column("Rows", "row_count", f.count),
        Column("Discarded", "discarded_count", f.count),
        Column("First", "first_seen_at", f.instant),
        Column("Last", "last_seen_at", f.instant),
    )
    return Panel(
        "quarantine",
        "Rows held back",
        "Counts of rows in quarantine; a row that broke two rules stands under both.",
        Table(columns, figures.quarantine),
        "No row is held back.",
    )


def freshness(figures: Figures) -> Panel:
    """How new the newest event is, and when the source was last read."""
    columns = (
        SOURCE,
        Column("Newest event", "newest_event_at", f.instant, "no event time"),
        Column("Last batch", "last_batch_at", f.instant),
        Column("Batches", "batch_count", f.count),
        Column("Rows in bronze", "bronze_count", f.count),
        Column("Rows read again", "read_again_count", f.count),
    )
    return Panel(
        "freshness",
        "Freshness of the sources",
        "Times of the newest event and of the last batch read and verified. Rows read again lie in the overlap.",
        Table(columns, figures.freshness),
        NOTHING_READ,
    )


def coverage(figures: Figures) -> Panel:
    """What fills each canonical column of each source."""
    columns = (
        SOURCE,
        Column("Column", "canonical_column"),
        Column("Filled by", "expression", missing="nothing", breaks=True),
        Column("Why it is null", "why_null", missing="", breaks=True),
    )
    unfilled = sum(row["why_null"] is not None for row in figures.columns)
    return Panel(
        "columns",
        "What fills each column",
        f"{unfilled:,} of {len(figures.columns):,} columns, counted per source, are null; the table says why.",
        Table(columns, figures.columns),
        NOTHING_READ,
        folded=True,
    )
