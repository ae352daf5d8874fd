"""statistics: what our intervals and tests promise, by simulation: coverage and false positives. Needs no data."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import ceil, log, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.bench.truth.frame import Check, Outcome
from jobs.bench.truth.quiet import quiet_checks
from lakehouse.analyses.comparisons import (
    FALSE_DISCOVERIES,
    NO_EVIDENCE,
    TOO_FEW,
    Stratum,
    adjusted,
    compare,
    compare_rates,
    verdict,
)
from lakehouse.analyses.intervals import CONFIDENCE, at_rank, bucket_at_rank, newcombe, quantile_ranks, wilson

REACH = "false positives on identical populations at most 5 % + 1 %; coverage of 95 % intervals within 1 %"
SEED, TOLERANCE = 20_260_101, 0.01
RUNS, MANY = 6_000, 40_000  # of what is computed one by one, and of what is computed in arrays
GAMMA = 1.01 / 0.99  # growth of gold's buckets
SIZES = {0.5: (20, 200), 0.9: (100, 400), 0.95: (200, 1_000), 0.99: (1_000, 5_000)}  # n per quantile
PAIRS = 45  # of ten models

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
POPULATIONS: dict[str, Draw] = {
    "lognormal": lambda random, n: random.lognormal(6, 0.8, n),
    "gamma": lambda random, n: random.gamma(0.7, 900, n),
    "two modes": lambda random, n: np.where(
        random.random(n) < 0.3, random.lognormal(4, 0.3, n), random.lognormal(7, 0.5, n)
    ),
    "heavy ties": lambda random, n: np.ceil(random.lognormal(1, 0.6, n)),
}


def run(data: Path | None, runs: int = RUNS, many: int = MANY) -> Outcome:
    """Simulate; `data` is not read. Fewer runs serve a quick look."""
    random = np.random.default_rng(SEED)
    checks = [
        *_rates(random, many),
        *(_quantile(random, q, n, name, runs) for q, sizes in SIZES.items() for n in sizes for name in ("lognormal",)),
        *(_quantile(random, 0.9, 300, name, runs) for name in ("gamma", "two modes")),
        _quantile_of_histogram(random, runs),
        *(_shift(random, name, n, m, runs) for name, n, m in (("lognormal", 60, 60), ("gamma", 200, 80))),
        *(_identical(random, name, n, m, runs) for name in POPULATIONS for n, m in ((40, 40), (300, 60))),
        _mixes(random, runs),
        _identical_rates(random, runs),
        _many_pairs(random, runs // 6),
        *quiet_checks(random, max(runs // 500, 1)),
    ]
    return Outcome("statistics", REACH, checks, not any(check.passed is False for check in checks))


def _covered(subject: str, inside: NDArray[np.bool_]) -> Check:
    share, error = float(inside.mean()), sqrt(0.95 * 0.05 / len(inside))
    passed = abs(share - CONFIDENCE) <= TOLERANCE
    return Check(f"coverage of {subject}", CONFIDENCE, share, passed, f"{len(inside)} runs, ± {error:.4f} by chance")


def _false(subject: str, found: NDArray[np.bool_]) -> Check:
    share, level = float(found.mean()), FALSE_DISCOVERIES
    error = sqrt(level * (1 - level) / len(found))
    return Check(
        f"false positives, {subject}", level, share, share <= level + TOLERANCE, f"{len(found)} runs, ± {error:.4f}"
    )


def _rates(random: np.random.Generator, many: int) -> list[Check]:
    """Coverage on average over rates and sizes: of one rate it swings with n, as the number of events is whole."""
    rate, n, m = random.uniform(0.005, 0.3, many), random.integers(100, 2_000, many), random.integers(100, 2_000, many)
    other = random.uniform(0.005, 0.3, many)
    hits, other_hits = random.binomial(n, rate), random.binomial(m, other)
    low, high = wilson(hits, n)
    below, above = newcombe(hits, n, other_hits, m)
    return [
        _covered("a rate, Wilson", (low <= rate) & (rate <= high)),
        _covered("a difference of rates, Newcombe", (below <= rate - other) & (rate - other <= above)),
    ]


def _truth(name: str, quantile: float) -> float:
    return float(np.quantile(_population(name), quantile))


@cache
def _population(name: str) -> NDArray[np.float64]:
    """Two million draws of a generator of its own stand for a population."""
    return np.sort(POPULATIONS[name](np.random.default_rng(1), 2_000_000))


def _quantile(random: np.random.Generator, quantile: float, n: int, name: str, runs: int) -> Check:
    ranks, truth = quantile_ranks(n, quantile), _truth(name, quantile)
    if ranks is None:
        raise ValueError(f"{n} values are too few for the quantile {quantile}")
    values = np.sort(POPULATIONS[name](random, n * runs).reshape(runs, n), axis=1)
    ends = np.array([[at_rank(row, ranks.low), at_rank(row, ranks.high)] for row in values])
    return _covered(f"p{100 * quantile:g} of {n}, {name}", (ends[:, 0] <= truth) & (truth <= ends[:, 1]))


def _quantile_of_histogram(random: np.random.Generator, runs: int, n: int = 400, quantile: float = 0.95) -> Check:
    """The same from log buckets, whose ends are interpolated within a bucket."""
    ranks, truth = quantile_ranks(n, quantile), log(_truth("lognormal", quantile), GAMMA)
    if ranks is None:
        raise ValueError(f"{n} values are too few for the quantile {quantile}")
    inside = []
    for _ in range(runs):
        buckets = _buckets(POPULATIONS["lognormal"](random, n))
        counts, first = np.bincount(buckets - buckets.min()), int(buckets.min())
        low, high = (first - 1 + bucket_at_rank(counts, rank) for rank in (ranks.low, ranks.high))
        inside.append(low <= truth <= high)
    return _covered(f"p{100 * quantile:g} of {n}, lognormal in buckets", np.array(inside))


def _buckets(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Bucket k holds values from γ^(k−1) to γ^k, as in gold."""
    return np.ceil(np.log(values) / log(GAMMA)).astype(np.int64)


def _stratum(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Stratum:
    one, other = _buckets(ours), _buckets(theirs)
    first = min(one.min(), other.min())
    width = int(max(one.max(), other.max()) - first) + 1
    return Stratum(np.bincount(one - first, minlength=width), np.bincount(other - first, minlength=width))


def _shift(random: np.random.Generator, name: str, n: int, m: int, runs: int, ratio: float = 1.3) -> Check:
    """Interval of the ratio by which one is slower than the other."""
    inside, draw = [], POPULATIONS[name]
    for _ in range(runs):
        found = compare([_stratum(ratio * draw(random, n), draw(random, m))])
        _, low, high = found.ratios(GAMMA) if found else (0.0, 0.0, 0.0)
        inside.append(low <= ratio <= high)
    return _covered(f"a shift of {ratio}, {name}, {n} and {m}", np.array(inside))


def _identical(random: np.random.Generator, name: str, n: int, m: int, runs: int) -> Check:
    draw, found = POPULATIONS[name], []
    for _ in range(runs):
        comparison = compare([_stratum(draw(random, n), draw(random, m))])
        found.append(_differs(verdict(comparison, comparison.p_value if comparison else 1.0)))
    return _false(f"{name}, {n} and {m}", np.array(found))


def _differs(said: str) -> bool:
    return said not in (NO_EVIDENCE, TOO_FEW)


def _mixes(random: np.random.Generator, runs: int) -> Check:
    """One model in three strata of different speed, one side with mostly slow requests: equal within each."""
    sizes, found = ((120, 15), (40, 40), (15, 120)), []
    for _ in range(runs):
        strata = [
            _stratum(random.lognormal(5 + at, 0.6, n), random.lognormal(5 + at, 0.6, m))
            for at, (n, m) in enumerate(sizes)
        ]
        comparison = compare(strata)
        found.append(_differs(verdict(comparison, comparison.p_value if comparison else 1.0)))
    return _false("one model, different mixes of requests", np.array(found))


def _identical_rates(random: np.random.Generator, runs: int) -> Check:
    rate, n, m = random.uniform(0.01, 0.3, runs), random.integers(200, 2_000, runs), random.integers(200, 2_000, runs)
    hits, other = random.binomial(n, rate), random.binomial(m, rate)
    p = [compare_rates(int(a), int(b), int(c), int(d)).p_value for a, b, c, d in zip(hits, n, other, m, strict=True)]
    return _false("rates of errors", np.array(p) < FALSE_DISCOVERIES)


def _many_pairs(random: np.random.Generator, runs: int) -> Check:
    """All pairs of ten equal models: a run is false if any pair is called different."""
    models, found = ceil(sqrt(2 * PAIRS)), []
    for _ in range(runs):
        values = [POPULATIONS["lognormal"](random, 80) for _ in range(models)]
        pairs = [compare([_stratum(values[i], values[j])]) for i in range(models) for j in range(i)]
        q_values = adjusted([pair.p_value if pair else np.nan for pair in pairs])
        found.append(any(_differs(verdict(pair, q)) for pair, q in zip(pairs, q_values, strict=True)))
    return _false(f"any of {PAIRS} pairs after Benjamini and Hochberg", np.array(found))
