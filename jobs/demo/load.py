"""Deliver the bundled requests to a PostgreSQL, slice by slice, as their publishers did: with overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Identifier

from jobs.demo.samples import Row, rows, slices
from jobs.demo.tables import DELIVERY_DDL, LLM_CALLS, LLM_CALLS_DDL
from jobs.spend_logs import CREATE_INDEXES, CREATE_TABLE
from jobs.spend_logs import TABLE as SPEND_LOGS
from lakehouse.errors import ConfigurationError
from lakehouse.io.database import get_connection, parse_url

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Delivery:
    """What a slice brought to one table: rows it holds, and rows among them that the table did not have yet."""

    table: str
    offered: int
    new: int


def create_tables(url: str) -> None:
    """Create the two source tables and the record of deliveries, where they are missing.

    Raises:
        DatabaseUrlError, SourceAccessError, SourceSchemaError, TransientError: As `lakehouse.io.database` says.
    """
    with get_connection(parse_url(url)) as connection:
        for statements in (CREATE_TABLE, *CREATE_INDEXES, LLM_CALLS_DDL, DELIVERY_DDL):
            connection.execute(statements)


def deliver(url: str, slice_no: int) -> tuple[Delivery, ...]:
    """Insert one slice in one transaction; rows that are there already stay as they are, so repeating adds nothing.

    Args:
        url: The database that `create_tables` has prepared.
        slice_no: 0 for the first load, then 1 to `slices() - 1`.

    Raises:
        ConfigurationError: There is no such slice.
        DatabaseUrlError, SourceAccessError, SourceSchemaError, TransientError: As `lakehouse.io.database` says.
    """
    if not 0 <= slice_no < slices():
        raise ConfigurationError(f"the bundled requests have slices 0 to {slices() - 1}, not {slice_no}")
    with get_connection(parse_url(url)) as connection:
        deliveries = tuple(_insert(connection, table, slice_no) for table in (SPEND_LOGS, LLM_CALLS))
        connection.execute(
            "INSERT INTO observatory_demo.delivery (slice_no) VALUES (%s) ON CONFLICT DO NOTHING", [slice_no]
        )
    return deliveries


def delivered(url: str) -> int:
    """Count the slices delivered so far, which is also the number of the next one.

    Raises:
        DatabaseUrlError, SourceAccessError, SourceSchemaError, TransientError: As `lakehouse.io.database` says.
    """
    with get_connection(parse_url(url)) as connection:
        found = connection.execute("SELECT coalesce(max(slice_no) + 1, 0) FROM observatory_demo.delivery").fetchone()
    return int(str(found[0])) if found else 0


def _insert(connection: Connection, table: str, slice_no: int) -> Delivery:
    chosen = [one.row for one in rows() if one.table == table and slice_no in one.slices]
    if not chosen:
        return Delivery(table, 0, 0)
    target, incoming = Identifier(table), Identifier("incoming")
    connection.execute(SQL("CREATE TEMP TABLE {} (LIKE {} INCLUDING DEFAULTS)").format(incoming, target))
    _copy(connection, chosen)
    result = connection.execute(SQL("INSERT INTO {} SELECT * FROM {} ON CONFLICT DO NOTHING").format(target, incoming))
    connection.execute(SQL("DROP TABLE {}").format(incoming))
    return Delivery(table, len(chosen), result.rowcount)


def _copy(connection: Connection, chosen: Sequence[Row]) -> None:
    """COPY names only the columns that a sample fills; the others take the table's defaults."""
    columns = SQL(", ").join(map(Identifier, chosen[0]))
    with (
        connection.cursor() as cursor,
        cursor.copy(SQL("COPY {} ({}) FROM STDIN").format(Identifier("incoming"), columns)) as copy,
    ):
        for row in chosen:
            copy.write_row(tuple(row.values()))
