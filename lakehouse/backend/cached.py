"""Answers that are kept until the tables change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from lakehouse.backend.base import Backend, Row, Value

KEPT = 512  # answers; a page needs five or so


class CachedBackend:
    """Keeps the last answers of another backend, the `engine`, each for one state of the tables."""

    def __init__(self, engine: Backend) -> None:
        self.engine = engine
        self._answers: OrderedDict[object, list[Row]] = OrderedDict()
        self._lock = Lock()

    def rows(self, sql: str, values: Mapping[str, Value]) -> list[Row]:
        """See `Backend.rows`; an answer that is kept costs no query."""
        key = (self.version(), sql, tuple(values.items()))
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        found = self.engine.rows(sql, values)
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return found

    def version(self) -> str:
        """See `Backend.version`."""
        return self.engine.version()
