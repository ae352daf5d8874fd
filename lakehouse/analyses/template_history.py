"""Templates of errors over time: rows of gold.error_template. A template keeps its id when it widens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lakehouse.analyses.templates import mine, template_id

Row = dict[str, Any]
NEW = timedelta(days=7)
NEVER = datetime.max.replace(tzinfo=UTC)


def templates(known: Sequence[Row], texts: Sequence[Row], newest: datetime) -> list[Row]:
    """Mine known templates and new texts together.

    A group keeps the id of the oldest known template in it; a new one is named by its text. Counts, providers and
    models are those of the analysed texts; what was known and is not among them stays with a count of 0.

    Args:
        known: Rows of gold.error_template.
        texts: Masked texts with request_count, example, error_type, providers, models, first_seen_at, last_seen_at.
        newest: Newest event time of the data, from which a template's age is told.
    """
    found = mine([*(row["template"] for row in known), *(row["text"] for row in texts)])
    groups: dict[str, tuple[list[Row], list[Row]]] = {}
    for side, (rows, name) in enumerate(((known, "template"), (texts, "text"))):
        for row in rows:
            groups.setdefault(found[row[name]], ([], []))[side].append(row)
    rows = [_template(template, *sides) for template, sides in sorted(groups.items())]
    oldest = min((row["first_seen_at"] or NEVER for row in rows), default=NEVER)
    return [row | {"is_new": _is_new(row, oldest, newest)} for row in rows]


def _template(template: str, known: Sequence[Row], texts: Sequence[Row]) -> Row:
    oldest = min(known, key=lambda row: (row["first_seen_at"] or NEVER, row["template_id"]), default=None)
    kinds: Counter[str] = Counter()
    for row in sorted(texts, key=lambda row: str(row["error_type"])):
        kinds[row["error_type"]] += row["request_count"]
    return {
        "template_id": oldest["template_id"] if oldest else template_id(template),
        "template": template,
        "example": min(_known(row["example"] for row in (*texts, *known)), default=None),
        "error_type": kinds.most_common(1)[0][0] if kinds else oldest and oldest["error_type"],
        "request_count": sum(row["request_count"] for row in texts),
        "providers": sorted({name for row in texts for name in row["providers"]}),
        "models": sorted({name for row in texts for name in row["models"]}),
        "first_seen_at": min(_known(row["first_seen_at"] for row in (*known, *texts)), default=None),
        "last_seen_at": max(_known(row["last_seen_at"] for row in (*known, *texts)), default=None),
    }


def _known(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _is_new(row: Row, oldest: datetime, newest: datetime) -> bool:
    """Tell nothing new of the first week of data, when everything is."""
    first = row["first_seen_at"]
    return first is not None and first > newest - NEW and oldest <= newest - NEW
