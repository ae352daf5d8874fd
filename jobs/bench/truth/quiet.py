"""What gold.anomaly's detector says of simulated traffic in which nothing happens, and in which something does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from jobs.bench.truth.frame import Check
from lakehouse.analyses.anomalies import anomalies
from lakehouse.analyses.detectors.catalogue import parameters

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS, JUDGED_WEEKS = 11, 3
HOURS = WEEKS * 168
SINCE = START + timedelta(weeks=WEEKS - JUDGED_WEEKS)
VOLUMES = (0.5, 3, 20, 100, 600, 3_000)  # mean attempts an hour, one model each
FAILURES, TOLERANCE = 0.02, 0.01
RISE, LENGTH = 8, 3  # of the failure ratio, and hours that it lasts


def quiet_checks(random: np.random.Generator, runs: int) -> list[Check]:
    """Days with a false alarm, over all models and metrics together, and incidents found.

    Args:
        random: Source of the draws.
        runs: Simulated quarters, of three judged weeks each.
    """
    level = parameters("spikes")["q_value"]
    days = sum(len({row["started_at"].date() for row in _found(_traffic(random))}) for _ in range(runs))
    share = days / (runs * JUDGED_WEEKS * 7)
    quiet = Check(
        "days with a false alarm, quiet traffic", level, share, share <= level + TOLERANCE, f"{runs} × 21 days"
    )
    return [quiet, *_incidents(random, runs)]


def _incidents(random: np.random.Generator, runs: int) -> list[Check]:
    """Share of incidents with an alarm in their hours, by volume; informs only."""
    hits = dict.fromkeys(VOLUMES, 0)
    for _ in range(runs):
        at = int(random.integers((WEEKS - JUDGED_WEEKS) * 168, HOURS - LENGTH - 1))
        end = START + timedelta(hours=at + LENGTH)
        found = {
            row["model_key"]
            for row in _found(_traffic(random, at))
            if row["metric"] == "errors" and row["started_at"] < end and row["ended_at"] > end - timedelta(hours=LENGTH)
        }
        hits = {volume: count + (str(volume) in found) for volume, count in hits.items()}
    note = f"{LENGTH} hours of {RISE} times the failures, {runs} runs"
    return [Check(f"incidents found, {v} attempts an hour", None, n / runs, None, note) for v, n in hits.items()]


def _found(hours: pd.DataFrame) -> list[dict[str, object]]:
    quantiles = hours[["provider_name", "model_key", "hour_at"]].assign(
        duration_p50=np.exp(7 + hours["noise"] * 0.1), duration_p95=np.exp(8 + hours["noise"] * 0.3)
    )
    return anomalies(hours, quantiles, SINCE)


def _traffic(random: np.random.Generator, incident: int | None = None) -> pd.DataFrame:
    """Poisson attempts with the rhythm of a day, binomial failures, lognormal prices and latencies."""
    clock = pd.date_range(START, periods=HOURS, freq="h")
    rhythm, ratio = 1 + 0.8 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi), np.full(HOURS, FAILURES)
    if incident is not None:
        ratio[incident : incident + LENGTH] *= RISE
    frames = []
    for volume in VOLUMES:
        requests = random.poisson(volume * rhythm)
        frames.append(
            pd.DataFrame(
                {
                    "provider_name": "p", "model_key": str(volume), "hour_at": clock, "request_count": requests,
                    "error_count": random.binomial(requests, ratio), "noise": random.normal(size=HOURS),
                    "cost_usd": requests * 0.01 * np.exp(random.normal(0, 0.2, HOURS)),
                }
            )
        )  # fmt: skip
    return pd.concat(frames)
