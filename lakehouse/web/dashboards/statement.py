"""Widget queries as SQL: a few statements for a whole page, filter values only by parameter markers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lakehouse.web.dashboards.model import Dashboard, Dataset, Query, Widget

MEASURE = re.compile(r"MEASURE\(\s*`([^`]+)`\s*\)", re.IGNORECASE)
AGGREGATE = re.compile(r"\b\w+\s*\(")  # a plain field is only a name in backticks
PLAIN = re.compile(r"`([^`]+)`")
MOST_ROWS = 10_000  # of one widget: more cannot be read, and the page must stay small
NULL = ""  # how a filter spells null; no name is empty


@dataclass(frozen=True)
class Choice:
    """What a reader chose: values by field, and days from and to, both inclusive, by field."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    days: Mapping[str, tuple[date | None, date | None]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is narrowed."""
        return not any(self.values.values()) and not any(filter(None, pair) for pair in self.days.values())


@dataclass(frozen=True)
class Statement:
    """SQL and the values of its markers."""

    sql: str
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Step:
    """One statement that serves several queries of a page, each of which finds its fields under other names."""

    statement: Statement
    names: Mapping[str, str]  # expression → column


def expanded(expression: str, dataset: Dataset) -> str:
    """Write a dataset's measures out."""
    return MEASURE.sub(lambda found: f"({dataset.measures[found[1]]})", expression)


def plan(
    dashboard: Dashboard, queries: Iterable[Query], filters: Sequence[Widget], choice: Choice
) -> dict[Query, Step]:
    """Join the queries of a page that read one dataset by the same dimensions into one statement each.

    Args:
        dashboard: Has their datasets.
        queries: Of the widgets that are shown.
        filters: Of the page; a choice narrows the datasets that its filter names.
        choice: What the reader chose.

    Returns:
        For each query the step that answers it.
    """
    groups: dict[tuple[str, bool, tuple[str, ...]], list[Query]] = {}
    for query in queries:
        dimensions = sorted(f.expression for f in query.fields if not AGGREGATE.search(f.expression))
        groups.setdefault((query.dataset, query.disaggregated, tuple(dimensions)), []).append(query)
    steps: dict[Query, Step] = {}
    for (name, raw, _), members in groups.items():
        dataset = dashboard.datasets[name]
        steps |= dict.fromkeys(members, _step(dataset, raw, members, narrowed(choice, filters, name)))
    return steps


def _step(dataset: Dataset, raw: bool, queries: Sequence[Query], choice: Choice) -> Step:
    expressions = list(dict.fromkeys(field.expression for query in queries for field in query.fields))
    names = {expression: f"f{number}" for number, expression in enumerate(expressions)}
    shown = ", ".join(f"{expanded(expression, dataset)} AS {name}" for expression, name in names.items())
    where, values = conditions(choice)
    rest = ("" if raw else "GROUP BY ALL", f"LIMIT {MOST_ROWS + 1}")
    sql = " ".join(("SELECT", shown, "FROM", _source(dataset), where, *rest))
    return Step(Statement(sql, values), names)


def _source(dataset: Dataset) -> str:
    return f"({dataset.sql.strip()}) AS dataset"


def conditions(choice: Choice) -> tuple[str, tuple[tuple[str, Any], ...]]:
    """A WHERE clause over the fields that the filters name, and the values of its markers."""
    parts: list[str] = []
    values: list[tuple[str, Any]] = []

    def marker(value: str | date) -> str:
        values.append((f"v{len(values)}", value))
        return f":{values[-1][0]}"

    for name, chosen in choice.values.items():
        known = ", ".join(marker(value) for value in chosen if value != NULL)
        terms = [f"`{name}` IN ({known})"] * bool(known) + [f"`{name}` IS NULL"] * (NULL in chosen)
        parts += [f"({' OR '.join(terms)})"] * bool(terms)
    for name, (first, last) in choice.days.items():
        parts += [f"`{name}` {sign} {marker(day)}" for sign, day in ((">=", first), ("<=", last)) if day]
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), tuple(values)


def narrowed(choice: Choice, filters: Iterable[Widget], dataset: str) -> Choice:
    """What of a choice holds for a dataset: the fields by which some filter names it."""
    names = {name for one in filters for query in one.queries if query.dataset == dataset for name in _plain(query)}
    return Choice(
        {name: chosen for name, chosen in choice.values.items() if name in names},
        {name: pair for name, pair in choice.days.items() if name in names},
    )


def _plain(query: Query) -> list[str]:
    return [found[1] for one in query.fields if (found := PLAIN.fullmatch(one.expression))]


def options(dataset: Dataset, filters: Sequence[Widget]) -> Statement:
    """One row with what each filter offers of a dataset: a JSON list of values, or of the first and the last day."""
    shown = []
    for number, one in enumerate(filters):
        name = next(f"`{n}`" for query in one.queries if query.dataset == dataset.name for n in _plain(query))
        if one.kind == "filter-date-range-picker":
            shown.append(f"TO_JSON(ARRAY(CAST(MIN({name}) AS STRING), CAST(MAX({name}) AS STRING))) AS o{number}")
        else:
            values = f"COLLECT_SET(COALESCE(CAST({name} AS STRING), '{NULL}'))"
            shown.append(f"TO_JSON(SORT_ARRAY({values})) AS o{number}")
    return Statement(" ".join(("SELECT", ", ".join(shown), "FROM", _source(dataset))))


def offered(row: Mapping[str, Any], number: int) -> list[str | None]:
    """What `options` found for the filter of that number."""
    found: list[str | None] = json.loads(row[f"o{number}"] or "[]")
    return found
