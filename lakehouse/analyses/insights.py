"""What to look at first: findings of all analyses as sentences, ranked. Rows of gold.insight."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from lakehouse.analyses.comparisons import FASTER, SLOWER

Row = dict[str, Any]
RECENT = timedelta(days=7)  # of closed anomalies
COMPARISONS = 10  # shown, those with the greatest difference
MINUTE = "%Y-%m-%d %H:%M"
PAIR = ("metric", "provider_name", "model_key", "other_provider_name", "other_model_key")
UNITS = {"errors": "failures", "volume": "attempts", "cost": "USD", "duration_p50": "ms", "duration_p95": "ms"}
NAMES = {"errors": "Failures", "volume": "Traffic", "cost": "Cost", "duration_p50": "Median duration",
         "duration_p95": "95th percentile of duration"}  # fmt: skip


def insights(
    anomalies: Iterable[Row], savings: Iterable[Row], templates: Iterable[Row], comparisons: Iterable[Row],
    newest: datetime,
) -> list[Row]:  # fmt: skip
    """Rank open anomalies, then money (the mean of its bounds), new errors, closed anomalies, comparisons, scenarios.

    Args:
        anomalies: Rows of gold.anomaly; closed ones count for a week.
        savings: Rows of gold.savings_opportunity.
        templates: Rows of gold.error_template.
        comparisons: Rows of gold.model_comparison.
        newest: Newest event time of the data.
    """
    found = [
        *(_anomaly(row) for row in anomalies if row["state"] == "open" or row["ended_at"] > newest - RECENT),
        *(_saving(row) for row in savings if (row["saving_high_usd"] or 0) > 0),
        *(_template(row) for row in templates if row["is_new"]),
        *_comparisons(comparisons),
    ]
    ranked = sorted(found, key=lambda row: (row["order"], row["subject"], row["sentence"]))
    return [row | {"insight_rank": rank} for rank, row in enumerate(ranked, 1)]


def name_of(row: Row, prefix: str = "") -> str:
    """Provider and model in one word."""
    return "/".join(part for part in (row[f"{prefix}provider_name"], row[f"{prefix}model_key"]) if part)


def _anomaly(row: Row) -> Row:
    metric, unit = row["metric"], UNITS[row["metric"]]
    change = {"usd_low": row["excess"], "usd_high": row["excess"]} if metric == "cost" else {}
    if unit == "ms":
        change = {"ms_low": row["value"] - row["expected"], "ms_high": row["value"] - row["expected"]}
    found, usual, peak = _figure(row["value"]), _figure(row["expected"]), f"{row['peak_at']:{MINUTE}}"
    sentence = (
        f"{NAMES[metric]} of {name_of(row)}: {found} {unit} in the hour from {peak} UTC where {usual} were expected "
        f"(p = {row['p_value']:.1g}); {row['hour_count']} strange hours since {row['started_at']:{MINUTE}}"
    )
    order = (0 if row["state"] == "open" else 3, row["p_value"])
    evidence = _evidence("gold.anomaly", row, "anomaly_id")
    return _insight("anomaly", name_of(row), sentence, row["state"], evidence, order) | change


def _saving(row: Row) -> Row:
    low, high = float(row["saving_low_usd"]), float(row["saving_high_usd"])
    scenario = row["confidence"] == "scenario"
    what = " ".join(filter(None, (row["kind"].replace("_", " "), row["variant_name"], "of", name_of(row))))
    sentence = (
        f"{'Scenario, no saving to count on: ' if scenario else ''}{what}: {low:.2f} to {high:.2f} USD of "
        f"{float(row['cost_usd'] or 0):.2f} from {row['period_from']} to {row['period_to']}, "
        f"{row['request_count']} attempts"
    )
    order = (5 if scenario else 1, -(low + high) / 2)
    found = _insight("saving", name_of(row), sentence, "standing", row["evidence_query"], order)
    return found | {"usd_low": low, "usd_high": high}


def _template(row: Row) -> Row:
    models = ", ".join(row["models"])
    since = f"{row['first_seen_at']:{MINUTE}}"
    sentence = f"New error text since {since} UTC, {row['request_count']} attempts of {models}: {row['template']}"
    evidence = _evidence("gold.error_template", row, "template_id")
    order = (2, -row["request_count"])
    return _insight("error_template", models, sentence, "open", evidence, order)


def _comparisons(rows: Iterable[Row]) -> Iterator[Row]:
    told = [row for row in rows if row["metric"] == "duration_ms" and row["verdict"] in (FASTER, SLOWER)]
    told.sort(key=lambda row: -min(abs(math.log(row[name])) for name in ("ratio_low", "ratio_high")))
    for at, row in enumerate(told[:COMPARISONS]):
        ratio, low, high = (row[name] for name in ("ratio", "ratio_low", "ratio_high"))
        sentence = (
            f"{name_of(row)} is {row['verdict']} than {name_of(row, 'other_')} on a common mix: duration × {ratio:.2f} "
            f"({low:.2f} to {high:.2f}), {row['request_count']} and {row['other_request_count']} attempts in "
            f"{row['stratum_count']} strata"
        )
        evidence = _evidence("gold.model_comparison", row, *PAIR)
        ends = {"ms_low": row["other_p50_ms"] * (low - 1), "ms_high": row["other_p50_ms"] * (high - 1)}
        yield _insight("comparison", name_of(row), sentence, "standing", evidence, (4, at)) | ends


def _evidence(table: str, row: Row, *key: str) -> str:
    same = (f"{name} <=> {_literal(row[name])}" for name in key)
    return " ".join(("SELECT * FROM", table, "WHERE", " AND ".join(same)))


def _insight(kind: str, subject: str, sentence: str, state: str, evidence: str, order: tuple[float, float]) -> Row:
    return {
        "kind": kind, "subject": subject, "sentence": sentence, "state": state, "evidence_query": evidence,
        "order": order,
    }  # fmt: skip


def _literal(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
