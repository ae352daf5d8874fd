"""Two runs never have the lease at once, and nobody keeps it for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from pyspark.sql import SparkSession

from jobs.context import JobContext
from lakehouse.errors import LockedError
from lakehouse.io import lease
from lakehouse.io.lease import current, lakehouse_lease, take


@pytest.fixture(scope="module")
def spark_with_lease(open_lakehouse: Callable[..., JobContext]) -> SparkSession:
    """A session with an empty `ops.lease`."""
    return open_lakehouse(()).spark


def test_one_of_many_takes_it(spark_with_lease: SparkSession) -> None:
    """Four at the same time, from an empty table and then from an expired row: just one each time."""
    spark, start = spark_with_lease, threading.Barrier(4)

    def attempt(name: str) -> bool:
        start.wait()
        return take(spark, name)

    for round_ in ("first", "second"):
        with ThreadPoolExecutor(4) as pool:
            won = list(pool.map(attempt, [f"{round_}-{n}" for n in range(4)]))
        held = current(spark)
        assert held is not None
        assert [f"{round_}-{n}" for n in range(4) if won[n]] == [held.holder]
        assert take(spark, held.holder), "the holder renews"
        assert not take(spark, "somebody else")
        spark.sql("UPDATE ops.lease SET expires_at = current_timestamp() - INTERVAL 1 SECOND")


def test_another_run_waits_and_then_works(spark_with_lease: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told whom it waits for, and is refused with exit code 6 when that takes too long."""
    monkeypatch.setattr(lease, "POLL_S", 0.05)
    told: list[str] = []
    with lakehouse_lease(spark_with_lease, "long-run", told.append):
        monkeypatch.setattr(lease, "WAIT_S", 0.1)
        refused = pytest.raises(LockedError, match="run long-run has written")
        with refused as caught, lakehouse_lease(spark_with_lease, "impatient", told.append):
            pass
    assert caught.value.exit_code == 6
    assert told == ["waiting for run long-run, which writes to the lakehouse"]
    with lakehouse_lease(spark_with_lease, "impatient", told.append):
        held = current(spark_with_lease)
        assert held is not None
        assert held.holder == "impatient"


def test_it_is_renewed_and_its_loss_is_told(spark_with_lease: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that could not renew in time, and was overtaken, does not end as if all were well."""
    monkeypatch.setattr(lease, "RENEW_S", 0.05)
    renewed, taken = threading.Event(), lease.take

    def watched(spark: SparkSession, holder: str) -> bool:
        found = taken(spark, holder)
        renewed.set()
        return found

    monkeypatch.setattr(lease, "take", watched)
    lost = pytest.raises(LockedError, match="lost its lease")
    with lost, lakehouse_lease(spark_with_lease, "slow", lambda line: None):
        renewed.clear()
        assert renewed.wait(30), "the thread renews"
        spark_with_lease.sql("UPDATE ops.lease SET holder = 'thief'")
        for _ in range(2):  # one renewal may have begun before the theft
            renewed.clear()
            assert renewed.wait(30)
