"""What is wrong with a dashboard file, as far as it can be told without running its statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import sqlglot

from lakehouse.web.dashboards.model import DRAWN, Dashboard, Page, Widget
from lakehouse.web.dashboards.statement import MEASURE, expanded

QUALIFIED = re.compile(r"\b(?:FROM|JOIN)\s+`?\w+`?\.", re.IGNORECASE)


def lint(dashboard: Dashboard) -> list[str]:
    """Say every mistake, each with its place; none of a good file."""
    found = [*_datasets(dashboard)]
    for page in dashboard.pages:
        for widget in page.widgets:
            found += [f"{page.name}/{widget.name}: {problem}" for problem in _widget(dashboard, widget)]
        found += [f"{page.name}: {problem}" for problem in _layout(page)]
    return found


def _datasets(dashboard: Dashboard) -> Iterator[str]:
    used = {query.dataset for page in dashboard.pages for widget in page.widgets for query in widget.queries}
    for dataset in dashboard.datasets.values():
        if dataset.name not in used:
            yield f"dataset {dataset.name}: no widget uses it"
        if QUALIFIED.search(dataset.sql):
            yield f"dataset {dataset.name}: names a schema; the bundle gives it"
        for text in (dataset.sql, *(f"SELECT {measure}" for measure in dataset.measures.values())):
            try:
                sqlglot.parse_one(text, read="databricks")
            except sqlglot.errors.SqlglotError as error:
                yield f"dataset {dataset.name}: {str(error).splitlines()[0]}"


def _widget(dashboard: Dashboard, widget: Widget) -> Iterator[str]:
    if widget.kind not in DRAWN:
        yield f"widget type {widget.kind!r} is not drawn locally"
        return
    if widget.kind == "text":
        return
    if (version := widget.spec.get("version")) != DRAWN[widget.kind]:
        yield f"version {version!r} of {widget.kind}, not {DRAWN[widget.kind]}"
    if not widget.title:
        yield "has no title"
    for query in widget.queries:
        dataset = dashboard.datasets.get(query.dataset)
        if dataset is None:
            yield f"no dataset {query.dataset!r}"
            continue
        for field in query.fields:
            if missing := set(MEASURE.findall(field.expression)) - set(dataset.measures):
                yield f"no measure {', '.join(sorted(missing))} in dataset {dataset.name}"
            elif not _parses(expanded(field.expression, dataset)):
                yield f"{field.name!r} is no expression"
    given = {field.name for query in widget.queries for field in query.fields}
    yield from (f"{name!r} is shown but not asked for" for name in sorted(set(widget.encoded) - given))
    yield from (f"{name!r} is asked for but not shown" for name in sorted(given - set(widget.encoded)))
    names = {query.name for query in widget.queries}
    if widget.is_filter and (lost := {e.get("queryName") for e in widget.fields_of("fields")} - names):
        yield f"no query {', '.join(map(str, lost))}"


def _parses(expression: str) -> bool:
    try:
        sqlglot.parse_one(f"SELECT {expression}", read="databricks")
    except sqlglot.errors.SqlglotError:
        return False
    return True


def _layout(page: Page) -> Iterator[str]:
    for widget in page.widgets:
        x, y, width, height = widget.place
        if min(x, y) < 0 or min(width, height) < 1 or x + width > page.grid:
            yield f"{widget.name} lies outside the grid of {page.grid} columns"
    for one, other in combinations(page.widgets, 2):
        if _overlap(one.place, other.place):
            yield f"{one.name} and {other.name} overlap"
    names = [widget.name for widget in page.widgets]
    yield from (f"two widgets are named {name}" for name in sorted({n for n in names if names.count(n) > 1}))


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    (x, y, width, height), (u, v, wide, high) = one, other
    return x < u + wide and u < x + width and y < v + high and v < y + height
