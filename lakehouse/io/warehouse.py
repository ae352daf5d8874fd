"""Reads from a Databricks SQL warehouse; no Spark is needed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lakehouse.errors import ConfigurationError, WorkspaceError, WorkspaceNotFoundError, WorkspaceUnavailableError
from lakehouse.io.workspace import asking

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.sql import StatementParameterListItem, StatementResponse

START_S = 300.0  # a serverless warehouse wakes in seconds, a classic one takes minutes
POLL_S = 2.0
RUNNING = {"PENDING", "RUNNING"}
DENIED = re.compile(r"PERMISSION_DENIED|INSUFFICIENT_PERMISSIONS|does not have .*(privilege|permission)", re.IGNORECASE)
ABSENT = re.compile(r"TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND|NO_SUCH_CATALOG", re.IGNORECASE)
INTEGERS = {"TINYINT": pa.int8(), "SMALLINT": pa.int16(), "INT": pa.int32(), "BIGINT": pa.int64()}
KINDS: dict[str, tuple[pa.DataType, Callable[[str], Any]]] = {
    **{name: (kind, int) for name, kind in INTEGERS.items()},
    "FLOAT": (pa.float32(), float),
    "DOUBLE": (pa.float64(), float),
    "BOOLEAN": (pa.bool_(), lambda text: text == "true"),
    "DATE": (pa.date32(), date.fromisoformat),
    "TIMESTAMP": (pa.timestamp("us", "UTC"), lambda text: _utc(datetime.fromisoformat(text))),
    "TIMESTAMP_NTZ": (pa.timestamp("us"), datetime.fromisoformat),
}


@dataclass(frozen=True)
class Warehouse:
    """A warehouse, and the catalog in which names are looked up."""

    client: WorkspaceClient
    id: str
    name: str
    catalog: str

    def read(
        self, sql: str, values: Mapping[str, str | int | float | date | None] | None = None, schema: str | None = None
    ) -> pa.Table:
        """Run one statement and give all its rows; a sleeping warehouse wakes first.

        Args:
            sql: One statement.
            values: Of its markers `:name`.
            schema: Of names without one.

        Raises:
            ConfigurationError: The statement fails.
            WorkspaceError: A grant or table is missing, or see `asking`.
            WorkspaceUnavailableError: The warehouse does not start, or see `asking`.
        """
        done = self._finished(sql, values or {}, schema)
        if done.manifest is None or done.manifest.schema is None:
            return pa.table({})
        if done.manifest.truncated:
            raise ConfigurationError(f"warehouse {self.name}: the result is too large to be sent: add a LIMIT")
        columns = [(str(c.name), str(c.type_text)) for c in done.manifest.schema.columns or ()]
        rows = list(self._rows(done))
        arrays = [_array([row[place] for row in rows], kind) for place, (_, kind) in enumerate(columns)]
        return pa.Table.from_arrays(arrays, names=[name for name, _ in columns])

    def _finished(self, sql: str, values: Mapping[str, Any], schema: str | None) -> StatementResponse:
        api, what = self.client.statement_execution, f"warehouse {self.name}"
        given = [_parameter(name, value) for name, value in values.items()]
        with asking(what):
            done = api.execute_statement(
                sql, self.id, catalog=self.catalog, schema=schema, parameters=given or None, wait_timeout="30s"
            )
        began = time.monotonic()
        while _state(done) in RUNNING:
            if time.monotonic() - began > START_S:
                raise WorkspaceUnavailableError(
                    f"{what} has not answered for {START_S:.0f} s: it is stopped, starting or full; start it under "
                    "SQL Warehouses, then try again"
                )
            time.sleep(POLL_S)
            with asking(what):
                done = api.get_statement(str(done.statement_id))
        if _state(done) != "SUCCEEDED":
            raise self._failure(done)
        return done

    def _failure(self, done: StatementResponse) -> ConfigurationError:
        error = done.status.error if done.status else None
        text = " ".join(str(error.message if error else _state(done)).split())[:400]
        if DENIED.search(text):
            return WorkspaceError(f"a grant is missing: {text}; see infra/grants and docs/DEPLOYMENT.md")
        if ABSENT.search(text):
            return WorkspaceNotFoundError(f"{text}; is the target deployed and its task provision done?")
        return ConfigurationError(f"query: {text}")

    def _rows(self, done: StatementResponse) -> Iterator[Sequence[str | None]]:
        yield from (done.result.data_array or () if done.result else ())
        for number in range(1, (done.manifest.total_chunk_count or 1) if done.manifest else 1):
            with asking(f"warehouse {self.name}"):
                chunk = self.client.statement_execution.get_statement_result_chunk_n(str(done.statement_id), number)
            yield from chunk.data_array or ()


def find_warehouse(client: WorkspaceClient, name: str, catalog: str) -> Warehouse:
    """Find a warehouse by its name.

    Raises:
        WorkspaceNotFoundError: There is none of that name that the user may see.
        WorkspaceError: See `asking`.
        WorkspaceUnavailableError: See `asking`.
    """
    with asking("warehouses"):
        found = [entry for entry in client.warehouses.list() if entry.name == name]
    if not found:
        raise WorkspaceNotFoundError(
            f"no warehouse {name} that you may use: is the target deployed, do you have CAN_USE?"
        )
    return Warehouse(client, str(found[0].id), name, catalog)


def _parameter(name: str, value: str | int | float | date | None) -> StatementParameterListItem:
    from databricks.sdk.service.sql import StatementParameterListItem

    kinds = {int: "BIGINT", float: "DOUBLE", date: "DATE"}
    return StatementParameterListItem(name, kinds.get(type(value), "STRING"), None if value is None else str(value))


def _state(done: StatementResponse) -> str:
    return done.status.state.value if done.status and done.status.state else "without a state"


def _array(texts: list[str | None], kind: str) -> pa.Array:
    """Texts of the API → values; arrays, structs and the like stay JSON."""
    if found := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", kind.upper()):
        values = [None if text is None else Decimal(text) for text in texts]
        return pa.array(values, pa.decimal128(int(found[1]), int(found[2])))
    if kind.upper() not in KINDS:
        return pa.array(texts, pa.string())
    arrow, read = KINDS[kind.upper()]
    return pa.array([None if text is None else read(text) for text in texts], arrow)


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
