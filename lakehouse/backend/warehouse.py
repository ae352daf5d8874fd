"""A Databricks SQL warehouse, through the vendor's SDK."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from lakehouse.backend.base import Row, Value
from lakehouse.io.warehouse import Warehouse

KEPT_S = 60  # how old an answer may be: asking a warehouse for its tables' versions would cost more than the answer


@dataclass(frozen=True)
class WarehouseBackend:
    """Runs statements on a warehouse, with the rights of whoever the client is."""

    warehouse: Warehouse

    def rows(self, sql: str, values: Mapping[str, Value]) -> list[Row]:
        """See `Backend.rows`."""
        found: list[Row] = self.warehouse.read(sql, values, schema="analytics").to_pylist()
        return found

    def version(self) -> str:
        """Another text every `KEPT_S` seconds."""
        return str(int(time.time() // KEPT_S))
