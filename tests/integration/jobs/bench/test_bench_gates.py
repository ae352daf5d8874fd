"""The bench of the gates in short: it runs both ways, gives its figures, and the gates change no row of gold."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import SparkSession

from jobs.aggregate import GOLD
from jobs.bench.gates import as_text, gate_cost


def test_gates_cost_is_measured_on_equal_rows(spark: SparkSession, tmp_path: Path) -> None:
    """So few rows say nothing about the target, which the command holds the default number of rows to."""
    lines: list[str] = []
    cost = gate_cost(500, tmp_path, "2g", lines.append, rounds=1)
    assert cost.gated_s > 0
    assert cost.bare_s > 0
    assert cost.more_ratio == cost.gated_s / cost.bare_s - 1
    assert as_text(cost).startswith("500 rows a run: ")
    assert len(lines) == 2
    for table, _ in GOLD:
        one, other = (
            spark.read.format("delta").load(f"{tmp_path}/{name}/gold/{table.name}") for name in ("gated", "bare")
        )
        assert one.count() > 0
        assert one.exceptAll(other).isEmpty()
        assert other.exceptAll(one).isEmpty()
