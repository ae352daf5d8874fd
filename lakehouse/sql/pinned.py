"""A view as it was: its text with every table at one version; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lakehouse.sql.loader import View, load_views

READ = re.compile(r"\b(FROM|JOIN)(\s+)((?:silver|gold|ops|bronze)\.\w+)")
NESTED = re.compile(r"\b(FROM|JOIN)(\s+)analytics\.(\w+)(?:\s+AS\s+(\w+))?")
BODY = re.compile(r"^AS\n", re.MULTILINE)
NAMED = re.compile(r"^  (\w+) COMMENT '", re.MULTILINE)


def body(view: View) -> str:
    """The query of a view, without its header."""
    return BODY.split(view.statement, maxsplit=1)[1].strip()


def columns(view: View) -> tuple[str, ...]:
    """Names of a view's columns in order."""
    return tuple(NAMED.findall(BODY.split(view.statement, maxsplit=1)[0]))


def tables(name: str) -> tuple[str, ...]:
    """Tables that a view reads, itself or through other views, in the order of their names."""
    views = {view.name: view for view in load_views()}
    waiting, found = [views[name]], set[str]()
    while waiting:
        view = waiting.pop()
        found |= {table for _, _, table in READ.findall(body(view))}
        waiting += [views[used] for used in view.uses]
    return tuple(sorted(found))


def pinned(name: str, versions: Mapping[str, int]) -> str:
    """Query of a view in which every table is read at a version.

    Args:
        name: The view, without its schema.
        versions: Delta version of each table that `tables` names.
    """
    return _pinned(name, versions, {view.name: view for view in load_views()})


def _pinned(name: str, versions: Mapping[str, int], views: Mapping[str, View]) -> str:
    def inline(found: re.Match[str]) -> str:
        word, space, used, alias = found.groups()
        return f"{word}{space}(\n{_pinned(used, versions, views)}\n) AS {alias or used}"

    text = READ.sub(lambda found: f"{found[0]} VERSION AS OF {versions[found[3]]}", body(views[name]))
    return NESTED.sub(inline, text)
