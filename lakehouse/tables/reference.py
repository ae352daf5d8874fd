"""The reference page of all tables, `docs/reference/tables.md`, from their definitions."""

from __future__ import annotations

from collections.abc import Sequence

from lakehouse.tables.bronze import bronze_table
from lakehouse.tables.model import LAYERS, Column, Table
from lakehouse.tables.registry import all_tables

HEAD = """\
# Tables

<!-- Generated from lakehouse/tables by `python -m jobs.reference`; edit those. -->

Every table of the lakehouse with its grain, key and columns. Timestamps are UTC. Every column may be null unless it
says *required*; what a null means stands with the column. The views of `analytics` are described in their own files,
`lakehouse/sql/views/`.
"""
LAYER_TEXTS = {
    "bronze": "One append-only table per source: the source's own columns as they came, then the envelope below.",
    "silver": "One canonical model for every source.",
    "gold": "Additive measures per hour, to be summed over any window and dimension; and the price book.",
    "ops": "What the pipeline did.",
}


def documented() -> tuple[Table, ...]:
    """Tables of the page: the envelope that every bronze table has, and every fixed table."""
    return (bronze_table("SOURCE", (), "the source's table"), *all_tables())


def reference(tables: Sequence[Table]) -> str:
    """Write the page as Markdown: a list of the tables, then a section each, by layer."""
    by_layer = {layer: [table for table in tables if table.layer == layer] for layer in LAYERS}
    layers = [(layer, found) for layer, found in by_layer.items() if found]
    index = [f"| [`{t.full_name}`](#{_anchor(t)}) | {_cell(t.grain)} |" for _, found in layers for t in found]
    parts = [HEAD, "| table | grain |\n| --- | --- |\n" + "\n".join(index) + "\n"]
    for layer, found in layers:
        parts += [f"## {layer}\n\n{LAYER_TEXTS[layer]}\n", *(_section(table) for table in found)]
    return "\n".join(parts)


def _section(table: Table) -> str:
    facts = {"Key": table.key, "Clustered by": table.cluster_by, "Made from": table.sources}
    told = [f"{name}: {', '.join(values)}." for name, values in facts.items() if values]
    rows = "".join(_row(column) for column in table.columns)
    return (
        f"### `{table.full_name}`\n\n{table.grain}. {' '.join(told)}\n\n"
        f"| column | type | unit | meaning |\n| --- | --- | --- | --- |\n{rows}"
    )


def _row(column: Column) -> str:
    required = "" if column.nullable else "; *required*"
    values = f". One of: {', '.join(f'`{value}`' for value in column.enum)}" if column.enum else ""
    meaning = _cell(column.description + values)
    return f"| `{column.name}` | {column.type}{required} | {column.unit or ''} | {meaning} |\n"


def _anchor(table: Table) -> str:
    """The anchor that Markdown renderers give the section's heading."""
    return table.full_name.replace(".", "").lower()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
