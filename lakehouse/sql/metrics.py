"""The reference page of all metrics, `docs/reference/metrics.md`, from the views' own comments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lakehouse.sql.loader import View

HEAD = """\
# Metrics

<!-- Generated from lakehouse/sql/views by `python -m jobs.reference`; edit those. -->

Every view of `analytics`: what a row is, each figure with its unit and what a null means, what is left out, and the
statement itself. Money is USD, times are UTC, ratios lie between 0 and 1.
"""
COLUMN = re.compile(r"^  (\w+) COMMENT '((?:[^'\\]|'')*)',?$", re.MULTILINE)
GRAIN = re.compile(r"^COMMENT '((?:[^']|'')*)'$", re.MULTILINE)


def metrics(views: Sequence[View]) -> str:
    """Write the page as Markdown: a list of the views, then a section each, by subject."""
    ordered = sorted(views, key=lambda view: (view.subject, view.name))
    index = "".join(f"| [`{v.name}`](#{v.name}) | {v.subject} | {_grain(v)} |\n" for v in ordered)
    parts = [HEAD, f"| view | subject | grain |\n| --- | --- | --- |\n{index}", *map(_section, ordered)]
    return "\n".join(parts)


def _grain(view: View) -> str:
    found = GRAIN.search(view.statement)
    return _plain(found[1]) if found else ""


def _section(view: View) -> str:
    notes = re.match(r"(?:-- .*\n)*", view.statement)
    about = " ".join(line.removeprefix("-- ") for line in notes[0].splitlines()) if notes else ""
    rows = "".join(f"| `{name}` | {_plain(text)} |\n" for name, text in COLUMN.findall(view.statement))
    body = view.statement.split("\nAS\n", 1)[-1].strip()
    return (
        f"## {view.name}\n\n{_escaped(about)}\n\n| column | meaning |\n| --- | --- |\n{rows}\n"
        f"<details><summary>SQL</summary>\n\n```sql\n{body}\n```\n\n</details>\n"
    )


def _plain(text: str) -> str:
    return _escaped(text.replace("''", "'").replace("|", "\\|"))


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace("*", "\\*")
