"""Columns and notes that several panels share."""

from __future__ import annotations

from collections.abc import Callable

from lakehouse.web import formats as f
from lakehouse.web.figures import TOP_MODELS, Rows
from lakehouse.web.page import Chart, Column

PROVIDER = Column("Provider", "provider_name", missing="unknown")
MODEL = Column("Model", "model_key", breaks=True)
SOURCE = Column("Source", "source_name")
DAY = Column("Day, UTC", "event_date", f.instant, "no date")
REQUESTS = Column("Requests", "request_count", f.count)
COST = Column("Our cost", "cost_usd", f.usd, "not priced")


def quantile(name: str, n: str) -> Column:
    """A latency quantile such as `p95`; where it is null, the column `n` tells why."""
    return Column(name, f"{name}_ms", f.milliseconds, lambda row: "n too small" if row[n] else "not measured")


def drawn(draw: Callable[[Rows], Chart], rows: Rows) -> Chart | None:
    """A chart of the rows; no rows, no chart."""
    return draw(rows) if rows else None


def cut(rows: Rows, order: str, total: int | None = None, limit: int = TOP_MODELS) -> tuple[str, ...]:
    """Says that only the first rows are shown, where that may be so."""
    if len(rows) < limit:
        return ()
    return (f"The first {limit} {order}{f', of {total:,}' if total else ''}.",)
