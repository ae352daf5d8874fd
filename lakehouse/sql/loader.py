"""Reads the committed views and queries; needs no Spark."""

from __future__ import annotations

import re
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib.resources import files
from importlib.resources.abc import Traversable

PARAMETER = re.compile(r"^-- @param (\w+) (\w+): ", re.MULTILINE)
USED = re.compile(r"\banalytics\.(\w+)", re.IGNORECASE)
READ = re.compile(r"\b(?:FROM|JOIN)\s+(\w+\.\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class View:
    """One view: `subject` is its folder, `statement` the whole CREATE OR REPLACE VIEW."""

    name: str
    subject: str
    statement: str

    @property
    def uses(self) -> set[str]:
        """Other views of `analytics` that it reads."""
        return set(USED.findall(self.statement)) - {self.name}

    @property
    def reads(self) -> set[str]:
        """Two-part names of the tables and views that it reads."""
        return set(READ.findall(self.statement))


def load_views() -> list[View]:
    """Read every view, in an order in which each can be created."""
    views = {view.name: view for view in map(_view, _sql_files(files("lakehouse.sql") / "views"))}
    order = TopologicalSorter({name: sorted(view.uses & set(views)) for name, view in sorted(views.items())})
    return [views[name] for name in order.static_order()]


@dataclass(frozen=True)
class Query:
    """One query with markers `:name`; `parameters` gives each one's SQL type, as the file's head says it."""

    name: str
    parameters: dict[str, str]
    statement: str


def load_query(name: str) -> Query:
    """Read the query of that name."""
    text = (files("lakehouse.sql") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    return Query(name, dict(PARAMETER.findall(text)), text)


def load_alerts() -> dict[str, str]:
    """Read the rules of alerts: by their id a query for subject, observed, threshold and message."""
    folder = files("lakehouse.sql") / "alerts"
    found = sorted((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return {name.removesuffix(".sql"): entry.read_text(encoding="utf-8") for name, entry in found}


def load_databricks() -> list[tuple[str, str]]:
    """Read the statements that only Databricks runs: file and statement, in the order in which they are run."""
    folder = files("lakehouse.sql") / "databricks"
    found = sorted((entry.name, entry.read_text(encoding="utf-8")) for entry in folder.iterdir() if entry.is_file())
    return [
        (name.removesuffix(".sql"), text.strip())
        for name, whole in found
        if name.endswith(".sql")
        for text in whole.split(";\n")
        if text.strip()
    ]


def _sql_files(root: Traversable) -> list[tuple[str, Traversable]]:
    subjects = [entry for entry in root.iterdir() if entry.is_dir()]
    return [(s.name, file) for s in subjects for file in s.iterdir() if file.name.endswith(".sql")]


def _view(found: tuple[str, Traversable]) -> View:
    subject, file = found
    return View(file.name.removesuffix(".sql"), subject, file.read_text(encoding="utf-8"))
