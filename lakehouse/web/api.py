"""The API: figures as JSON, over the same queries on every backend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, HTTPException, Query
from pydantic import BeforeValidator, StringConstraints

from lakehouse.backend import Backend, CachedBackend, Value
from lakehouse.errors import ObservatoryError
from lakehouse.sql.loader import load_query
from lakehouse.web.answers import (
    ComparedMetric,
    Comparisons,
    Health,
    InsightKind,
    Insights,
    InsightState,
    Metrics,
    Page,
)

Answers = TypeVar("Answers", bound=Page[Any])
Name = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Rows at most")]


def _iso(value: object) -> object:
    """Only days as text: pydantic would also take a number for seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("write a day as YYYY-MM-DD")
    return value


Day = Annotated[date | None, BeforeValidator(_iso), Query(description="UTC day, inclusive, YYYY-MM-DD")]


def router(backend: CachedBackend) -> APIRouter:
    """Make the routes over a backend."""
    routes = APIRouter()
    _figures(routes, backend)
    _findings(routes, backend)

    @routes.get("/healthz", tags=["health"], responses={503: {"description": "The backend does not answer"}})
    def healthz() -> Health:
        """Tell whether the engine behind the answers that are kept still answers."""
        try:
            backend.engine.rows("SELECT 1 AS answer", {})
        except ObservatoryError as error:
            raise HTTPException(503, "the backend does not answer") from error
        return Health(status="ok")

    return routes


def _figures(routes: APIRouter, backend: Backend) -> None:
    """What gold says, summed over the days and dimensions asked for."""

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
        return _page(Metrics, backend, "metrics", chosen, limit)


def _findings(routes: APIRouter, backend: Backend) -> None:
    """What the analyses found; empty before `observatory detect` ran."""

    @routes.get("/api/comparisons", tags=["findings"])
    def comparisons(
        metric: ComparedMetric | None = None,
        model_key: Name | None = None,
        other_model_key: Name | None = None,
        limit: Limit = 100,
    ) -> Comparisons:
        """Pairs of models over the mix of requests that both had: effect, 95 % interval, adjusted p, verdict."""
        chosen = {"metric": metric, "model_key": model_key, "other_model_key": other_model_key}
        return _page(Comparisons, backend, "comparisons", chosen, limit)

    @routes.get("/api/insights", tags=["findings"])
    def insights(kind: InsightKind | None = None, state: InsightState | None = None, limit: Limit = 100) -> Insights:
        """Findings of all analyses as sentences, the most pressing first, each with the query that shows it."""
        return _page(Insights, backend, "insights", {"kind": kind, "state": state}, limit)


def _page(kind: type[Answers], backend: Backend, name: str, chosen: Mapping[str, Value], limit: int) -> Answers:
    """Rows of a query, which is asked for one more than `limit`, so that it is seen whether there are more."""
    rows = backend.rows(load_query(name).statement, {**chosen, "row_limit": limit + 1})
    return kind(rows=[dict(row) for row in rows[:limit]], limit=limit, is_cut=len(rows) > limit)
