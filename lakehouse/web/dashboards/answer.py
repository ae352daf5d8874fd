"""Asks a backend for a page and draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

from lakehouse.backend import Backend, Row
from lakehouse.errors import ConfigurationError
from lakehouse.web.dashboards.boxes import Box, box
from lakehouse.web.dashboards.chart import NOT_KNOWN
from lakehouse.web.dashboards.colours import Colours
from lakehouse.web.dashboards.model import DRAWN, Dashboard, Page, Query, Widget
from lakehouse.web.dashboards.statement import NULL, Choice, Statement, Step, offered, options, plan

ASKED_AT_ONCE = 4
NOTHING = "Nothing here yet: the pipeline has brought no such rows."
NO_MATCH = "Nothing matches the filters."


@dataclass(frozen=True)
class Option:
    """One value that a filter offers."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Filter:
    """A filter as it is drawn.

    Attributes:
        field: What it narrows, its name in the address of a page.
        title: What it is called.
        values: Offered values; empty for days.
        first: The first day there is, for days.
        last: The last day there is.
        chosen: Chosen days, from and to.
    """

    field: str
    title: str
    values: tuple[Option, ...] = ()
    first: str = ""
    last: str = ""
    chosen: tuple[date | None, date | None] | None = None

    @property
    def is_days(self) -> bool:
        """Whether it is a range of days."""
        return self.chosen is not None

    @property
    def number(self) -> int:
        """How many values are chosen."""
        return sum(option.is_chosen for option in self.values)


@dataclass(frozen=True)
class Drawn:
    """A page with its filters, drawn."""

    page: Page
    filters: tuple[Filter, ...]
    boxes: tuple[Box, ...]


def field_of(widget: Widget) -> str:
    """The field that a filter narrows."""
    return str(widget.fields_of("fields")[0]["fieldName"])


def draw_page(
    backend: Backend,
    dashboard: Dashboard,
    page: Page,
    choice: Choice,
    colours: Colours,
    troubles: dict[Statement, str] | None = None,
) -> Drawn:
    """Draw one page of a dashboard.

    Args:
        backend: Who is asked.
        dashboard: Has the page.
        page: What is drawn.
        choice: What the reader chose.
        colours: That hold for all pages.
        troubles: Takes the statements that are refused, with the reason: their boxes say it and the others are drawn.

    Raises:
        ConfigurationError: A statement is refused and `troubles` is None.
        TransientError: See `Backend.rows`.
    """
    filters = dashboard.filters_of(page)
    shown = [widget for widget in page.widgets if not widget.is_filter]
    queries = [query for widget in shown if widget.kind in DRAWN for query in widget.queries]
    steps = plan(dashboard, queries, filters, choice)
    offers = _offers(dashboard, filters)
    found = _ask(backend, [*(step.statement for step in steps.values()), *offers.values()], troubles)
    empty = NOTHING if choice.is_empty else NO_MATCH

    def drawn(widget: Widget) -> Box:
        step = steps.get(widget.queries[0]) if widget.queries else None
        why = (troubles or {}).get(step.statement) if step else None
        return Box(widget, empty=why) if why else box(widget, _rows(widget, steps, found), colours, empty)

    boxes = [drawn(widget) for widget in shown]
    return Drawn(page, tuple(_filters(filters, offers, found, choice)), tuple(boxes))


def _ask(
    backend: Backend, statements: Sequence[Statement], troubles: dict[Statement, str] | None
) -> dict[Statement, list[Row]]:
    def ask(one: Statement) -> list[Row]:
        try:
            return backend.rows(one.sql, dict(one.values))
        except ConfigurationError as error:
            if troubles is None:
                raise
            troubles[one] = f"Not drawn: {' '.join(str(error).split())[:300]}"
            return []

    once = list(dict.fromkeys(statements))
    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        return dict(zip(once, pool.map(ask, once), strict=True))


def _rows(widget: Widget, steps: Mapping[Query, Step], found: Mapping[Statement, list[Row]]) -> list[dict[str, Any]]:
    if not widget.queries or widget.queries[0] not in steps:
        return []
    query = widget.queries[0]
    step = steps[query]
    names = {field.name: step.names[field.expression] for field in query.fields}
    return [{name: row[column] for name, column in names.items()} for row in found[step.statement]]


def _offers(dashboard: Dashboard, filters: Sequence[Widget]) -> dict[str, Statement]:
    """For each dataset that a filter names first, what it offers."""
    by_dataset: dict[str, list[Widget]] = {}
    for one in filters:
        by_dataset.setdefault(one.queries[0].dataset, []).append(one)
    return {name: options(dashboard.datasets[name], members) for name, members in by_dataset.items()}


def _filters(
    filters: Sequence[Widget], offers: Mapping[str, Statement], found: Mapping[Statement, list[Row]], choice: Choice
) -> list[Filter]:
    made = []
    for one in filters:
        name = one.queries[0].dataset
        number = [other for other in filters if other.queries[0].dataset == name].index(one)
        rows = found[offers[name]]
        values = offered(rows[0], number) if rows else [None, None]
        made.append(_filter(one, values, choice))
    return made


def _filter(widget: Widget, values: Sequence[str | None], choice: Choice) -> Filter:
    field = field_of(widget)
    if widget.kind == "filter-date-range-picker":
        first, last = (value or "" for value in values)
        return Filter(field, widget.title, (), first, last, choice.days.get(field, (None, None)))
    chosen = choice.values.get(field, ())
    known = [value or NULL for value in values]
    offered_ = [*known, *(value for value in chosen if value not in known)]
    labels = [(value, NOT_KNOWN if value == NULL else value) for value in offered_]
    return Filter(field, widget.title, tuple(Option(value, text, value in chosen) for value, text in labels))
