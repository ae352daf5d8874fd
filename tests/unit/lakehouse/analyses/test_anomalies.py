"""Spikes that were put in are found, nothing else is, and chances are those of scipy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lakehouse.analyses.anomalies import anomalies, merged
from lakehouse.analyses.spikes import WEEKLY, judge_counts, judge_measure, judge_ratio

HOURS = 24 * 7 * 12
START = datetime(2026, 1, 5, tzinfo=UTC)
SINCE = START + timedelta(weeks=9)
CLOCK = pd.date_range(START, periods=HOURS, freq="h")
DAILY = 1 + 0.8 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi)


def traffic(model: str, volume: float, seed: int) -> pd.DataFrame:
    """Quiet traffic with a day's rhythm, 2 % failures."""
    draw = np.random.default_rng(seed)
    requests = draw.poisson(volume * DAILY)
    columns = {"request_count": requests, "error_count": draw.binomial(requests, 0.02)}
    cost = requests * 0.01 * np.exp(draw.normal(0, 0.1, HOURS))
    return pd.DataFrame({"provider_name": "acme", "model_key": model, "hour_at": CLOCK} | columns | {"cost_usd": cost})


def latencies(hours: pd.DataFrame) -> pd.DataFrame:
    """Medians and p95 around one and three seconds; the latter only where the hour has enough."""
    draw = np.random.default_rng(5)
    found = hours[["provider_name", "model_key", "hour_at"]].copy()
    found["duration_p50"] = np.where(hours["request_count"] >= 20, draw.lognormal(7, 0.05, len(hours)), np.nan)
    found["duration_p95"] = np.where(hours["request_count"] >= 200, draw.lognormal(8, 0.1, len(hours)), np.nan)
    return found


def test_quiet_traffic_raises_no_alarm() -> None:
    """Ten models of all sizes, three weeks judged: 5,040 hours and five metrics."""
    hours = pd.concat([traffic(f"m{i}", 3.0**i / 3, i) for i in range(10)])
    assert anomalies(hours, latencies(hours), SINCE) == []


def test_what_was_put_in_is_found_once_each() -> None:
    """Failures of two models at one time are one incident; a burst goes on to the newest hour; an outage is a drop."""
    one, two = traffic("one", 300, 1), traffic("two", 300, 2)
    for rows, hour in ((one, 1700), (two, 1702)):
        rows.loc[hour : hour + 3, "error_count"] = rows.loc[hour : hour + 3, "request_count"] // 2
    one.loc[HOURS - 3 :, "cost_usd"] *= 20
    two.loc[1800:1804, ["request_count", "error_count"]] = 0
    hours = pd.concat([one, two])
    slow = latencies(hours).reset_index(drop=True)
    slow.loc[(slow["model_key"] == "one") & (slow["hour_at"] == CLOCK[1600]), "duration_p50"] *= 4
    found = anomalies(hours, slow, SINCE)
    said = {
        (r["metric"], r["direction"], r["model_key"], CLOCK.get_loc(r["started_at"]), r["hour_count"]) for r in found
    }
    assert said == {
        ("errors", "up", "one", 1700, 4), ("errors", "up", "two", 1702, 4), ("duration_p50", "up", "one", 1600, 1),
        ("cost", "up", "one", HOURS - 3, 3), ("volume", "down", "two", 1800, 5),
    }  # fmt: skip
    by = {(r["metric"], r["model_key"]): r for r in found}
    assert by["errors", "one"]["incident_id"] == by["errors", "two"]["incident_id"]
    assert by["errors", "one"]["incident_id"] != by["duration_p50", "one"]["incident_id"]
    assert by["volume", "two"]["incident_id"] is None
    assert {m for m, r in by.items() if r["state"] == "open"} == {("cost", "one")}
    lost = hours[hours["model_key"] == "one"].iloc[1700:1704]
    excess = by["errors", "one"]["excess"]
    assert excess == pytest.approx(lost["error_count"].sum() - 0.02 * lost["request_count"].sum(), rel=0.05)


def test_later_hours_change_no_earlier_verdict() -> None:
    """What was judged without the last day is judged alike with it; only open episodes may go on."""
    hours = traffic("one", 50, 3)
    hours.loc[1700:1702, "error_count"] = 20
    early = hours[hours["hour_at"] < CLOCK[HOURS - 24]]
    before, after = (anomalies(rows, latencies(rows), SINCE) for rows in (early, hours))
    assert [r for r in after if r["ended_at"] <= CLOCK[HOURS - 24]] == [r for r in before if r["state"] == "closed"]


def test_chances_of_counts_are_scipys() -> None:
    """Constant Poisson counts: binomial of both counts, at the very hours of the baseline."""
    counts = np.full(HOURS, 4.0)
    counts[-1] = 12
    judged = judge_counts(counts)
    expected = stats.binom.sf(11, 12 + 4 * len(WEEKLY), 1 / (1 + len(WEEKLY)))
    assert judged.p_up[-1] == pytest.approx(expected)
    assert judged.p_down[-1] == pytest.approx(stats.binom.cdf(12, 12 + 4 * len(WEEKLY), 1 / (1 + len(WEEKLY))))
    assert np.isnan(judged.p_up[60])  # not three days of the same hour before


def test_chances_of_failures_are_scipys() -> None:
    """Four weeks at 5 of 100 an hour, less the two hours before, then 20."""
    trials, hits = np.full(HOURS, 100.0), np.full(HOURS, 5.0)
    hits[-1] = 20
    expected = stats.binom.sf(19, 20 + 5 * 672, 100 / (100 + 672 * 100))
    assert judge_ratio(hits, trials).p_up[-1] == pytest.approx(expected)


def test_bursts_are_less_strange_where_bursts_are_usual() -> None:
    """The same count against Poisson's and against clumped counts of one mean."""
    draw = np.random.default_rng(2)
    smooth, clumped = draw.poisson(8, HOURS).astype(float), draw.negative_binomial(2, 0.2, HOURS).astype(float)
    smooth[-1] = clumped[-1] = 30
    assert judge_counts(smooth).p_up[-1] < 1e-4 < judge_counts(clumped).p_up[-1]


def test_a_measure_that_hardly_varies_is_not_strange_for_a_little() -> None:
    """3 % above a constant is nothing, five times it is much."""
    values = np.full(HOURS, 1000.0)
    values[-2:] = 1030, 5000
    tail = judge_measure(values).p_up
    assert tail[-2] > 0.2
    assert tail[-1] < 1e-6


def test_episodes_older_than_the_judged_days_stay() -> None:
    """A known one across the border stands for the part that is found again."""

    def row(start: int, end: int, state: str = "closed") -> dict[str, Any]:
        times = {"started_at": CLOCK[start].to_pydatetime(), "ended_at": CLOCK[end].to_pydatetime(), "state": state}
        return {"metric": "errors", "direction": "up", "provider_name": "a", "model_key": "m"} | times

    known, found = [row(5, 6), row(98, 103, "open"), row(120, 121)], [row(100, 103), row(130, 131, "open")]
    assert merged(known, found, CLOCK[100].to_pydatetime()) == [row(5, 6), row(98, 103), row(130, 131, "open")]
