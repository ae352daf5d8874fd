"""The commands `observatory bench speed` and `bench gates`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.context import Tell
from lakehouse.errors import ConfigurationError, TargetMissedError

if TYPE_CHECKING:
    from jobs.bench.speed import Speed


def bench_speed(rows: int, driver_memory: str, as_json: bool, tell: Tell) -> str:
    """Measure in a scratch folder; gives JSON or lines for people.

    Raises:
        ConfigurationError: DuckDB is not installed.
        IntegrityError: The two engines disagree.
    """
    try:
        from jobs.bench.speed import as_dict, speed
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"bench needs the package {error.name}: `uv sync --group dev`") from error
    with tempfile.TemporaryDirectory(prefix="observatory-bench-") as scratch:
        measured = speed(rows, Path(scratch), driver_memory, tell)
    return json.dumps(as_dict(measured), indent=1) if as_json else _text(measured)


def bench_gates(rows: int, driver_memory: str, as_json: bool, tell: Tell) -> str:
    """Measure what the gates cost in a scratch folder; gives JSON or a line for people.

    Raises:
        ConfigurationError: A package of the bench is not installed.
        TargetMissedError: The gates add more CPU than they may.
    """
    try:
        from jobs.bench.gates import TARGET, as_dict, as_text, gate_cost
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"bench needs the package {error.name}: `uv sync --group dev`") from error
    with tempfile.TemporaryDirectory(prefix="observatory-bench-") as scratch:
        cost = gate_cost(rows, Path(scratch), driver_memory, tell)
    if cost.more_ratio > TARGET:
        raise TargetMissedError(f"the gates may add {TARGET:.0%}: {as_text(cost)}")
    return json.dumps(as_dict(cost), indent=1) if as_json else as_text(cost)


def _text(measured: Speed) -> str:
    lines = [f"{measured.rows:,} rows; warm; results of both engines compared and equal"]
    for stage in measured.stages:
        beside = f", DuckDB {stage.duckdb_s:.1f} s, ratio {stage.ratio:.2f}" if stage.duckdb_s else ""
        lines.append(f"{stage.name}: {stage.ours_s:.1f} s{beside}")
    lines.append(f"silver and gold together: {measured.ratio:.2f} times DuckDB")
    lines.append(
        f"increment of {measured.increment_rows:,} rows: {measured.increment_s:.1f} s on this history, "
        f"{measured.increment_on_tenth_s:.1f} s on a tenth of it, ratio {measured.growth_ratio:.2f}"
    )
    lines.append(f"peak resident memory of driver and JVM: {measured.peak_memory_bytes / 2**30:.2f} GiB")
    return "\n".join(lines)
