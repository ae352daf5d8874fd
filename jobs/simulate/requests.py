"""What each simulated request is: who asks which model, how it ends, its tokens, times and cost, as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.simulate.catalogue import APPS, FAILURES, MODELS, OVERLOADED, PROVIDERS
from jobs.simulate.draws import Draws
from jobs.simulate.schedule import Ints, Plan, start_times
from jobs.simulate.shapes import Floats, summary, token_counts

Flags = npt.NDArray[np.bool_]

OK = -1  # index of no failure
FAILURE_RATIO, OUTAGE_FAILURE_RATIO = 0.02, 0.7
GATEWAY_HIT_RATIO = 0.03
MAX_RETRIES = 2
CACHE_MINIMUM_TOKENS, CACHE_STEP_TOKENS = 1024, 128  # what providers need and count in
CACHE_READ_RATIO, CACHE_WRITE_RATIO = 0.6, 0.2
TTFT_LOG_SD, TPOT_LOG_SD, FAILURE_LOG_SD = 0.45, 0.25, 0.3
PREFILL_MS_PER_TOKEN = 0.02


def _column(name: str) -> npt.NDArray[np.float64]:
    return np.array([getattr(model, name) for model in MODELS], dtype=float)


def _rates(name: str) -> Floats:
    """USD per token of each model; 0 where it has no such rate."""
    return np.array([(getattr(model.price, name) or 0.0) if model.price else 0.0 for model in MODELS]) / 1e6


TTFT_MS, TPOT_MS, STREAM, REASONING = map(_column, ("ttft_ms", "tpot_ms", "stream_ratio", "reasoning_ratio"))
RATES = {name: _rates(name) for name in ("fresh", "cache_read", "cache_write", "output")}
PROVIDER = np.array([list(PROVIDERS).index(model.provider) for model in MODELS])
EMBEDS = np.array([model.call_type == "aembedding" for model in MODELS])
FAILURE_CDF = np.cumsum([failure.share for failure in FAILURES])
RETRIED = np.array([failure.retried for failure in FAILURES])
FAILURE_MS = np.array([failure.median_ms for failure in FAILURES])


@dataclass(frozen=True)
class Outcome:
    """How requests end: index into FAILURES or `OK`, retries made by the gateway, answered from its cache."""

    failure: Ints
    retries: Ints
    hit: Flags


@dataclass(frozen=True)
class Tokens:
    """Token counts; all zero where the request failed, as LiteLLM logs it."""

    prompt: Ints
    cache_read: Ints
    cache_write: Ints
    completion: Ints
    reasoning: Ints


@dataclass(frozen=True)
class Requests:
    """A chunk of requests, one array entry each.

    `start_ms`, `first_ms` (first token; the end where not streamed) and `end_ms` are milliseconds since 1970; `cost`
    is USD by component and zero for failures, gateway hits and models without a price.
    """

    draws: Draws
    start_ms: Ints
    first_ms: Ints
    end_ms: Ints
    model: Ints
    app: Ints
    outcome: Outcome
    tokens: Tokens
    cost: dict[str, Floats]

    @property
    def total_usd(self) -> Floats:
        """Sum of the cost components."""
        total: Floats = np.sum(list(self.cost.values()), axis=0)
        return total


def draw_requests(plan: Plan, slots: range) -> Requests:
    """Draw all requests of the slots."""
    first = int(plan.counts[: slots.start].sum())
    draws = Draws(plan.seed, first, int(plan.counts[slots.start : slots.stop].sum()))
    start_ms, slot = start_times(plan, slots, draws)
    model = (draws.uniform("model")[:, None] >= plan.model_cdf[slot, :-1]).sum(axis=1)
    outcome = draw_outcome(draws, model, plan.load[slot], plan.outage[slot] == PROVIDER[model])
    tokens = draw_tokens(draws, model, outcome.failure == OK)
    ttft_ms, duration_ms = draw_latency(draws, model, outcome, tokens)
    return Requests(
        draws=draws,
        start_ms=start_ms,
        first_ms=start_ms + ttft_ms,
        end_ms=start_ms + duration_ms,
        model=model,
        app=np.searchsorted(np.cumsum(summary().client_share)[:-1], draws.uniform("app"), side="right") % len(APPS),
        outcome=outcome,
        tokens=tokens,
        cost=costs(model, tokens, outcome.hit),
    )


def draw_outcome(draws: Draws, model: Ints, load: Floats, is_down: Flags) -> Outcome:
    """Draw failures, more under load; most requests to a provider that is down find it overloaded."""
    chance = np.where(is_down, OUTAGE_FAILURE_RATIO, FAILURE_RATIO * load)
    fails = draws.uniform("failure") < chance
    kind = np.searchsorted(FAILURE_CDF[:-1], draws.uniform("failure kind"), side="right")
    failure = np.where(fails, np.where(is_down, FAILURES.index(OVERLOADED), kind), OK)
    recovers = (draws.uniform("retry") < np.where(is_down, 0.4, 0.015)).astype(np.int64)
    retries = np.where(fails, np.where(RETRIED[failure], MAX_RETRIES, 0), recovers)
    hit = ~fails & ~EMBEDS[model] & (draws.uniform("gateway cache") < GATEWAY_HIT_RATIO)
    return Outcome(failure, np.where(hit, 0, retries), hit)


def draw_tokens(draws: Draws, model: Ints, is_ok: Flags) -> Tokens:
    """Draw token counts by each model's shape; cached ones are part of the prompt, reasoning part of the output."""
    prompt, completion = np.zeros(draws.count), np.zeros(draws.count)
    uniform_in, uniform_out = draws.uniform("input"), draws.uniform("output")
    for name, shape in summary().shapes.items():
        mine = np.array([m.shape == name for m in MODELS])[model] & is_ok
        prompt[mine] = token_counts(uniform_in[mine], shape.input_tokens)
        completion[mine] = token_counts(uniform_out[mine], shape.output_tokens)
    completion = np.where(EMBEDS[model], 0, completion)
    share = np.clip(REASONING[model] + 0.15 * draws.normal("reasoning"), 0, 0.95) * (REASONING[model] > 0)
    read, write = _cached(draws, model, prompt)
    parts = (prompt, read, write, completion, completion * share)
    return Tokens(*(part.astype(np.int64) for part in parts))


def _cached(draws: Draws, model: Ints, prompt: Floats) -> tuple[Floats, Floats]:
    """Draw what of a long prompt is read from or, where that costs extra, written to the provider's cache."""
    kind = draws.uniform("prompt cache")
    part = prompt * (0.3 + 0.65 * draws.uniform("cached part")) // CACHE_STEP_TOKENS * CACHE_STEP_TOKENS
    part = np.where(prompt >= CACHE_MINIMUM_TOKENS, part, 0)
    read = np.where((kind < CACHE_READ_RATIO) & (RATES["cache_read"][model] > 0), part, 0)
    write = np.where((kind >= 1 - CACHE_WRITE_RATIO) & (RATES["cache_write"][model] > 0), part, 0)
    return read, write


def draw_latency(draws: Draws, model: Ints, outcome: Outcome, tokens: Tokens) -> tuple[Ints, Ints]:
    """Draw time to first token and duration ≈ TTFT + TPOT·(output − 1), lognormal per model.

    Returns:
        Milliseconds to the first token, equal to the duration where the answer is not streamed; duration in ms.
    """
    fresh = tokens.prompt - tokens.cache_read
    ttft = TTFT_MS[model] * np.exp(TTFT_LOG_SD * draws.normal("ttft")) + PREFILL_MS_PER_TOKEN * fresh
    tpot = TPOT_MS[model] * np.exp(TPOT_LOG_SD * draws.normal("tpot"))
    whole = ttft + tpot * np.maximum(tokens.completion - 1, 0)
    failed = outcome.failure != OK
    quick = FAILURE_MS[outcome.failure] * np.exp(FAILURE_LOG_SD * draws.normal("failure time"))
    quick = np.where(FAILURE_MS[outcome.failure] >= 60_000, 60_000 + quick % 1000, quick)
    hit_ms = 2 + 12 * draws.uniform("hit time")
    duration = np.where(failed, quick, np.where(outcome.hit, hit_ms, whole)).astype(np.int64)
    streams = ~failed & ~outcome.hit & (draws.uniform("stream") < STREAM[model])
    return np.where(streams, np.minimum(ttft.astype(np.int64), duration), duration), duration


def costs(model: Ints, tokens: Tokens, hit: Flags) -> dict[str, Floats]:
    """Price tokens at list price in USD; an answer from the gateway's cache costs nothing."""
    fresh = tokens.prompt - tokens.cache_read - tokens.cache_write
    counts = {
        "fresh": fresh,
        "cache_read": tokens.cache_read,
        "cache_write": tokens.cache_write,
        "output": tokens.completion,
    }
    return {name: np.where(hit, 0.0, count * RATES[name][model]) for name, count in counts.items()}
