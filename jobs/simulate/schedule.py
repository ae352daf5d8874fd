"""When the simulated requests come: a plan of 10-minute slots, and start times within them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import numpy as np
import numpy.typing as npt

from jobs.simulate.catalogue import MODELS, PROVIDERS
from jobs.simulate.draws import Draws, stream
from jobs.simulate.shapes import Floats, summary
from lakehouse.errors import ConfigurationError

Ints = npt.NDArray[np.int64]

SLOT_MS = 600_000
SLOTS_PER_HOUR, SLOTS_PER_DAY = 6, 144
NO_OUTAGE = -1
GAP_SCALE = 2**16  # gaps are summed as integers, whose sums do not depend on where a chunk begins
LONGEST_GAP = 10_000.0  # in scales of the Weibull distribution; cuts a tail that would fill a whole slot


@dataclass(frozen=True)
class Plan:
    """What is fixed before any row is drawn; arrays have one entry a slot.

    Attributes:
        seed: Seed of all draws.
        start_ms: Start of the first slot, milliseconds since 1970 in UTC.
        counts: Requests.
        model_cdf: Cumulative mix of models, one column a model.
        gap_shape: Weibull shape of the times between requests.
        load: Requests relative to the mean slot.
        outage: Index of the provider that is down, else `NO_OUTAGE`.
    """

    seed: int
    start_ms: int
    counts: Ints
    model_cdf: Floats
    gap_shape: Floats
    load: Floats
    outage: Ints

    def chunks(self, rows: int) -> Iterator[range]:
        """Cut the slots into runs of about `rows` requests; a fuller slot stands alone."""
        first = 0
        total = np.cumsum(self.counts)
        while first < len(self.counts):
            before = total[first - 1] if first else 0
            end = max(int(np.searchsorted(total, before + rows, side="right")), first + 1)
            yield range(first, end)
            first = end


def make_plan(rows: int, seed: int, start: datetime, days: int) -> Plan:
    """Spread `rows` requests over `days` days with the volume shapes of each model's class.

    Raises:
        ConfigurationError: A number is out of range or `start` has no time zone.
    """
    if rows < 0 or seed < 0 or days < 1:
        raise ConfigurationError(f"rows={rows}, seed={seed}, days={days}: need rows ≥ 0, seed ≥ 0 and days ≥ 1")
    if start.tzinfo is None:
        raise ConfigurationError(f"start={start} has no time zone; write it as 2025-06-02T00:00:00+00:00")
    start = start.astimezone(UTC).replace(second=0, microsecond=0)
    slots = days * SLOTS_PER_DAY
    weights = _weights(seed, start, slots)
    volume = weights.sum(axis=1)
    edges = np.rint(rows * np.cumsum(volume) / volume.sum()).astype(np.int64)
    return Plan(
        seed=seed,
        start_ms=int(start.timestamp()) * 1000,
        counts=np.diff(edges, prepend=0),
        model_cdf=np.cumsum(weights, axis=1) / volume[:, None],
        gap_shape=_gap_shapes(seed, slots),
        load=volume / volume.mean(),
        outage=_outages(seed, days),
    )


def start_times(plan: Plan, slots: range, draws: Draws) -> tuple[Ints, Ints]:
    """Draw when each request of the slots starts.

    Returns:
        Start in milliseconds since 1970, ascending; slot of each request.
    """
    counts = plan.counts[slots.start : slots.stop]
    slot = np.repeat(np.arange(slots.start, slots.stop), counts)
    ends = np.cumsum(counts)
    gaps = _gaps(draws.uniform("gap"), plan.gap_shape[slot])
    after = _gaps(draws.uniform("gap to the slot's end"), plan.gap_shape[slot])  # the slot's first row speaks for it
    sums = np.concatenate([[0], np.cumsum(gaps)])
    begin = (ends - counts)[slot - slots.start]
    end = ends[slot - slots.start]
    within = (sums[1:] - sums[begin]) / (sums[end] - sums[begin] + after[begin])
    return plan.start_ms + slot * SLOT_MS + (within * SLOT_MS).astype(np.int64), slot


def _gaps(uniform: Floats, shape: Floats) -> Ints:
    """Draw Weibull gaps as integers."""
    scaled = (-np.log1p(-uniform)) ** (1 / shape)
    return (np.minimum(scaled, LONGEST_GAP) * GAP_SCALE).astype(np.int64) + 1


def _weights(seed: int, start: datetime, slots: int) -> Floats:
    """Give the expected volume by slot and model: share × profile of its class × the class's noise."""
    noise = np.random.Generator(stream(seed, "volume"))
    hour = start.weekday() * 24 + start.hour + np.arange(slots) // SLOTS_PER_HOUR
    volume = {
        name: shape.hour_profile[hour % len(shape.hour_profile)]
        * np.exp(shape.volume_log_sd * noise.standard_normal(slots))
        for name, shape in summary().shapes.items()
    }
    return np.column_stack([model.share * volume[model.shape] for model in MODELS])


def _gap_shapes(seed: int, slots: int) -> Floats:
    """Draw each slot's burstiness from the summary and turn it into the Weibull shape that has it."""
    uniform = np.random.Generator(stream(seed, "burstiness")).random(slots)
    known = summary()
    cv = np.interp(uniform, known.gap_probabilities, known.gap_cv)
    shapes, cvs = _weibull_cv()
    return np.interp(cv, cvs[::-1], shapes[::-1])


@cache
def _weibull_cv() -> tuple[Floats, Floats]:
    """Tabulate the coefficient of variation √(Γ(1+2/k)/Γ(1+1/k)² − 1) over the Weibull shape k; it falls with k."""
    shapes = np.geomspace(0.2, 8, 400)
    cvs = [math.sqrt(math.gamma(1 + 2 / k) / math.gamma(1 + 1 / k) ** 2 - 1) for k in shapes]
    return shapes, np.array(cvs)


def _outages(seed: int, days: int) -> Ints:
    """Give one provider 20 to 50 minutes of outage on each day, between 06:00 and 22:00 after the start."""
    dice = np.random.Generator(stream(seed, "outage"))
    outage = np.full(days * SLOTS_PER_DAY, NO_OUTAGE)
    for day in range(days):
        first = day * SLOTS_PER_DAY + dice.integers(36, 128)
        outage[first : first + dice.integers(2, 6)] = dice.integers(len(PROVIDERS))
    return outage
