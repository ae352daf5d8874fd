"""`observatory maintain`: compacts tables and deletes files that nobody can need any more."""

from __future__ import annotations

from jobs.context import JobContext
from lakehouse.errors import ConfigurationError
from lakehouse.io.housekeeping import compact, full_names, vacuum
from lakehouse.tables import all_tables

KEEP_DAYS = 7  # a reader or a taken-back append may still need what is younger


def maintain(context: JobContext, keep_days: int = KEEP_DAYS) -> dict[str, tuple[int, int]]:
    """OPTIMIZE and VACUUM every table; a second run finds nothing to do.

    Args:
        context: The run.
        keep_days: Versions younger than this stay readable.

    Returns:
        By table the files that were replaced, and by how many.

    Raises:
        ConfigurationError: `keep_days` is less than 7.
    """
    if keep_days < KEEP_DAYS:
        raise ConfigurationError(
            f"maintain: --keep-days {keep_days} is less than {KEEP_DAYS}: running queries and the repair of a broken "
            "run need files that young"
        )
    done = {}
    for name in full_names(context.spark, all_tables()):
        done[name] = compact(context.spark, name)
        vacuum(context.spark, name, keep_days)
        before, after = done[name]
        if before:
            context.tell(f"{name}: {before} files became {after}")
    context.tell(f"{len(done)} tables, versions of the last {keep_days} days kept")
    return done
