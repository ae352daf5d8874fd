"""Strange hours of every model, joined to episodes and incidents: rows of gold.anomaly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from lakehouse.analyses.comparisons import adjusted
from lakehouse.analyses.detectors.catalogue import parameters
from lakehouse.analyses.spikes import Floats, Judged, judge_counts, judge_measure, judge_ratio

Row = dict[str, Any]
MODEL = ["provider_name", "model_key"]
HARM = ("errors", "duration_p50", "duration_p95")  # what joins to incidents
HOUR = timedelta(hours=1)
SAME_EPISODE = timedelta(hours=2)  # strange hours this far apart are one episode
TESTS = ["metric", "direction", *MODEL, "hour_at", "value", "expected", "robust_z", "p_value"]


def anomalies(hours: pd.DataFrame, quantiles: pd.DataFrame, since: datetime) -> list[Row]:
    """Find episodes that begin at `since` or later.

    An hour is strange where its adjusted p-value is below the level and, where a robust z can be computed, that lies
    beyond its limit too (`detectors/chosen.toml`, spikes). Tests are adjusted together for each UTC day, so that the
    verdicts of a day do not change with days to come. The newest hour may not be over: it is judged for too much only.

    Args:
        hours: request_count, error_count, cost_usd per provider, model and hour_at (UTC).
        quantiles: duration_p50, duration_p95 likewise, NaN where too few.
        since: First hour judged; earlier ones are baseline.
    """
    if hours.empty:
        return []
    joined = hours.merge(quantiles, on=[*MODEL, "hour_at"], how="left")
    joined["hour_at"] = pd.to_datetime(joined["hour_at"], utc=True)
    newest = joined["hour_at"].max()
    tests = pd.concat([_tests(rows, newest) for _, rows in joined.groupby(MODEL, dropna=False)], ignore_index=True)
    tests = tests[tests["hour_at"] >= since]
    tests["q_value"] = tests.groupby(tests["hour_at"].dt.date)["p_value"].transform(adjusted)
    return _incidents(list(_episodes(tests[_strange(tests)], newest)))


def _strange(tests: pd.DataFrame) -> pd.Series:
    limits = parameters("spikes")
    beyond = tests["robust_z"].abs() > limits["robust_z"]
    return (tests["q_value"] < limits["q_value"]) & (beyond | tests["robust_z"].isna())


def _tests(rows: pd.DataFrame, newest: pd.Timestamp) -> pd.DataFrame:
    """Every test of one model: hours without a row had no request."""
    clock = pd.date_range(rows["hour_at"].min(), newest, freq="h")
    series = rows.set_index("hour_at").reindex(clock)
    requests, errors = (series[name].fillna(0).to_numpy(float) for name in ("request_count", "error_count"))
    found = [_frame("errors", "up", clock, errors, judge_ratio(errors, requests))]
    volume = judge_counts(requests)
    found.append(_frame("volume", "up", clock, requests, volume))
    found.append(_frame("volume", "down", clock, requests, volume)[:-1])  # the newest hour may not be over
    for name, metric in (("cost_usd", "cost"), ("duration_p50", "duration_p50"), ("duration_p95", "duration_p95")):
        values = series[name].to_numpy(float)
        if np.isfinite(values).any():
            found.append(_frame(metric, "up", clock, values, judge_measure(values)))
    tests = pd.concat(found, ignore_index=True).assign(**{name: rows[name].iloc[0] for name in MODEL})
    return tests[tests["p_value"].notna()][TESTS]


def _frame(metric: str, direction: str, clock: pd.DatetimeIndex, values: Floats, judged: Judged) -> pd.DataFrame:
    p_value = judged.p_up if direction == "up" else judged.p_down
    columns = {"hour_at": clock, "value": values, "expected": judged.expected, "robust_z": judged.z}
    return pd.DataFrame(columns | {"p_value": p_value}).assign(metric=metric, direction=direction)


def _episodes(strange: pd.DataFrame, newest: pd.Timestamp) -> Iterator[Row]:
    for (metric, direction, provider, model), rows in strange.groupby(TESTS[:4], dropna=False, sort=True):
        ordered = rows.sort_values("hour_at")
        for _, episode in ordered.groupby((ordered["hour_at"].diff() > SAME_EPISODE).cumsum()):
            yield _episode(str(metric), str(direction), (_text(provider), _text(model)), episode, newest)


def _episode(
    metric: str, direction: str, model: tuple[str | None, ...], rows: pd.DataFrame, newest: pd.Timestamp
) -> Row:
    start, last = rows["hour_at"].iloc[0].to_pydatetime(), rows["hour_at"].iloc[-1].to_pydatetime()
    peak = rows.loc[rows["p_value"].idxmin()]
    excess = None if metric.startswith("duration") else float((rows["value"] - rows["expected"]).sum())
    return {
        "anomaly_id": _hash(metric, direction, *model, start), "incident_id": None,
        "metric": metric, "direction": direction, "provider_name": model[0], "model_key": model[1],
        "started_at": start, "ended_at": last + HOUR, "hour_count": len(rows),
        "peak_at": peak["hour_at"].to_pydatetime(), "value": float(peak["value"]),
        "expected": float(peak["expected"]), "robust_z": _number(peak["robust_z"]),
        "p_value": float(peak["p_value"]), "q_value": float(peak["q_value"]), "excess": excess,
        "state": "open" if last >= newest - HOUR else "closed",
    }  # fmt: skip


def _incidents(rows: list[Row]) -> list[Row]:
    """Give one id to episodes of harm of one provider that overlap, or follow each other within two hours."""
    ends: dict[str | None, tuple[str, datetime]] = {}
    for row in sorted(rows, key=lambda row: row["started_at"]):
        if row["direction"] != "up" or row["metric"] not in HARM:
            continue
        provider = row["provider_name"]
        name, end = ends.get(provider, ("", datetime.min.replace(tzinfo=UTC)))
        if row["started_at"] >= end + SAME_EPISODE:
            name = _hash("incident", provider, row["started_at"])
        row["incident_id"] = name
        ends[provider] = (name, max(end, row["ended_at"]))
    return rows


def merged(known: list[Row], found: list[Row], since: datetime) -> list[Row]:
    """Keep what began before `since` as it was last judged, and take the rest from `found`.

    An episode that lies across `since` is found only in part: the known one stands for it.
    """
    older = [row | {"state": "closed"} for row in known if row["started_at"] < since]
    covered = {_series(row): row["ended_at"] for row in sorted(older, key=lambda row: row["ended_at"])}
    first = datetime.min.replace(tzinfo=UTC)
    return older + [row for row in found if row["started_at"] >= covered.get(_series(row), first)]


def _series(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in TESTS[:4])


def _hash(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]


def _text(value: object) -> str | None:
    return None if pd.isna(value) else str(value)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
