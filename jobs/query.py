"""`observatory query`: read views and tables of the local lakehouse."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pyarrow as pa
import sqlglot
from pyspark.errors import AnalysisException, ParseException
from rich.console import Console
from rich.table import Table
from sqlglot import exp

from lakehouse.errors import ConfigurationError
from lakehouse.io.catalog import open_lakehouse

Format = Literal["table", "json", "csv", "parquet"]
READS = (exp.Query, exp.Describe, exp.Subquery)


def query(sql: str, home: Path, shape: Format, output: Path | None) -> None:
    """Run one reading statement and write its rows to `output`, else to stdout.

    Raises:
        ConfigurationError: The statement does not parse, does not only read, or names what is not there; parquet has
            no output file.
    """
    check_reads(sql)
    if shape == "parquet" and output is None:
        raise ConfigurationError("parquet is binary: give --output FILE")
    try:
        rows = open_lakehouse(home).sql(sql).toArrow()
    except (AnalysisException, ParseException) as error:
        raise ConfigurationError(f"query: {str(error).splitlines()[0]}") from error
    write(rows, shape, output)


def check_reads(sql: str) -> None:
    """Refuse everything but one statement that reads.

    Raises:
        ConfigurationError: See `query`.
    """
    try:
        statements = sqlglot.parse(sql, read="databricks")
    except sqlglot.errors.SqlglotError as error:
        raise ConfigurationError(f"query: not valid SQL: {str(error).splitlines()[0]}") from error
    if len(statements) != 1 or not _reads(statements[0]):
        raise ConfigurationError("query: give one SELECT, SHOW or DESCRIBE; the lakehouse is only read here")


def _reads(statement: exp.Expression | None) -> bool:
    if isinstance(statement, exp.Command):  # how the parser keeps SHOW
        return str(statement.this).upper() == "SHOW"
    return isinstance(statement, READS)


def write(rows: pa.Table, shape: Format, output: Path | None) -> None:
    """Write rows in the given shape.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    try:
        _write(rows, shape, output)
    except OSError as error:
        if output is None:  # whoever reads our stdout has left
            raise
        raise ConfigurationError(f"cannot write {output}: {error.strerror}; choose another --output") from error


def _write(rows: pa.Table, shape: Format, output: Path | None) -> None:
    if shape == "parquet":
        import pyarrow.parquet as parquet

        parquet.write_table(rows, output)
    elif shape == "csv":
        import pyarrow.csv as csv

        csv.write_csv(_flat(rows), output or sys.stdout.buffer)
    else:
        with output.open("w") if output else _stdout() as stream:
            text = json.dumps(rows.to_pylist(), default=plain, indent=1) if shape == "json" else None
            print(text, file=stream) if text else Console(file=stream).print(_table(rows))


def _flat(rows: pa.Table) -> pa.Table:
    """Write arrays and structs as JSON, which CSV has no form for."""
    for number, field in enumerate(rows.schema):
        if pa.types.is_nested(field.type):
            texts = [None if v is None else json.dumps(v, default=plain) for v in rows.column(number).to_pylist()]
            rows = rows.set_column(number, field.name, pa.array(texts, pa.string()))
    return rows


def _stdout() -> object:
    from contextlib import nullcontext

    return nullcontext(sys.stdout)


def _table(rows: pa.Table) -> Table:
    table = Table(*rows.column_names)
    for row in rows.to_pylist():
        table.add_row(*["" if value is None else str(plain(value)) for value in row.values()])
    return table


def plain(value: object) -> object:
    """Write times as ISO 8601 and money in full, as JSON has neither."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
