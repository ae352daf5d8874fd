"""Generated pages of docs; `python -m jobs.reference` writes them anew, a test tells when one is stale."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from jobs.structure import cell, repository_structure
from lakehouse.config import (
    CONTENT_COLUMNS,
    AlertSettings,
    Settings,
    SloSettings,
    SourceSettings,
)
from lakehouse.reporting import BudgetSettings
from lakehouse.sources.focus import FOCUS
from lakehouse.sql.loader import load_views
from lakehouse.sql.metrics import metrics
from lakehouse.tables.model import Column
from lakehouse.tables.reference import documented, reference
from lakehouse.tables.silver import BILLED, MAPPED
from quality.catalogue import catalogue
from quality.loader import load_suites
from quality.model import Suite

ROOT = Path(__file__).resolve().parents[1]
KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
FORMATS = {"path": "path", "date-time": "time, UTC where it names no zone"}
CONFIGURATION = """\
# Configuration

<!-- Generated from lakehouse/config.py and lakehouse/tables by `python -m jobs.reference`; edit those. -->

A value comes from the first of these that has it: the command line (`--home`), an environment variable, the TOML file
given by `--config FILE` or `OBSERVATORY_CONFIG`, the default. A key that the file has and this page has not is an
error (exit code 2), and so is a value of the wrong type; the message names the key and never repeats the value.

No secret stands in a file: `url_env` names where the database's URL is, either an environment variable or
`SCOPE/KEY` of a Databricks secret scope. `.env.example` shows the variables; nothing reads a `.env` by itself, so start
with `uv run --env-file .env observatory …`. Examples to copy are in `infra/config/`.

## Settings

{settings}

`OBSERVATORY_SOURCES` holds all sources at once as a JSON array and replaces those of the file.

## Sources

One `[[sources]]` entry each. `observatory source check NAME` shows how an entry would be filled and writes nothing.

{sources}

The URL is a PostgreSQL one as LiteLLM has it in `DATABASE_URL`: `postgres://` or `postgresql://`, reserved characters
of the password percent-encoded. Of its parameters `schema`, `sslmode` and `sslrootcert` count; Prisma's own
(`connection_limit`, `pgbouncer` and the like) are ignored with a note; any other is an error.

## Alerts

One `[alerts]` table. What each rule means and what to do is in `docs/MONITORING.md`.

{alerts}
## Service level objectives

One `[[slos]]` entry each; `analytics.slo_burn` shows how fast each burns its error budget.

{slos}

A source with `records = "invoice"` gives lines of an invoice; what its `[sources.columns]` may fill, and what does by
default, are columns of FOCUS 1.2:

{invoices}

## Budgets

One `[[budgets]]` entry each; [costs](costs.md) shows their use.

{budgets}

## Columns that a table may fill

`[sources.columns]` of a source of kind `table` gives each canonical column either the name of a source column or an
expression of Spark SQL over source columns. Whole numbers, floats and booleans arrive as they are, everything else as
text, times in UTC. What is not mapped is derived where it follows from the rest (`lakehouse/sources/table/README.md`),
else null, and `analytics.column_coverage` says so. A value that cannot be read as the column's type sends its row to
quarantine (`unparsable_value`).

{columns}

With `content = "keep"` also {content}. Give `error_message_masked` the raw text: it is cut and masked afterwards, and
`error_type` is found from it where it is not mapped.

## Contract prices

`price_overrides` names a TOML file of `[[rate]]` tables that come before the list prices:

```toml
[[rate]]
provider = "openai"          # as in gold.dim_model_price, or a provider of your own
model = "gpt-4o"
component = "input_mtok"     # USD per million input tokens; output_mtok, cache_read_mtok and so on likewise
rate_usd = 2.125             # at most 6 decimals
service_tier = "standard"    # optional; standard without it
valid_from = 2026-01-01      # optional, UTC date; open without it
valid_to = 2027-01-01        # optional, exclusive
```
"""


def configuration_guide() -> str:
    """Write docs/guides/configuration.md from the settings classes and the column library."""
    settings = [(key, f"`OBSERVATORY_{key.upper()}`", *rest) for key, *rest in _fields(Settings)]
    return CONFIGURATION.format(
        settings=_table(("key", "environment variable", "value", "default", "meaning"), settings),
        alerts=_table(("key", "value", "default", "meaning"), _fields(AlertSettings)),
        sources=_table(("key", "value", "default", "meaning"), _fields(SourceSettings)),
        slos=_table(("key", "value", "default", "meaning"), _fields(SloSettings)),
        invoices=_table(("column", "by default", "meaning"), map(_line, BILLED)),
        budgets=_table(("key", "value", "default", "meaning"), _fields(BudgetSettings)),
        columns=_table(("column", "type", "unit", "meaning"), map(_column, MAPPED)),
        content=" and ".join(f"`{name}`" for name in CONTENT_COLUMNS),
    )


def pages(root: Path) -> dict[Path, str]:
    """Every generated page of the checkout at `root`: its path there and its text."""
    writers: dict[str, Callable[[], str]] = {
        "docs/guides/configuration.md": configuration_guide,
        "docs/DATA_QUALITY.md": lambda: catalogue(load_suites()),
        "docs/reference/metrics.md": lambda: metrics(load_views()),
        "docs/reference/tables.md": lambda: reference(documented()),
        "quality/schema.json": lambda: json.dumps(Suite.model_json_schema(), indent=2, ensure_ascii=False) + "\n",
        "docs/REPOSITORY_STRUCTURE.md": lambda: repository_structure(root),
    }
    return {root / path: write() for path, write in writers.items()}


def _fields(model: type[BaseModel]) -> list[tuple[str, str, str, str]]:
    """Key, value, default and meaning of every field, as a user writes them."""
    schema = model.model_json_schema(by_alias=True)
    required = schema.get("required", [])
    return [
        (key, _value(field), "required" if key in required else _default(field), field["description"])
        for key, field in schema["properties"].items()
    ]


def _value(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return _value(next(choice for choice in field["anyOf"] if choice.get("type") != "null"))
    if "$ref" in field:
        return "table"
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if field["type"] in ("array", "object"):
        return "tables" if field["type"] == "array" else "table"
    kind = FORMATS.get(field.get("format", ""), KINDS[field["type"]])
    limit = f" ≥ {field['minimum']}" if "minimum" in field else ""
    pattern = f" matching `{field['pattern']}`" if "pattern" in field else ""
    return f"{kind}{limit}{pattern}"


def _default(field: dict[str, Any]) -> str:
    default = field.get("default")
    return f"`{default}`" if not isinstance(default, dict) and default not in (None, [], {}, ()) else "–"


def _line(column: Column) -> tuple[str, str, str]:
    return f"`{column.name}`", f"`{FOCUS[column.name]}`", column.description


def _column(column: Column) -> tuple[str, str, str, str]:
    values = f"; one of {', '.join(column.enum)}" if column.enum else ""
    return f"`{column.name}`", column.type, column.unit or "", f"{column.description}{values}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell(text) for text in line)} |" for line in lines)


def main() -> None:
    """Write every page."""
    for path, text in pages(ROOT).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
