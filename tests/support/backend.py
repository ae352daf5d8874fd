"""A backend without an engine: rows of the shape that a page's statements ask for, with names that mean harm."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from lakehouse.errors import ConfigurationError, TransientError

HOSTILE = "</script><img src=x onerror=alert(1)>'\"{{7*7}}"
DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(40)]
VALUES: dict[str, list[Any]] = {
    "event_date": DAYS,
    "model_key": [HOSTILE, *(f"acme/m{number}" for number in range(11)), None],
    "provider_name": ["acme", None],
    "team_id": ["core", HOSTILE],
    "source_name": ["gateway", HOSTILE],
    "error_type": ["timeout", HOSTILE],
}
FIELD = re.compile(r"`(\w+)`")
METRIC = {
    "provider_name": "acme", "model_key": HOSTILE, "request_count": 30, "error_count": 3, "error_ratio": 0.1,
    "error_ratio_low": 0.03, "error_ratio_high": 0.26, "latency_count": 27, "p50_ms": 812.5, "p90_ms": None,
    "p95_ms": None, "p99_ms": None, "priced_count": 27, "cost_usd": "0.0123",
}  # fmt: skip

INTERVAL = {"ratio": 1.2, "ratio_low": 1.1, "ratio_high": 1.3, "a12": 0.6}
DIFFERENCE = {"difference": None, "difference_low": None, "difference_high": None}
COMPARISON = {
    "metric": "duration_ms", "provider_name": "acme", "model_key": HOSTILE, "other_provider_name": None,
    "other_model_key": "m1", "request_count": 30, "other_request_count": 40, "q_value": 0.01, "verdict": "slower",
} | INTERVAL | DIFFERENCE  # fmt: skip
INSIGHT = {
    "insight_rank": 1, "kind": "saving", "subject": HOSTILE, "sentence": "a cache would save", "usd_low": 1.0,
    "usd_high": 2.0, "ms_low": None, "ms_high": None, "state": "standing", "evidence_query": "SELECT 1",
}  # fmt: skip
ANSWERS = {"analytics.model_comparison": COMPARISON, "analytics.insights": INSIGHT, "analytics.usage_daily": METRIC}


class ShapedBackend:
    """Answers by shape; counts what it was asked."""

    def __init__(self, trouble: type[ConfigurationError] | type[TransientError] | None = None) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.trouble = trouble
        self.state = "1"

    def version(self) -> str:
        """What a test sets."""
        return self.state

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """One row for each combination of the values of the dimensions; every measure is a number."""
        self.asked.append((sql, values))
        if self.trouble:
            raise self.trouble("the engine is away")
        if "row_limit" in values:
            answer = next(answer for view, answer in ANSWERS.items() if view in sql)
            return [answer] * min(3, values["row_limit"])
        if "f0" not in sql and "o0" not in sql:
            return [{"model_key": value, "answer": 1} for value in VALUES["model_key"]]
        shown = re.findall(r"(.+?) AS ([fo]\d+)(?:, |$)", sql.split(" FROM (")[0].removeprefix("SELECT "), re.DOTALL)
        if " AS o0" in sql:
            return [{name: _offered(text) for text, name in shown}]
        names = {name: found[1] for text, name in shown if (found := FIELD.fullmatch(text.strip()))}
        return [
            {name: _measure(text, at) for text, name in shown} | dict(zip(names, values_, strict=True))
            for at, values_ in enumerate(product(*(VALUES.get(field, [None]) for field in names.values())))
        ]


def _offered(text: str) -> str:
    found = FIELD.search(text)
    values = VALUES.get(found[1], []) if found else []
    return json.dumps([str(DAYS[0]), str(DAYS[-1])] if "MIN(" in text else [value or "" for value in values])


def _measure(text: str, at: int) -> object:
    return datetime(2026, 1, 9) if "_at`" in text else 0.5 + at % 7
