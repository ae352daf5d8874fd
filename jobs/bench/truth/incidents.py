"""llm-incidents: availability per service, beside the paper's table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from jobs.bench.truth.frame import Check, Outcome, set_folder
from lakehouse.analyses.availability import PARTIAL_WEIGHT, Availability, availability

REACH = "share of days without outage and worst day exact to the published decimals, every service"
PUBLISHED = Path(__file__).parent / "published/llm_outages.json"
HISTORY = ["Outages", "Service"]


def run(data: Path | None) -> Outcome:
    """Check every service's cleaned days; those of its raw history only inform, as their form differs by provider."""
    folder = set_folder(data, "llm-incidents", "outages.csv*")
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))["services"]
    checks: list[Check] = []
    for service, found in _cleaned(folder):
        checks += _compare(service, published.get(service.lower()), found)
    reached = bool(checks) and all(check.passed for check in checks)
    return Outcome("incidents", REACH, [*checks, *_raw(folder)], reached)


def _cleaned(folder: Path) -> Iterator[tuple[str, Availability]]:
    for path in sorted(folder.glob("outages.csv*")):
        for service, days in pd.read_csv(path).groupby("Service"):
            yield str(service), availability(days["scaled_total_outage_minutes"].to_numpy())


def _raw(folder: Path) -> Iterator[Check]:
    for path in sorted(folder.glob("uptime/*.csv*")):
        history = pd.read_csv(path)
        if set(HISTORY) <= set(history.columns):
            for service, days in history.groupby("Service"):
                yield _from_raw(str(service), days["Outages"].tolist())


def _from_raw(service: str, cells: list[str]) -> Check:
    subject = f"{service} without_outage_percent, raw history"
    try:
        found = availability([_minutes(cell) for cell in cells])
    except (KeyError, TypeError, ValueError):
        return Check(subject, None, None, None, "outages in another form")
    return Check(subject, None, f"{100 * found.share_without_outage:.2f}", None, f"{found.days} days")


def _minutes(cell: str) -> float:
    """Weighted minutes of one day's outages, a JSON list of type and minutes."""
    return sum(
        outage["Downtime (min)"] * (PARTIAL_WEIGHT if "partial" in outage["Outage_Type"].lower() else 1)
        for outage in json.loads(cell)
    )


def _compare(subject: str, published: dict[str, str] | None, found: Availability) -> Iterator[Check]:
    figures = {"without_outage_percent": found.share_without_outage, "lowest_percent": found.lowest_ratio}
    for figure, ratio in figures.items():
        ours = f"{100 * ratio:.2f}"
        expected = published and published[figure]
        yield Check(f"{subject} {figure}", expected, ours, ours == expected, f"{found.days} days")
