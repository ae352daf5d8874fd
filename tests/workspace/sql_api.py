"""Warehouses and the statement execution API of the stand-in; an engine that the test gives does the work."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count

import duckdb

from tests.workspace.server import ApiError, Body, Request, Workspace

Rows = tuple[list[tuple[str, str]], list[Sequence[str | None]]]  # name and type of columns, texts
Engine = Callable[[str], Rows]
CHUNK_ROWS = 1_000
NOT_A_QUERY = re.compile(r"^(ALTER TABLE|CREATE OR REPLACE) ", re.MULTILINE)


class StatementError(Exception):
    """What an engine raises where a statement fails."""


def duckdb_engine(connection: duckdb.DuckDBPyConnection) -> Engine:
    """Let DuckDB answer queries, with Databricks's names of types; whatever else is only noted."""
    names = {"VARCHAR": "STRING", "INTEGER": "INT", "HUGEINT": "DECIMAL(38,0)", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}

    def run(statement: str) -> Rows:
        if NOT_A_QUERY.search(statement):  # only Databricks knows it
            return [], []
        try:
            described = connection.execute(f"DESCRIBE {statement}").fetchall()
            texts = connection.execute(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({statement})").fetchall()
        except duckdb.Error as error:
            raise StatementError(str(error)) from error
        return [(name, names.get(kind, kind)) for name, kind, *_ in described], texts

    return run


class Sql:
    """Warehouses by id, and statements; `engine` raises where a statement fails."""

    def __init__(self, workspace: Workspace) -> None:
        self.warehouses: dict[str, Body] = {}
        self.engine: Engine = duckdb_engine(duckdb.connect())
        self.statements: dict[str, tuple[Body, list[Sequence[str | None]]]] = {}
        self.asked: list[str] = []
        self.numbers = count(1)
        warehouses, statements = "/api/2.0/sql/warehouses", "/api/2.0/sql/statements"
        workspace.route("GET", warehouses, lambda request: {"warehouses": list(self.warehouses.values())})
        workspace.route("POST", warehouses, lambda request: {"id": self.add(**request.body)})
        workspace.route("GET", f"{warehouses}/([^/]+)", lambda request: self._warehouse(request.args[0]))
        workspace.route("POST", f"{warehouses}/([^/]+)/edit", self._edit)
        workspace.route("DELETE", f"{warehouses}/([^/]+)", self._delete)
        workspace.route("POST", statements, self._execute)
        workspace.route("GET", f"{statements}/([^/]+)", lambda request: self.statements[request.args[0]][0])
        workspace.route("GET", f"{statements}/([^/]+)/result/chunks/([0-9]+)", self._chunk)

    def add(self, name: str, state: str = "RUNNING", **settings: object) -> str:
        """Keep a warehouse; gives its id."""
        number = f"warehouse{next(self.numbers)}"
        self.warehouses[number] = settings | {"id": number, "name": name, "state": state}
        return number

    def _warehouse(self, number: str) -> Body:
        if number not in self.warehouses:
            raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"no warehouse {number}")
        return self.warehouses[number]

    def _edit(self, request: Request) -> Body:
        self._warehouse(request.args[0]).update(request.body)
        return {}

    def _delete(self, request: Request) -> Body:
        self.warehouses.pop(self._warehouse(request.args[0])["id"])
        return {}

    def _execute(self, request: Request) -> Body:
        warehouse, number = self._warehouse(request.body["warehouse_id"]), f"statement{next(self.numbers)}"
        self.asked.append(request.body["statement"])
        if warehouse["state"] != "RUNNING":  # it would start; here it stays as it is
            body: Body = {"statement_id": number, "status": {"state": "PENDING"}}
            self.statements[number] = body, []
            return body
        try:
            columns, rows = self.engine(request.body["statement"])
        except StatementError as error:
            message = {"error_code": "BAD_REQUEST", "message": str(error)}
            return {"statement_id": number, "status": {"state": "FAILED", "error": message}}
        schema = {"columns": [{"name": n, "type_text": t, "position": i} for i, (n, t) in enumerate(columns)]}
        chunks = max(1, -(-len(rows) // CHUNK_ROWS))
        manifest = {"schema": schema, "total_chunk_count": chunks, "total_row_count": len(rows), "truncated": False}
        body = {"statement_id": number, "status": {"state": "SUCCEEDED"}, "manifest": manifest,
                "result": {"chunk_index": 0, "data_array": rows[:CHUNK_ROWS]}}  # fmt: skip
        self.statements[number] = body, rows
        return body

    def _chunk(self, request: Request) -> Body:
        number, index = request.args[0], int(request.args[1])
        rows = self.statements[number][1][index * CHUNK_ROWS : (index + 1) * CHUNK_ROWS]
        return {"chunk_index": index, "data_array": rows}
