"""Which gates a figure rests on: rule → table → view, from the suites, the table definitions and the views' SQL."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from lakehouse.tables import all_tables
from quality.loader import load_suites

BATCHES = "ops.batch"  # what bronze's gate judges beside the rows


def lineage(views: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Pairs of a view and a table with rules that its figures rest on, directly or through other views and tables.

    Args:
        views: What each view of analytics reads, by two-part names.
    """
    known = {f"analytics.{name}": reads for name, reads in views.items()}
    return sorted((name.split(".", 1)[1], table) for name in known for table in _gated(name, known, set()))


def _gated(name: str, views: dict[str, set[str]], seen: set[str]) -> set[str]:
    if name in seen:
        return set()
    seen.add(name)
    sources, gates = views.get(name, _sources().get(name, set())), _gates()
    found = {name} & gates
    layer = name.split(".", 1)[0]
    if layer == "bronze" or name == BATCHES:
        found |= {gate for gate in gates if gate.startswith("bronze.")}
    if layer == "silver":  # one gate publishes them together
        found |= {gate for gate in gates if gate.startswith("silver.")}
    return found.union(*(_gated(source, views, seen) for source in sources))


@cache
def _gates() -> frozenset[str]:
    return frozenset(suite.table for suite in load_suites())


@cache
def _sources() -> dict[str, set[str]]:
    return {table.full_name: set(table.sources) for table in all_tables()}
