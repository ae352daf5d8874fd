"""The API: figures as JSON, over the same queries on every backend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from lakehouse.backend import Backend, CachedBackend, Value
from lakehouse.errors import ObservatoryError
from lakehouse.sql.loader import load_query

Name = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Rows at most")]


def _iso(value: object) -> object:
    """Only days as text: pydantic would also take a number for seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("write a day as YYYY-MM-DD")
    return value


Day = Annotated[date | None, BeforeValidator(_iso), Query(description="UTC day, inclusive, YYYY-MM-DD")]


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


class Metrics(BaseModel):
    """Models, those with the most attempts first; `is_cut` tells that there are more than `limit`."""

    rows: list[Metric]
    limit: int
    is_cut: bool


class Health(BaseModel):
    """Whether questions are answered."""

    status: str = Field(description="ok")


def router(backend: CachedBackend) -> APIRouter:
    """Make the routes over a backend."""
    routes = APIRouter()

    @routes.get("/healthz", tags=["health"], responses={503: {"description": "The backend does not answer"}})
    def healthz() -> Health:
        """Tell whether the engine behind the answers that are kept still answers."""
        try:
            backend.engine.rows("SELECT 1 AS answer", {})
        except ObservatoryError as error:
            raise HTTPException(503, "the backend does not answer") from error
        return Health(status="ok")

    @routes.get("/api/metrics", tags=["figures"])
    def metrics(
        first_day: Day = None,
        last_day: Day = None,
        provider_name: Name | None = None,
        model_key: Name | None = None,
        app_name: Name | None = None,
        team_id: Name | None = None,
        limit: Limit = 100,
    ) -> Metrics:
        """Traffic, latency, failures and cost of each model. Latencies know no team: with one given they are null."""
        chosen = {
            "first_day": first_day, "last_day": last_day, "provider_name": provider_name, "model_key": model_key,
            "app_name": app_name, "team_id": team_id,
        }  # fmt: skip
        rows = _ask(backend, "metrics", chosen, limit)
        return Metrics(rows=[Metric(**row) for row in rows[:limit]], limit=limit, is_cut=len(rows) > limit)

    return routes


def _ask(backend: Backend, name: str, chosen: Mapping[str, Value], limit: int) -> list[Mapping[str, Any]]:
    """Rows of a query, one more than `limit` where there are more."""
    return backend.rows(load_query(name).statement, {**chosen, "row_limit": limit + 1})
