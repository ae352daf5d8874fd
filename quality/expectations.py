"""Our own Great Expectations expectations; importing this module registers them. Import it only to judge or to lint."""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.execution_engine import SparkDFExecutionEngine
from great_expectations.expectations.expectation import ColumnAggregateExpectation, ColumnMapExpectation
from great_expectations.expectations.metrics import ColumnAggregateMetricProvider, ColumnMapMetricProvider
from great_expectations.expectations.metrics.column_aggregate_metric_provider import column_aggregate_partial
from great_expectations.expectations.metrics.map_metric_provider import column_condition_partial
from pyspark.sql import Column
from pyspark.sql import functions as F

from quality.compile import bucket_counts
from quality.drift import js_divergence, psi


class RowSatisfies(ColumnMapMetricProvider):
    """Metric: whether a SQL predicate holds for a row; an undecided one does not."""

    condition_metric_name = "column_values.row_satisfies"
    condition_value_keys = ("predicate",)
    filter_column_isnull = False

    @column_condition_partial(engine=SparkDFExecutionEngine)
    def _spark(cls, column: Column, predicate: str, **_: object) -> Column:
        return F.coalesce(F.expr(predicate), F.lit(False))


class ExpectRowToSatisfy(ColumnMapExpectation):
    """Expect every row to satisfy a SQL predicate over its columns; `column` must be one that is never null."""

    predicate: str
    map_metric: ClassVar[str] = "column_values.row_satisfies"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "predicate")


class AggregateExpression(ColumnAggregateMetricProvider):
    """Metric: a SQL aggregate over the whole table, such as ``percentile_approx(duration_ms, 0.95)``."""

    metric_name = "column.aggregate_expression"
    value_keys = ("expression",)

    @column_aggregate_partial(engine=SparkDFExecutionEngine)
    def _spark(cls, column: Column, expression: str, **_: object) -> Column:
        return F.expr(expression)


class ExpectAggregateToBeBetween(ColumnAggregateExpectation):
    """Expect a SQL aggregate between two bounds, inclusive; an undecided (null) one is not."""

    expression: str
    min_value: Any = None
    max_value: Any = None
    metric_dependencies: ClassVar[tuple[str, ...]] = ("column.aggregate_expression",)
    success_keys: ClassVar[tuple[str, ...]] = ("expression", "min_value", "max_value")

    def _validate(self, metrics: dict[str, Any], *_: object, **__: object) -> dict[str, Any]:
        value = metrics["column.aggregate_expression"]
        low, high = self.min_value, self.max_value
        inside = value is not None and (low is None or value >= low) and (high is None or value <= high)
        return {"success": bool(inside), "result": {"observed_value": None if value is None else float(value)}}


class BucketCounts(ColumnAggregateMetricProvider):
    """Metric: weights by bucket of a column."""

    metric_name = "column.bucket_counts"
    value_keys = ("edges", "weight")

    @column_aggregate_partial(engine=SparkDFExecutionEngine)
    def _spark(cls, column: Column, edges: list[float], weight: str, **_: object) -> Column:
        return bucket_counts(column, edges, F.col(weight))


class ExpectColumnPsiToBeLessThan(ColumnAggregateExpectation):
    """Expect the distribution of a column to be close to a baseline by the population stability index."""

    edges: list[float]
    weight: str
    baseline: list[float]
    threshold: float = 0.25
    metric_dependencies: ClassVar[tuple[str, ...]] = ("column.bucket_counts",)
    success_keys: ClassVar[tuple[str, ...]] = ("edges", "weight", "baseline", "threshold")

    def _validate(self, metrics: dict[str, Any], *_: object, **__: object) -> dict[str, Any]:
        counts = [float(count) for count in metrics["column.bucket_counts"]]
        index = psi(self.baseline, counts)
        details = {"counts": counts, "js": js_divergence(self.baseline, counts)}
        return {"success": bool(index < self.threshold), "result": {"observed_value": index, "details": details}}
