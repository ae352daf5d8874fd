"""Parameters, bounds learned from history, and distances of distributions, against figures worked by hand."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from typing import Any

import pytest
from scipy.spatial.distance import jensenshannon

from lakehouse.errors import SuiteError
from quality.drift import js_divergence, psi
from quality.model import Learned, RuleSpec
from quality.thresholds import Past, bounds, filled, learn
from tests.support.frames import at

NOW = at("2025-06-30T10:30:00")


def rule(
    learned: dict[str, Any] | None = None, kind: str = "expect_aggregate_to_be_between", **kwargs: Any
) -> RuleSpec:
    """One aggregate rule."""
    given = {"id": "r", "type": kind, "kwargs": kwargs, "severity": "warning", "on_fail": "gate", "learned": learned}
    return RuleSpec.model_validate(given | {"dimension": "validity", "why": "For this test.", "fix": "Nothing to do."})


def past(*values: float, step: timedelta = timedelta(hours=1), details: str | None = None) -> list[Past]:
    """Earlier results, the last one `step` ago."""
    return [Past(NOW - step * (len(values) - i), value, details) for i, value in enumerate(values)]


def test_parameters_are_filled_in() -> None:
    """One without a value is an error, never an open bound."""
    spec = rule(expression="count(1)", max_value={"$PARAMETER": "most"})
    assert filled(spec, {"most": 3}).kwargs == {"expression": "count(1)", "max_value": 3}
    for known in ({}, {"most": None}):
        with pytest.raises(SuiteError, match="rule r: parameter 'most' has no value"):
            filled(spec, known)


def test_bounds_are_median_and_mad() -> None:
    """Worked by hand: median 10, absolute deviations 0 1 2 3 90, their median 2."""
    learned = Learned(mads=5)
    width = 5 * 1.4826 * 2
    assert bounds(learned, [10, 11, 8, 7, 100]) == pytest.approx({"min_value": 10 - width, "max_value": 10 + width})
    assert bounds(learned, [10] * 9) == {"min_value": 7.5, "max_value": 12.5}
    assert bounds(Learned(mads=5, floor=0.5), [0] * 9) == {"min_value": -0.5, "max_value": 0.5}
    assert bounds(Learned(times=10), [1, 2, 30]) == {"max_value": 20}
    assert bounds(Learned(times=10, floor=0.001), [0, 0, 0]) == {"max_value": 0.01}


def test_cold_start_is_told() -> None:
    """Neither passed nor failed; old results do not count."""
    spec = rule({"mads": 5, "days": 7}, expression="count(1)")
    assert learn(spec, past(*[1.0] * 7), NOW) == "cold start: 7 of 8 earlier results"
    assert learn(spec, past(*[1.0] * 20, step=timedelta(days=1)), NOW) == "cold start: 7 of 8 earlier results"
    learned = learn(spec, past(*[8.0] * 8), NOW)
    assert isinstance(learned, RuleSpec)
    assert learned.kwargs == {"expression": "count(1)", "min_value": 6.0, "max_value": 10.0}
    fixed = rule(expression="count(1)")
    assert learn(fixed, [], NOW) is fixed


def test_season_is_the_same_hour_of_the_week() -> None:
    """Where it has enough results; else all count."""
    spec = rule({"mads": 5, "days": 100, "seasonal": True}, expression="count(1)")
    weekly = past(*[100.0] * 8, step=timedelta(days=7))
    noise = [Past(p.at + timedelta(hours=5), 1.0) for p in weekly for _ in range(3)]
    learned = learn(spec, [*noise, *weekly], NOW)
    assert isinstance(learned, RuleSpec)
    assert learned.kwargs["min_value"] == 75
    learned = learn(spec, [*noise, *weekly[:7]], NOW)
    assert isinstance(learned, RuleSpec)
    assert learned.kwargs["max_value"] == 1.25


def test_baseline_is_the_sum_of_earlier_counts() -> None:
    """Of those that kept any."""
    spec = rule({"at_least": 3}, "expect_column_psi_to_be_less_than", column="bucket", edges=[1])
    history = past(0.1, 0.1, 0.1, details=json.dumps({"counts": [1.0, 2.0]}))
    learned = learn(spec, history, NOW)
    assert isinstance(learned, RuleSpec)
    assert learned.kwargs["baseline"] == [3.0, 6.0]
    assert learn(spec, [*history[:2], Past(NOW, 0.1)], NOW) == "cold start: 2 of 3 earlier results"


def test_distances_of_distributions() -> None:
    """PSI by hand over smoothed shares; JS as scipy has it."""
    p, q = [10.0, 20.0, 30.0], [30.0, 20.0, 10.0]
    shares = [[(x + 0.5) / 61.5 for x in counts] for counts in (p, q)]
    by_hand = sum((b - a) * math.log(b / a) for a, b in zip(*shares, strict=True))
    assert psi(p, q) == pytest.approx(by_hand)
    assert psi(p, p) == 0
    assert js_divergence(p, q) == pytest.approx(jensenshannon(*shares, base=2) ** 2)
