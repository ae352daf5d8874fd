"""Task publish: the views that people read."""

from __future__ import annotations

from jobs.context import JobContext
from lakehouse.io.catalog import publish_views


def publish(context: JobContext) -> int:
    """Create or replace every view; gives their number."""
    count = publish_views(context.spark)
    context.tell(f"analytics: {count} views")
    return count
