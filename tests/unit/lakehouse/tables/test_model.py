"""Definitions: what a table must say before it registers, and what follows from them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyspark.sql import types as t

from lakehouse.errors import TableDefinitionError
from lakehouse.tables import all_tables, table
from lakehouse.tables.bronze import ENVELOPE, bronze_table
from lakehouse.tables.columns import MONEY, MONEY_SUM, C, pick
from lakehouse.tables.ddl import create_table
from lakehouse.tables.model import Column, Table, check
from lakehouse.tables.reference import documented, reference
from lakehouse.tables.struct import data_type, struct_type

NAME = Column("name", "STRING", "It's a \\ name", enum=("a", "b"), nullable=False)
COST = Column("cost_usd", "DECIMAL(20,12)", "Cost", "USD")
TABLE = Table("gold", "costs", "One row per name", (NAME, COST), key=("name",), cluster_by=("name",), sources=("x",))


def test_what_says_everything_registers() -> None:
    """And comes back as it is."""
    assert check(TABLE) is TABLE


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"grain": "Costs"}, "its grain must start with 'One row per '"),
        ({"layer": "platinum"}, "layer 'platinum' is none of bronze, silver"),
        ({"columns": (NAME, replace(COST, description=" "))}, "column 'cost_usd' has no description"),
        ({"columns": (NAME, replace(COST, name="cost usd"))}, "column name 'cost usd' is not an identifier"),
        ({"columns": (NAME, NAME)}, "column 'name' stands twice"),
        ({"key": ("id",)}, "unknown column 'id' in key or clustering"),
        ({"cluster_by": ("id",)}, "unknown column 'id' in key or clustering"),
        ({"key": ()}, "it has no key"),
        ({"cluster_by": ("name",) * 5}, "it clusters by more than 4 columns"),
    ],
)
def test_what_does_not_is_refused(changes: dict[str, object], problem: str) -> None:
    """With the table's name and what it lacks."""
    with pytest.raises(TableDefinitionError) as caught:
        check(replace(TABLE, **changes))  # type: ignore[arg-type]
    assert problem in str(caught.value)
    assert "table " in str(caught.value)


def test_same_name_means_the_same_everywhere() -> None:
    """One type and one unit per column name, over all tables."""
    meanings: dict[str, set[tuple[str, str | None]]] = {}
    for found in all_tables():
        for column in found.columns:
            kind = {MONEY_SUM: MONEY, "INT": "BIGINT"}.get(column.type, column.type)  # a sum needs more digits
            meanings.setdefault(column.name, set()).add((kind, column.unit))
    assert {name: several for name, several in meanings.items() if len(several) > 1} == {}


def test_names_tell_the_unit() -> None:
    """A suffix and a unit go together, over all tables."""
    units = {"_ms": "ms", "_usd": "USD", "_tokens": "token", "_count": "1"}
    for column in (column for found in all_tables() for column in found.columns):
        wanted = [unit for suffix, unit in units.items() if column.name.endswith(suffix)]
        assert wanted in ([], [column.unit]), column
        assert column.type != "TIMESTAMP" or column.name.endswith(("_at", "_from", "_to")), column
        is_flag = column.name.startswith("is_") or column.name == "gateway_cache_hit"
        assert is_flag == (column.type == "BOOLEAN"), column


def test_unknown_names_are_told_what_there_is() -> None:
    """Of tables and of columns."""
    with pytest.raises(TableDefinitionError, match=r"no table 'gold\.nothing'; there are silver\.llm_interactions"):
        table("gold.nothing")
    with pytest.raises(TableDefinitionError, match=r"gold\.costs has no column 'x'; it has name, cost_usd"):
        TABLE.column("x")
    assert TABLE.column("cost_usd") is COST


def test_ddl_is_what_was_defined() -> None:
    """Quotes and backslashes in texts survive; a location only where one is given."""
    ddl = create_table(TABLE, "/home/it's")
    assert ddl == (
        "CREATE TABLE IF NOT EXISTS gold.costs (\n"
        "  `name` STRING NOT NULL COMMENT 'It\\'s a \\\\ name One of: a, b.',\n"
        "  `cost_usd` DECIMAL(20,12) COMMENT 'Cost Unit: USD.'\n"
        ")\nUSING DELTA\nCLUSTER BY (name)\nCOMMENT 'One row per name'\n"
        "TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'name')\nLOCATION '/home/it\\'s'"
    )
    assert "LOCATION" not in create_table(TABLE)
    unclustered = create_table(replace(TABLE, cluster_by=()))
    assert "CLUSTER BY" not in unclustered
    assert "'delta.dataSkippingNumIndexedCols' = '0'" in unclustered


def test_types() -> None:
    """Spark's of ours, and no others."""
    assert data_type("ARRAY<STRING>") == t.ArrayType(t.StringType())
    assert struct_type(TABLE) == t.StructType(
        [t.StructField("name", t.StringType(), False), t.StructField("cost_usd", t.DecimalType(20, 12), True)]
    )
    with pytest.raises(TableDefinitionError, match="type 'MONEY' is unknown; known are STRING"):
        data_type("MONEY")


def test_bronze_has_the_sources_columns_and_the_envelope() -> None:
    """A column without description does not register."""
    made = bronze_table("gateway", pick("model_key"), "public.calls")
    assert made.columns == (C["model_key"], *ENVELOPE)
    assert (made.full_name, made.grain) == ("bronze.gateway", "One row per version of a row of public.calls")
    with pytest.raises(TableDefinitionError, match="column 'x' has no description"):
        bronze_table("gateway", (Column("x", "STRING", ""),), "public.calls")


def test_reference_names_every_table_and_column() -> None:
    """With type, unit, allowed values and whether it is required; a bar in a text ends no cell."""
    page = reference([replace(TABLE, columns=(NAME, replace(COST, description="This | that")))])
    assert "| [`gold.costs`](#goldcosts) | One row per name |" in page
    assert "### `gold.costs`\n\nOne row per name. Key: name. Clustered by: name. Made from: x.\n" in page
    assert "| `name` | STRING; *required* |  | It's a \\ name. One of: `a`, `b` |" in page
    assert "| `cost_usd` | DECIMAL(20,12) | USD | This \\| that |" in page
    everything = reference(documented())
    assert all(f"### `{found.full_name}`" in everything for found in all_tables())
