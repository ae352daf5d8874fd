"""What every backend offers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

Row = Mapping[str, Any]
Value = str | int | float | date | None


class Backend(Protocol):
    """Runs statements that only read; names without schema are those of `analytics`."""

    def rows(self, sql: str, values: Mapping[str, Value]) -> list[Row]:
        """Run one statement whose markers `:name` take `values`.

        Raises:
            ConfigurationError: The statement names what is not there.
            TransientError: Trying again later may help.
        """
        ...

    def version(self) -> str:
        """Something that is another text once an answer may have changed."""
        ...
