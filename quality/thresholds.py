"""Fills in what a rule leaves open: parameters of its suite, and bounds learned from its own earlier results; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from lakehouse.errors import SuiteError
from quality.model import Learned, RuleSpec

PARAMETER = "$PARAMETER"
MAD_TO_SIGMA = 1.4826  # scales a median absolute deviation to a standard deviation of a normal distribution
NARROWEST = 0.25  # of the median: a series that never moved must not alarm at its first step


@dataclass(frozen=True)
class Past:
    """An earlier result of a rule: when, the value observed, and what it kept to learn from."""

    at: datetime
    observed: float
    details: str | None = None


def filled(spec: RuleSpec, parameters: Mapping[str, Any]) -> RuleSpec:
    """Put parameters into a rule's arguments.

    Raises:
        SuiteError: One is not known, or null, which would leave a bound open.
    """
    kwargs = {name: _value(spec, value, parameters) for name, value in spec.kwargs.items()}
    return spec.model_copy(update={"kwargs": kwargs})


def _value(spec: RuleSpec, value: object, parameters: Mapping[str, Any]) -> object:
    if not isinstance(value, dict) or PARAMETER not in value:
        return value
    name = value[PARAMETER]
    if parameters.get(name) is None:
        raise SuiteError(f"rule {spec.id}: parameter {name!r} has no value; known are {', '.join(sorted(parameters))}")
    return parameters[name]


def learn(spec: RuleSpec, history: Sequence[Past], now: datetime) -> RuleSpec | str:
    """Give the rule with learned bounds, or why it cannot be judged yet (cold start)."""
    if spec.learned is None:
        return spec
    recent = [past for past in history if timedelta(0) <= now - past.at <= timedelta(days=spec.learned.days)]
    if spec.type == "expect_column_psi_to_be_less_than":
        recent = [past for past in recent if past.details]
    if len(recent) < spec.learned.at_least:
        return f"cold start: {len(recent)} of {spec.learned.at_least} earlier results"
    if spec.type == "expect_column_psi_to_be_less_than":
        counts = [json.loads(past.details or "")["counts"] for past in recent]
        found: dict[str, Any] = {"baseline": [sum(bucket) for bucket in zip(*counts, strict=True)]}
    else:
        found = bounds(spec.learned, [past.observed for past in _season(spec.learned, recent, now)])
    return spec.model_copy(update={"kwargs": {**spec.kwargs, **found}})


def _season(learned: Learned, recent: Sequence[Past], now: datetime) -> Sequence[Past]:
    """Results of the same hour of the week, where there are enough of them."""
    same = [past for past in recent if (past.at.weekday(), past.at.hour) == (now.weekday(), now.hour)]
    return same if learned.seasonal and len(same) >= learned.at_least else recent


def bounds(learned: Learned, values: Sequence[float]) -> dict[str, float]:
    """Bounds around the median of earlier values.

    ``mads``: median ± mads · 1.4826 · MAD (Leys et al., J. Exp. Soc. Psychol. 49, 2013), at least a quarter of the
    median and `floor` wide; ``times``: at most a multiple of the median.
    """
    middle = median(values)
    if learned.times is not None:
        return {"max_value": learned.times * max(middle, learned.floor)}
    spread = MAD_TO_SIGMA * median(abs(value - middle) for value in values)
    width = max((learned.mads or 0) * spread, NARROWEST * abs(middle), learned.floor)
    return {"min_value": middle - width, "max_value": middle + width}
