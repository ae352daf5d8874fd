"""One writer at a time on one lakehouse of Unity Catalog: a row of `ops.lease`, taken by a conditional MERGE.

Delta lets one of two concurrent MERGEs commit and fails the other, so that two never both take the row. A holder
renews its lease while it works; one that was killed loses it after `LEASE_S`. Locally the kernel's lock does it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from lakehouse.errors import LockedError
from lakehouse.io.write import merge_by_key
from lakehouse.tables.ops import LEASE

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

LEASE_S = 300  # how long a killed holder blocks the others
RENEW_S = 60  # several renewals may fail before a lease ends
WAIT_S = 3600.0  # how long a task waits for another job's task
POLL_S = 15.0
LOST_RACE = re.compile(r"DELTA_(CONCURRENT|METADATA_CHANGED|PROTOCOL_CHANGED)|Concurrent\w*Exception")


@contextmanager
def lakehouse_lease(spark: SparkSession, holder: str, tell: Callable[[str], None]) -> Iterator[None]:
    """Hold the lease of the session's catalog, renewing it, until the block ends.

    Args:
        spark: Its catalog has the table `ops.lease`.
        holder: Names the run; two runs never have the same name.
        tell: Takes a line when somebody else is waited for.

    Raises:
        LockedError: Somebody else kept the lease all the time, or took it over while this run could not renew it.
    """
    _wait_for(spark, holder, tell)
    done, lost = threading.Event(), threading.Event()

    def renew() -> None:
        while not done.wait(RENEW_S):
            if not take(spark, holder):
                lost.set()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        _release(spark, holder)
    if lost.is_set():
        raise LockedError("this run lost its lease while it worked: another one may have written; run it again")


def take(spark: SparkSession, holder: str) -> bool:
    """Take the lease or renew it; gives whether `holder` has it now."""
    mine_or_over = "(target.holder = source.holder OR target.expires_at < current_timestamp())"
    if not _write(spark, holder, LEASE_S, mine_or_over):
        return False
    held = current(spark)
    return held is not None and held.holder == holder


def current(spark: SparkSession) -> Row | None:
    """The lease as it is; None where nobody ever had it."""
    return next(iter(spark.table(LEASE.full_name).select("holder", "expires_at").collect()), None)


def _wait_for(spark: SparkSession, holder: str, tell: Callable[[str], None]) -> None:
    began, told = time.monotonic(), False
    while not take(spark, holder):
        other = current(spark)
        name = other.holder if other else "another run"
        if not told:
            tell(f"waiting for run {name}, which writes to the lakehouse")
            told = True
        if time.monotonic() - began > WAIT_S:
            raise LockedError(
                f"run {name} has written to the lakehouse for more than {WAIT_S / 60:,.0f} min; wait for it to end"
            )
        time.sleep(POLL_S)


def _release(spark: SparkSession, holder: str) -> None:
    """Let the next one have it; where that fails, the lease ends by itself."""
    _write(spark, holder, 0, "target.holder = source.holder")


def _write(spark: SparkSession, holder: str, seconds: int, where: str) -> bool:
    """Write the row where it may be written; gives whether no other write came between."""
    until = F.current_timestamp() + F.expr(f"INTERVAL {seconds} SECONDS")
    columns = {"lease_name": F.lit("writer"), "holder": F.lit(holder), "expires_at": until}
    row = spark.range(1).select(*(column.alias(name) for name, column in columns.items()))
    try:
        merge_by_key(row, LEASE, where)
    except _errors() as error:
        if not LOST_RACE.search(str(error)):
            raise
        return False
    return True


def _errors() -> tuple[type[Exception], ...]:
    """What a classic session and Spark Connect raise for a failed statement."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    return PySparkException, Py4JJavaError
