"""Runs silver and gold in DuckDB on bronze's own files, and compares what comes out with ours."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import duckdb
import pyarrow as pa

from jobs.bench import duckdb_gold, duckdb_prices, duckdb_silver
from lakehouse.tables.gold import ERRORS, LATENCY, USAGE
from lakehouse.tables.model import Table
from lakehouse.tables.silver import INTERACTIONS

GOLD = ((USAGE, duckdb_gold.usage), (LATENCY, duckdb_gold.latency), (ERRORS, duckdb_gold.errors))
DIFFERENCES = Template("""
WITH sides AS (SELECT 1 AS side, $columns FROM ours UNION ALL SELECT -1 AS side, $columns FROM theirs)
SELECT sum(side) AS more, * EXCLUDE (side) FROM sides GROUP BY ALL HAVING sum(side) <> 0 LIMIT 20
""")
MILLISECOND_DECIMALS = 3  # a sum of times depends on its order in the last bits


@dataclass(frozen=True)
class Inputs:
    """What both engines read.

    Attributes:
        bronze: Parquet files of the bronze table of a LiteLLM source.
        aliases: silver.model_alias.
        prices: gold.dim_model_price.
    """

    bronze: Sequence[str]
    aliases: pa.Table
    prices: pa.Table


def run(inputs: Inputs, folder: Path, threads: int = 2) -> dict[str, float]:
    """Write silver and the gold tables as Parquet files into `folder`, named after the tables.

    Returns:
        Seconds by table, in the order of the work.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _connect(threads) as connection:
        connection.read_parquet(list(inputs.bronze)).create_view("bronze")
        connection.register("aliases", inputs.aliases)
        connection.register("prices", inputs.prices)
        started = time.perf_counter()
        for statement in (*duckdb_silver.statements(), *duckdb_prices.statements(), duckdb_silver.judged()):
            connection.execute(statement)
        is_repeated = connection.execute("SELECT count(*) > 0 FROM repeated").fetchall() == [(True,)]
        query = duckdb_silver.NEWEST if is_repeated else duckdb_silver.PUBLISHED
        _write(connection, query, INTERACTIONS, folder)
        seconds = {INTERACTIONS.full_name: time.perf_counter() - started}
        connection.read_parquet(str(_file(INTERACTIONS, folder))).create_view("silver")
        connection.execute(duckdb_gold.HOURS)
        for table, gold in GOLD:
            started = time.perf_counter()
            _write(connection, gold(), table, folder)
            seconds[table.full_name] = time.perf_counter() - started
    return seconds


def differences(table: Table, ours: Sequence[str], folder: Path) -> list[tuple[object, ...]]:
    """Rows that only one of both engines has, at most 20, each led by how often ours has it more.

    Args:
        table: One of those that `run` writes.
        ours: Parquet files of our table.
        folder: As given to `run`.
    """
    columns = ", ".join(_comparable(column.name, column.type) for column in table.columns)
    with _connect() as connection:
        connection.read_parquet(list(ours)).create_view("ours")
        connection.read_parquet(str(_file(table, folder))).create_view("theirs")
        return connection.sql(DIFFERENCES.substitute(columns=columns)).fetchall()


def _comparable(name: str, kind: str) -> str:
    if kind == "TIMESTAMP":  # Parquet files may or may not say that it is UTC
        return f"{name}::TIMESTAMP AS {name}"
    return f"round({name}, {MILLISECOND_DECIMALS}) AS {name}" if kind == "DOUBLE" else name


def _write(connection: duckdb.DuckDBPyConnection, query: str, table: Table, folder: Path) -> None:
    connection.sql(query).select(*table.column_names).write_parquet(str(_file(table, folder)), compression="snappy")


def _file(table: Table, folder: Path) -> Path:
    return folder / f"{table.full_name}.parquet"


def _connect(threads: int = 2) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": str(threads), "preserve_insertion_order": "false"})
