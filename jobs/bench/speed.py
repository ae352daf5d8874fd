"""`observatory bench speed`: the pipeline on simulated rows of fixed seed, beside DuckDB on the same bronze files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import psutil
from pyspark.sql import SparkSession

from jobs.aggregate import aggregate
from jobs.bench.duckdb_pipeline import GOLD, Inputs, differences, run
from jobs.context import JobContext, Tell
from jobs.demo.postgres import start
from jobs.ingest import ingest
from jobs.refine import refine
from jobs.simulate.load import load
from jobs.simulate.traffic import DAYS, START
from lakehouse.config import Settings, SourceSettings
from lakehouse.errors import IntegrityError
from lakehouse.io.catalog import provision
from lakehouse.io.database import get_connection, parse_url
from lakehouse.io.session import get_session
from lakehouse.sql.loader import load_views
from lakehouse.tables.gold import PRICES
from lakehouse.tables.silver import ALIASES, INTERACTIONS

SEED, INCREMENT = 1, 50_000
URL = "OBSERVATORY_BENCH_URL"


@dataclass(frozen=True)
class Stage:
    """One stage; `duckdb_s` and `ratio` are null where DuckDB has no such stage."""

    name: str
    ours_s: float
    duckdb_s: float | None = None
    ratio: float | None = None


@dataclass(frozen=True)
class Speed:
    """What was measured; `ratio` is silver and gold together, `growth_ratio` the increment on ten times the history."""

    rows: int
    stages: list[Stage]
    ratio: float
    increment_rows: int
    increment_s: float
    increment_on_tenth_s: float
    growth_ratio: float
    peak_memory_bytes: int


def speed(rows: int, folder: Path, driver_memory: str, tell: Tell) -> Speed:
    """Measure; results of both engines are compared before any time is given.

    Args:
        rows: Simulated rows of the main lakehouse; a tenth of them warms the engine up.
        folder: Empty folder for servers, lakehouses and files.
        driver_memory: Heap of the Spark driver.
        tell: Takes lines of progress.

    Raises:
        IntegrityError: The two engines disagree.
    """
    with start(folder / "postgres") as server:
        os.environ[URL] = server.url
        small = _Lakehouse(folder / "small", driver_memory, "small", tell)
        small.fill(max(rows // 10, 1), SEED)
        small.pipeline()
        tenth_s = small.increment()
        main = _Lakehouse(folder / "main", driver_memory, "main", tell)
        main.fill(rows, SEED)
        ours = main.pipeline()
        theirs = _duckdb(main.spark, folder / "duckdb", tell)
        stages = _stages(ours, theirs)
        increment_s = main.increment()
        both = [stage for stage in stages if stage.duckdb_s is not None]
        ratio = sum(s.ours_s for s in both) / sum(s.duckdb_s or 0 for s in both)
        growth = increment_s / tenth_s
        return Speed(rows, stages, ratio, INCREMENT, increment_s, tenth_s, growth, _peak_memory())


def as_dict(measured: Speed) -> dict[str, object]:
    """Plain values for JSON."""
    return asdict(measured)


class _Lakehouse:
    """A lakehouse of its own on the one session, fed from its own schema of the server."""

    def __init__(self, home: Path, driver_memory: str, schema: str, tell: Tell) -> None:
        source = SourceSettings(name="litellm", kind="litellm", url_env=URL, schema=schema)
        settings = Settings(home=home, driver_memory=driver_memory, sources=(source,))
        self._context, self._schema, self._tell = JobContext(settings, tell), schema, tell
        self.spark = get_session(settings)
        provision(self.spark, settings)
        self._context.__dict__["spark"] = self.spark

    def fill(self, rows: int, seed: int, start_day: int = 0, days: int = DAYS) -> None:
        """Put simulated rows into the source."""
        url = parse_url(os.environ[URL])
        with get_connection(url) as connection:
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"'.encode())
        url = parse_url(f"{os.environ[URL]}?schema={self._schema}")
        seconds = _timed(lambda: load(url, rows, seed, START + timedelta(days=start_day), days))
        self._tell(f"{self._schema}: simulated {rows:,} rows in {seconds:.1f} s")

    def pipeline(self) -> dict[str, float]:
        """Run every stage; seconds by stage."""
        stages: dict[str, Callable[[], object]] = {
            "extract and bronze": lambda: ingest(self._context),
            "silver": lambda: refine(self._context),
            "gold": lambda: aggregate(self._context),
            "views": self._read_views,
        }
        return {name: _timed(stage) for name, stage in stages.items()}

    def increment(self) -> float:
        """Seconds of a whole incremental run of `INCREMENT` rows of the day after."""
        self.fill(INCREMENT, SEED + 1, start_day=DAYS, days=1)
        return sum(self.pipeline().values())

    def _read_views(self) -> None:
        for view in load_views():
            self.spark.table(f"analytics.{view.name}").collect()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _duckdb(spark: SparkSession, folder: Path, tell: Tell) -> dict[str, float]:
    """Run DuckDB's side twice, the second time warm, and compare."""
    inputs = Inputs(
        _files(spark, "bronze.litellm"),
        spark.table(ALIASES.full_name).toArrow(),
        spark.table(PRICES.full_name).toArrow(),
    )
    run(inputs, folder)
    seconds = run(inputs, folder)
    for table in (INTERACTIONS, *(table for table, _ in GOLD)):
        if found := differences(table, _files(spark, table.full_name), folder):
            raise IntegrityError(f"{table.full_name}: DuckDB has other rows, such as {found[0]}")
        tell(f"{table.full_name}: the same in both engines")
    return seconds


def _files(spark: SparkSession, table: str) -> list[str]:
    return [file.removeprefix("file://").replace("%20", " ") for file in spark.table(table).inputFiles()]


def _stages(ours: dict[str, float], theirs: dict[str, float]) -> list[Stage]:
    silver = theirs[INTERACTIONS.full_name]
    other = {"silver": silver, "gold": sum(theirs.values()) - silver}
    return [Stage(n, s, other.get(n), s / other[n] if n in other else None) for n, s in ours.items()]


def _peak_memory() -> int:
    """Sum of the peak resident memory of this process and its JVM, bytes."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    peaks = [_peak(process.pid) for process in processes if process.name() in ("java", psutil.Process().name())]
    return sum(peaks)


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
