"""What the API answers, field by field."""

from __future__ import annotations

from decimal import Decimal
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, Field

ComparedMetric = Literal["duration_ms", "ttft_ms", "tpot_ms", "error_ratio"]
Verdict = Literal["faster", "slower", "fewer errors", "more errors", "no evidence", "too few"]
InsightKind = Literal["anomaly", "saving", "error_template", "comparison"]
InsightState = Literal["open", "closed", "standing"]


Answer = TypeVar("Answer", bound=BaseModel)


class Page(BaseModel, Generic[Answer]):
    """The first rows of an answer; `is_cut` tells that there are more than `limit`."""

    rows: list[Answer]
    limit: int
    is_cut: bool


class Metric(BaseModel):
    """One model over the days and dimensions asked for."""

    provider_name: str | None = Field(description="Provider; null where it cannot be told")
    model_key: str | None = Field(description="Canonical model; (none) where the source names none")
    request_count: int = Field(description="Attempts, n of the error ratio")
    error_count: int = Field(description="Attempts whose status is not ok")
    error_ratio: float = Field(description="error_count over request_count")
    error_ratio_low: float = Field(description="Lower end of its 95 % Wilson interval")
    error_ratio_high: float = Field(description="Upper end of it")
    latency_count: int = Field(description="Answered attempts with a duration, n of the quantiles")
    p50_ms: float | None = Field(description="Median duration, ms; null where latency_count is below 20")
    p90_ms: float | None = Field(description="90th percentile, ms; null below 100")
    p95_ms: float | None = Field(description="95th percentile, ms; null below 200")
    p99_ms: float | None = Field(description="99th percentile, ms; null below 1,000")
    priced_count: int = Field(description="Attempts with a price")
    cost_usd: Decimal | None = Field(description="Cost of priced attempts, USD; null where none is priced")


class Metrics(Page[Metric]):
    """Models, those with the most attempts first; `is_cut` tells that there are more than `limit`."""


class Health(BaseModel):
    """Whether questions are answered."""

    status: str = Field(description="ok")


class Comparison(BaseModel):
    """One model against another over the mix of requests that both had."""

    metric: ComparedMetric = Field(description="What is compared")
    provider_name: str | None = Field(description="Provider; null where it cannot be told")
    model_key: str = Field(description="The model")
    other_provider_name: str | None = Field(description="Provider of the other model")
    other_model_key: str = Field(description="The model that it is compared with")
    request_count: int = Field(description="Attempts of the model in the strata that both have, its n")
    other_request_count: int = Field(description="Attempts of the other in them, its n")
    a12: float | None = Field(description="Chance that the model takes longer, ties half; null for errors")
    ratio: float | None = Field(description="Model over other; null for errors")
    ratio_low: float | None = Field(description="Lower end of its 95 % interval")
    ratio_high: float | None = Field(description="Upper end of it")
    difference: float | None = Field(description="Error ratio minus that of the other; null for latencies")
    difference_low: float | None = Field(description="Lower end of its 95 % interval")
    difference_high: float | None = Field(description="Upper end of it")
    q_value: float | None = Field(description="p adjusted for false discoveries over all pairs; null where too few")
    verdict: Verdict = Field(description="What may be said of the model against the other")


class Comparisons(Page[Comparison]):
    """Pairs of models, the surest first; `is_cut` tells that there are more than `limit`."""


class Insight(BaseModel):
    """One finding."""

    insight_rank: int = Field(description="1 is the most pressing")
    kind: InsightKind = Field(description="Which analysis found it")
    subject: str = Field(description="What it is about")
    sentence: str = Field(description="The finding in words")
    usd_low: float | None = Field(description="Lower end of what is at stake, USD; null where it is not money")
    usd_high: float | None = Field(description="Upper end of it, USD")
    ms_low: float | None = Field(description="Lower end of the difference in time, ms; null where it is not time")
    ms_high: float | None = Field(description="Upper end of it, ms")
    state: InsightState = Field(description="standing for what has no end")
    evidence_query: str | None = Field(description="The query that shows it")


class Insights(Page[Insight]):
    """Findings, the most pressing first; `is_cut` tells that there are more than `limit`."""
