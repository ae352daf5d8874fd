"""The queries of savings, run by DuckDB on made-up traffic, against plain loops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot

from lakehouse.sql.savings import load_savings
from lakehouse.tables import Table, table
from lakehouse.tables.analyses import CONFIDENCES, SAVING_KINDS
from tests.support.findings import LIFETIMES_S, START, content, duplicates, traffic

Row = dict[str, Any]
SILVER, CONTENT = (table(f"silver.{name}") for name in ("llm_interactions", "llm_interaction_content"))
# Spark's functions that sqlglot leaves as they are → DuckDB's.
NAMES = {"UNIX_MICROS(": "EPOCH_US(", "SHA2(": "SHA256(", ", 256)": ")"}


def put(connection: duckdb.DuckDBPyConnection, into: Table, rows: list[Row]) -> None:
    """Create a table with the rows; times lose their zone, which is UTC."""
    types = {"STRING": "VARCHAR", "ARRAY<STRING>": "VARCHAR[]"}
    columns = ", ".join(f"{column.name} {types.get(column.type, column.type)}" for column in into.columns)
    connection.execute(f"CREATE TABLE {into.full_name} ({columns})")
    plain = [{k: v.replace(tzinfo=None) if getattr(v, "tzinfo", None) else v for k, v in row.items()} for row in rows]
    names = sorted({name for row in plain for name in row})
    connection.register("given", pa.Table.from_pylist([{name: row.get(name) for name in names} for row in plain]))
    connection.execute(f"INSERT INTO {into.full_name} BY NAME SELECT * FROM given")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """The traffic as plain values, some of its failures with a price."""
    made = traffic()
    failed = [row for row in made if row["status"] == "error"]
    return [row | {"cost_usd": Decimal("0.5")} if row in failed[::5] else row for row in made]


@pytest.fixture(scope="module")
def database(rows: list[Row]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Silver with the traffic."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA silver")
        put(connection, SILVER, rows)
        put(connection, CONTENT, content(rows))
        yield connection


def result(database: duckdb.DuckDBPyConnection, kind: str, days: int = 30) -> list[Row]:
    """Rows of a query over some days from the first."""
    (saving,) = [saving for saving in load_savings() if saving.kind == kind]
    (query,) = sqlglot.transpile(saving.within(START.date(), START.date() + timedelta(days=days)), "spark", "duckdb")
    for name, other in NAMES.items():
        query = query.replace(name, other)
    return database.sql(query).to_arrow_table().to_pylist()


def test_every_file_says_what_it_is() -> None:
    """Kinds and confidences are those of the table."""
    for saving in load_savings():
        assert saving.kind in SAVING_KINDS
        assert saving.confidence in CONFIDENCES
        assert saving.method.endswith(".")
        assert "DATE '9999-12-31'" in saving.query


def test_duplicates_are_those_of_a_plain_loop(database: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    """For each lifetime: all repeats, and those with the same answer."""
    told = {row["variant_name"]: row for row in result(database, "exact_duplicate")}
    for variant, seconds in LIFETIMES_S.items():
        low, high = duplicates(rows, seconds)
        row = told.get(variant, {"saving_low_usd": 0, "saving_high_usd": 0})
        assert (row["saving_low_usd"], row["saving_high_usd"]) == (low, high)
    assert 0 < told["7 d"]["saving_low_usd"] < told["7 d"]["saving_high_usd"]


def test_retries_cost_what_the_groups_say(database: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    """Priced failures for sure, the others at most the input of the attempt that was answered; none is left over."""
    answered = {row["request_group_id"]: row["cost_fresh_input_usd"] for row in rows if row["status"] == "ok"}
    for row in result(database, "retry_waste"):
        failed = [r for r in rows if r["model_key"] == row["model_key"] and r["status"] == "error"]
        low = sum((r.get("cost_usd") or Decimal(0) for r in failed), Decimal(0))
        high = sum(r.get("cost_usd") or answered[r["request_group_id"]] for r in failed)
        assert (row["request_count"], row["saving_low_usd"], row["saving_high_usd"]) == (len(failed), low, high)
    assert result(database, "failure_waste") == []


def test_days_bound_a_query(database: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    """From the first of them to the last, both included."""
    first = [r for r in rows if r["status"] == "error" and r["event_date"] == START.date()]
    assert sum(row["request_count"] for row in result(database, "retry_waste", days=0)) == len(first)


def test_nothing_is_saved_on_what_did_not_happen(database: duckdb.DuckDBPyConnection) -> None:
    """All was streamed, prompts are short, no answer was cut off."""
    assert [result(database, kind) for kind in ("batch", "prefix_reuse", "truncation")] == [[], [], []]
