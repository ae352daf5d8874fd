"""Facts that views and later runs read, one value a name, in ops.setting."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.context import JobContext
from lakehouse.io.frames import local_frame
from lakehouse.io.write import merge_by_key
from lakehouse.tables import ops


def stored(context: JobContext) -> dict[str, str]:
    """Values by name."""
    return {row.name: row.setting_value for row in context.spark.table(ops.SETTING.full_name).collect()}


def store(context: JobContext, values: Mapping[str, str]) -> None:
    """Write the values that are not stored yet; what is, costs no commit."""
    known = stored(context)
    changed = [(name, value, context.now()) for name, value in values.items() if known.get(name) != value]
    if changed:
        merge_by_key(local_frame(context.spark, ops.SETTING, changed), ops.SETTING, "true")
