"""What runs SQL for the pages and the API: Spark in this process, or a warehouse; both answer with plain rows."""

from lakehouse.backend.base import Backend, Row, Value
from lakehouse.backend.cached import CachedBackend

__all__ = ["Backend", "CachedBackend", "Row", "Value"]
