"""What the quality gates found: scores, rules that failed, and which gates each figure rests on."""

from __future__ import annotations

from lakehouse.web import formats as f
from lakehouse.web.figures import TOP_RULES, Figures, Rows
from lakehouse.web.page import Column, Panel, Table
from lakehouse.web.panels.common import cut

NEVER_JUDGED = "No gate has judged yet."
TONES = {"PASS": "good", "WARN": "", "BLOCK": "bad"}
GATE = Column("Gate", "layer", missing="never judged")
TABLE = Column("Table", "table_name", breaks=True)


def _score(value: float) -> str:
    return f"{value:.0f}"


def _state(title: str, name: str) -> Column:
    return Column(title, name, missing="never judged", tone=lambda value: TONES.get(value, ""))


def scorecard(figures: Figures) -> Panel:
    """Score of every table, and of each dimension beside it."""
    rows = figures.scorecard
    dimensions = sorted({row["dimension"] for row in rows if row["dimension"]})
    columns = (
        GATE,
        TABLE,
        Column("Score", "score", _score, "not judged", tone=lambda score: "bad" if score and score < 50 else ""),
        *(Column(name.capitalize(), name, _score, "no rule") for name in dimensions),
        Column("Rows that met rules", "pass_ratio", f.percent, "counts none"),
        Column("Rows that broke none", "clean_row_ratio", f.percent, "not known"),
        Column("Columns with a rule", "rule_coverage_ratio", f.percent),
        Column("Judged", "judged_at", f.instant),
    )
    return Panel(
        "scorecard",
        "How good the tables are",
        "Scores from 0 to 100: weighted share of the rules met, by dimension; of a table their mean, at most 49 when a "
        "critical rule failed.",
        Table(columns, _by_table(rows, dimensions)),
        NEVER_JUDGED,
    )


def _by_table(rows: Rows, dimensions: list[str]) -> Rows:
    """One row a table with its dimensions as columns."""
    wholes = [row for row in rows if row["dimension"] is None]
    scores = {(row["layer"], row["table_name"], row["dimension"]): row["score"] for row in rows}
    keys = ("layer", "table_name")
    return [{**row, **{name: scores.get((*(row[key] for key in keys), name)) for name in dimensions}} for row in wholes]


def gate_state(figures: Figures) -> Panel:
    """For each view the gates that it rests on."""
    columns = (
        Column("View", "view_name", breaks=True),
        GATE,
        TABLE,
        _state("State", "gate_decision"),
        Column("Score", "score", _score, "not judged"),
        Column("Failed rules", "failed", missing="", breaks=True),
        Column("Judged", "judged_at", f.instant, "never"),
        Column("Last let through", "passed_at", f.instant, "never"),
    )
    rows = [{**row, "failed": ", ".join(row["failed_rules"] or []) or None} for row in figures.gate_state]
    blocked = sorted({row["view_name"] for row in rows if row["gate_decision"] == "BLOCK"})
    return Panel(
        "gate_state",
        "Which gates each view rests on",
        "Newest verdict of every gate between the sources and the view. A gate that blocked leaves the view at its "
        "last good state.",
        Table(columns, rows),
        NEVER_JUDGED,
        notes=(f"Not up to date, a gate blocked: {', '.join(blocked)}.",) if blocked else (),
        folded=not blocked,
    )


def worst_rules(figures: Figures) -> Panel:
    """Rules that failed, worst first."""
    columns = (
        TABLE,
        Column("Rule", "rule_id", breaks=True),
        Column("Severity", "severity"),
        Column("Judged", "judged_count", f.count),
        Column("Failed", "failed_count", f.count),
        Column("Blocked", "blocked_count", f.count),
        Column("Rows that broke it", "unexpected_count", f.count, "counts none"),
        Column("Share, last", "last_unexpected_ratio", f.percent, "counts none"),
        Column("Now", "now", tone=lambda text: "bad" if text == "failing" else ""),
        Column("Last failed", "last_failed_at", f.instant),
    )
    rows = [{**row, "now": "failing" if row["is_failing"] else "met"} for row in figures.worst_rules]
    return Panel(
        "worst_rules",
        "Rules that failed",
        "Counts over all judgements, those first that stopped a gate. What to do about each: docs/DATA_QUALITY.md.",
        Table(columns, rows),
        "No rule has failed.",
        notes=cut(rows, "by times blocked, then failed", limit=TOP_RULES),
    )


def trend(figures: Figures) -> Panel:
    """Scores by day."""
    columns = (
        Column("Day, UTC", "judged_date", f.instant),
        GATE,
        TABLE,
        Column("Judged", "gate_count", f.count),
        Column("Last score", "last_score", _score, "not judged"),
        Column("Lowest score", "lowest_score", _score, "not judged"),
        Column("Rows that met rules, lowest", "lowest_pass_ratio", f.percent, "counts none"),
    )
    return Panel(
        "quality_trend",
        "Scores by day",
        "The last and the lowest score of each UTC day, newest first.",
        Table(columns, figures.quality_trend),
        NEVER_JUDGED,
        folded=True,
    )
