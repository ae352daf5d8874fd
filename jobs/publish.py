"""Task publish: the views that people read, what these rest on, and the forecasts of budgets."""

from __future__ import annotations

from jobs.budgets import forecast_budgets
from jobs.context import JobContext
from jobs.facts import store
from lakehouse.io.catalog import publish_views
from lakehouse.io.frames import local_frame
from lakehouse.io.write import stage
from lakehouse.sql.loader import load_views
from lakehouse.tables.quality import LINEAGE
from quality.lineage import lineage


def publish(context: JobContext) -> int:
    """Create or replace every view and record its lineage where that changed; gives the number of views."""
    store(context, {"reporting_time_zone": context.settings.reporting_time_zone})
    count = publish_views(context.spark)
    pairs = lineage({view.name: view.reads for view in load_views()})
    stored = context.spark.table(LINEAGE.full_name).select(*LINEAGE.column_names).collect()
    if sorted(map(tuple, stored)) != pairs:
        stage(local_frame(context.spark, LINEAGE, pairs), LINEAGE)
    context.tell(f"analytics: {count} views")
    forecast_budgets(context)
    return count
