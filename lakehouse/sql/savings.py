"""Reads the queries of savings; each file begins with its method, assumptions, confidence and what it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

HEAD = re.compile(r"^-- (method|assumptions|confidence|needs): (.+(?:\n--   .+)*)\n", re.MULTILINE)
EVER = ("DATE '1970-01-01'", "DATE '9999-12-31'")  # as committed, a query runs over everything


@dataclass(frozen=True)
class Saving:
    """One kind of saving.

    Attributes:
        kind: As in `tables.analyses.SAVING_KINDS`.
        method: How it is computed.
        assumptions: What must hold.
        confidence: How sure the figure is.
        needs: Column, with its table, that must not be null everywhere.
        query: Gives variant_name, provider_name, model_key, request_count, cost_usd, saving_low_usd, saving_high_usd.
    """

    kind: str
    method: str
    assumptions: str
    confidence: str
    needs: str
    query: str

    def within(self, first: date, last: date) -> str:
        """Give the query over some days."""
        bounded = self.query
        for mark, day in zip(EVER, (first, last), strict=True):
            bounded = bounded.replace(mark, f"DATE '{day}'")
        return bounded


def load_savings() -> list[Saving]:
    """Read every query, by name."""
    found = [file for file in (files("lakehouse.sql") / "savings").iterdir() if file.name.endswith(".sql")]
    return [_saving(file.name, file.read_text(encoding="utf-8")) for file in sorted(found, key=lambda file: file.name)]


def _saving(name: str, text: str) -> Saving:
    head = {key: value.replace("\n--  ", "") for key, value in HEAD.findall(text)}
    return Saving(name.removesuffix(".sql"), **head, query=HEAD.sub("", text).strip())
