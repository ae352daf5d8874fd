"""`observatory bench gates`: CPU of a run with its gates beside the same run without, on the same simulated rows."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import psutil
from pyspark.sql import functions as F

from jobs import batches
from jobs.aggregate import accept_rebuilt, rebuild, rebuild_touched, touched_by
from jobs.context import JobContext, Tell
from jobs.demo.postgres import start
from jobs.gates.bronze import judge_arrived
from jobs.ingest import ingest
from jobs.prices import learn_models
from jobs.refine import canonical, publish_judged, publish_rows, stage_pending
from jobs.simulate.load import load
from jobs.simulate.traffic import START
from lakehouse.config import Settings, SourceSettings
from lakehouse.io.catalog import provision
from lakehouse.io.database import get_connection, parse_url
from lakehouse.io.session import get_session
from lakehouse.io.write import stage
from lakehouse.tables import ops

URL = "OBSERVATORY_BENCH_URL"
TARGET = 0.25  # more CPU than without gates
ROUNDS = 4


@dataclass(frozen=True)
class GateCost:
    """CPU seconds of this process and its JVM for one run of `rows` new rows, medians over the rounds.

    `more_ratio` is what the gates add to the whole run, ingest included; `import_s` is what loading Great Expectations
    takes once a process, not part of the others.
    """

    rows: int
    gated_s: float
    bare_s: float
    more_ratio: float
    import_s: float


def gate_cost(rows: int, folder: Path, driver_memory: str, tell: Tell, rounds: int = ROUNDS) -> GateCost:
    """Measure in turns, so that whatever slows the machine slows both.

    Args:
        rows: Simulated rows that each round reads.
        folder: Empty folder for server and lakehouses.
        driver_memory: Heap of the Spark driver.
        tell: Takes lines of progress.
        rounds: Each both ways; the first of several only warms the engine up.
    """
    import_s = _cpu_of(_import_expectations)
    spent: dict[str, list[float]] = {"gated": [], "bare": []}
    runs: dict[str, Callable[[JobContext], None]] = {"gated": _gated, "bare": _bare}
    with start(folder / "postgres") as server:
        os.environ[URL] = server.url
        for number in range(rounds):
            for name, run in runs.items():
                context = _lakehouse(folder / name, name, driver_memory)
                load(parse_url(f"{server.url}?schema={name}"), rows, number, START + timedelta(days=number), 1)
                spent[name].append(_cpu_of(lambda c=context, r=run: r(c)))
                tell(f"round {number}, {name}: {spent[name][-1]:.1f} CPU s")
    gated, bare = (median(spent[name][1:] or spent[name]) for name in ("gated", "bare"))
    return GateCost(rows, gated, bare, gated / bare - 1, import_s)


def as_dict(cost: GateCost) -> dict[str, object]:
    """Plain values for JSON."""
    return asdict(cost)


def as_text(cost: GateCost) -> str:
    """One line for people."""
    return (
        f"{cost.rows:,} rows a run: {cost.gated_s:.1f} CPU s with gates, {cost.bare_s:.1f} without, "
        f"{cost.more_ratio:+.1%}; loading Great Expectations {cost.import_s:.1f} CPU s once"
    )


def _gated(context: JobContext) -> None:
    for task in (ingest, judge_arrived, stage_pending, publish_judged, rebuild_touched, accept_rebuilt):
        task(context)


def _bare(context: JobContext) -> None:
    """The same rows to the same tables, with no rule, count or verdict."""
    ingest(context)
    pending = batches.in_state(context.spark, "VERIFIED", without="REFINED")
    none = F.array().cast("array<string>")
    staged = stage(canonical(context, pending).withColumn("failed_rules", none), ops.STAGING)
    learn_models(context, staged)
    publish_rows(context, staged.drop("failed_rules"), [], pending)
    batches.advance(context, pending, "REFINED")
    rebuild(context, touched_by(context, pending))
    batches.advance(context, pending, "AGGREGATED")


def _lakehouse(home: Path, schema: str, driver_memory: str) -> JobContext:
    source = SourceSettings(name="litellm", kind="litellm", url_env=URL, schema=schema)
    settings = Settings(home=home, driver_memory=driver_memory, sources=(source,))
    context = JobContext(settings, lambda _: None)
    spark = get_session(settings)
    provision(spark, settings)
    context.__dict__["spark"] = spark
    with get_connection(parse_url(os.environ[URL])) as connection:
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'.encode())
    return context


def _import_expectations() -> None:
    import quality.judge  # noqa: F401


def _cpu_of(work: Callable[[], object]) -> float:
    before = _cpu()
    work()
    return _cpu() - before


def _cpu() -> float:
    """CPU seconds so far of this process and its JVM; the database server's are not counted."""
    processes = [psutil.Process(), *(p for p in psutil.Process().children(recursive=True) if p.name() == "java")]
    times = [process.cpu_times() for process in processes]
    return float(sum(one.user + one.system for one in times))
