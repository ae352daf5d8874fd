"""Load synthetic traffic into a PostgreSQL table as LiteLLM has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from jobs.simulate.traffic import DAYS, START, generate
from jobs.spend_logs import CREATE_INDEXES, CREATE_TABLE, TABLE
from lakehouse.io.database import DatabaseUrl, get_connection

T = TypeVar("T")
Progress = Callable[[int], None]


def _silent(rows: int) -> None:
    """Show no progress."""


def load(
    url: DatabaseUrl, rows: int, seed: int, start: datetime = START, days: int = DAYS, progress: Progress = _silent
) -> int:
    """Put `rows` synthetic rows into the source's ``"LiteLLM_SpendLogs"``, made with its indexes where it is absent.

    One transaction: all rows or none. Rows of an earlier load with the same seed are replaced; no other row is touched.

    Args:
        url: The source; its schema, else the user's default one.
        rows: Rows to load, also the number returned.
        seed: As `start` and `days`, see :func:`generate`.
        start: Start of the first day.
        days: Days to spread over.
        progress: Called after each chunk with the rows sent so far.

    Raises:
        ConfigurationError: A number is out of range, `start` has no time zone, or the source refuses.
        TransientError: The source cannot be reached.
    """
    with get_connection(url) as connection:
        is_new = _prepare(connection, url.schema, seed)
        sent = 0
        for chunk, lines in _ahead((chunk, copy_text(chunk)) for chunk in generate(rows, seed, start, days)):
            _copy(connection, chunk.column_names, lines)
            sent += len(chunk)
            progress(sent)
        if is_new:
            for index in CREATE_INDEXES:
                connection.execute(index)
    return sent


def _copy(connection: psycopg.Connection[tuple[object, ...]], names: list[str], lines: memoryview) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(TABLE), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(lines)


def _prepare(connection: psycopg.Connection[tuple[object, ...]], schema: str | None, seed: int) -> bool:
    """Make the table or clear it of this seed's rows; says whether the table is new."""
    if schema:
        connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(schema)))
    found = connection.execute("SELECT to_regclass(%s)", (f'"{TABLE}"',)).fetchone()
    if found == (None,):
        connection.execute(CREATE_TABLE)
        return True
    statement = sql.SQL("DELETE FROM {} WHERE starts_with(request_id, %s)").format(sql.Identifier(TABLE))
    connection.execute(statement, (f"sim-{seed}-",))
    return False


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """Make the next item in a thread while the caller works on this one: the server parses while we draw."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        following = executor.submit(next, items, None)
        while (item := following.result()) is not None:
            following = executor.submit(next, items, None)
            yield item


def copy_text(chunk: pa.Table) -> memoryview:
    """Write a chunk in PostgreSQL's COPY text format.

    Backslashes, which only error texts in the metadata hold, are doubled; no value holds a tab or a line break.
    """
    metadata = pc.replace_substring(chunk["metadata"], "\\", "\\\\")
    chunk = chunk.set_column(chunk.column_names.index("metadata"), "metadata", metadata).combine_chunks()
    columns = [pc.cast(column, pa.string()) for column in chunk.itercolumns()]
    columns[-1] = pc.binary_join_element_wise(columns[-1], "", "\n")
    lines = pc.binary_join_element_wise(*columns, "\t", null_handling="replace", null_replacement="\\N")
    return _characters(lines.combine_chunks())


def _characters(lines: pa.Array) -> memoryview:
    """Give the characters of all values without a copy: they lie one after another in the array's last buffer."""
    _, offsets, characters = lines.buffers()
    first, end = np.frombuffer(offsets, dtype=np.int32)[[lines.offset, lines.offset + len(lines)]]
    return memoryview(characters)[first:end] if characters else memoryview(b"")
