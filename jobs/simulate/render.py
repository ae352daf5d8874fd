"""Simulated requests as rows of LiteLLM's table: Arrow columns, JSON built by joining strings column-wise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.simulate.catalogue import APPS, FAILURES, MODELS, PROVIDERS
from jobs.simulate.requests import MAX_RETRIES, OK, Requests

USERS, CUSTOMERS, PROMPTS = 400, 5000, 50_000
SESSION_MS = 2 * 3_600_000
FLUSH_MS = 10_000  # LiteLLM writes its log in batches
TIMESTAMP = pa.timestamp("ms")
PRICED = pa.array([model.price is not None for model in MODELS])
IS_ANTHROPIC = pa.array([model.price is not None and model.price.cache_write is not None for model in MODELS])
SERVES_CUSTOMERS = np.arange(len(APPS)) % 3 == 0


def table(requests: Requests) -> pa.Table:
    """Lay requests out as LiteLLM's columns; JSON columns are text. Columns left at their default are left out."""
    return pa.table(_identity(requests) | _measures(requests) | _upstream(requests) | _people(requests))


def _identity(requests: Requests) -> dict[str, pa.Array]:
    count = requests.draws.count
    ok = pa.array(requests.outcome.failure == OK)
    call = join(f"{requests.draws.seed}-", text(requests.draws.first + np.arange(count)))
    return {
        "request_id": join("sim-", call, _hit_suffix(requests)),
        "call_type": look_up([model.call_type for model in MODELS], requests.model),
        "litellm_call_id": join("sim-call-", call),
        "status": pc.if_else(ok, "success", "failure"),
        "cache_hit": pc.if_else(pa.array(requests.outcome.hit), "True", "False"),
        "metadata": _metadata(requests, ok),
    }


def _measures(requests: Requests) -> dict[str, pa.Array]:
    prompt, completion = requests.tokens.prompt, requests.tokens.completion
    written_ms = (requests.end_ms // FLUSH_MS + 1) * FLUSH_MS
    return {
        "spend": pa.array(requests.total_usd),
        "total_tokens": pa.array(prompt + completion, pa.int32()),
        "prompt_tokens": pa.array(prompt, pa.int32()),
        "completion_tokens": pa.array(completion, pa.int32()),
        "startTime": pa.array(requests.start_ms, TIMESTAMP),
        "endTime": pa.array(requests.end_ms, TIMESTAMP),
        "completionStartTime": pa.array(requests.first_ms, TIMESTAMP),
        "request_duration_ms": pa.array(requests.end_ms - requests.start_ms, pa.int32()),
        "created_at": pa.array(written_ms, TIMESTAMP),
        "updated_at": pa.array(written_ms, TIMESTAMP),
    }


def _upstream(requests: Requests) -> dict[str, pa.Array]:
    """Say which model of which provider; the deployment stays blank on failures, as LiteLLM leaves it."""
    ok = pa.array(requests.outcome.failure == OK)
    deployment = look_up([key_hash(model.group)[:32] for model in MODELS], requests.model)
    return {
        "model": look_up([model.name for model in MODELS], requests.model),
        "model_id": pc.if_else(ok, deployment, ""),
        "model_group": look_up([model.group for model in MODELS], requests.model),
        "custom_llm_provider": look_up([model.provider for model in MODELS], requests.model),
        "api_base": look_up([PROVIDERS[model.provider].api_base for model in MODELS], requests.model),
    }


def _people(requests: Requests) -> dict[str, pa.Array]:
    """Say who asks: user, team, customer, session, tags; users and prompts are skewed towards the first."""
    draws, app = requests.draws, requests.app
    user = ((draws.uniform("user") ** 2 * 40).astype(np.int64) + app * 37) % USERS
    customer = (draws.uniform("customer") ** 3 * CUSTOMERS).astype(np.int64)
    prompt = (draws.uniform("prompt") ** 4 * PROMPTS).astype(np.int64)
    session = ((requests.start_ms // SESSION_MS) * len(APPS) + app) * USERS + user
    host = (draws.uniform("address") * 254).astype(np.int64) + 1
    return {
        "api_key": look_up([key_hash(name) for name, _ in APPS], app),
        "user": look_up([f"sim-user-{number:03d}" for number in range(USERS)], user),
        "cache_key": join("sim-prompt-", text(app), "-", text(prompt)),
        "request_tags": look_up([json.dumps(["synthetic", f"app:{name}", "env:prod"]) for name, _ in APPS], app),
        "team_id": look_up([f"sim-team-{team}" for _, team in APPS], app),
        "organization_id": constant("sim-org", draws.count),
        "end_user": pc.if_else(pa.array(SERVES_CUSTOMERS[app]), join("sim-customer-", text(customer)), None),
        "requester_ip_address": join("192.0.2.", text(host)),  # addresses reserved for documentation
        "session_id": join("sim-session-", text(session)),
    }


def _hit_suffix(requests: Requests) -> pa.Array:
    hit = pa.array(requests.outcome.hit)
    return pc.if_else(hit, join("_cache_hit", text(requests.end_ms / 1000)), "")


def _metadata(requests: Requests, ok: pa.Array) -> pa.Array:
    """Build the metadata column with LiteLLM's keys and our mark."""
    head = [f'", "user_api_key_alias": "{name}", "user_api_key_team_alias": "{team}", ' for name, team in APPS]
    overhead_ms = np.rint(200 + 800 * requests.draws.uniform("overhead")) / 100
    return join(
        '{"observatory_synthetic": true, "status": "', pc.if_else(ok, "success", "failure"),
        look_up(head, requests.app),
        f'"max_retries": {MAX_RETRIES}, "attempted_retries": ', text(requests.outcome.retries),
        ', "litellm_overhead_time_ms": ', text(overhead_ms),
        ', "usage_object": ', pc.if_else(ok, _usage(requests), "null"),
        ', "cost_breakdown": ', pc.if_else(pc.and_(ok, PRICED.take(pa.array(requests.model))), _cost(requests), "null"),
        ', "error_information": ', _errors(requests), "}",
    )  # fmt: skip


def _usage(requests: Requests) -> pa.Array:
    """Build usage_object; only models with Anthropic's usage carry its own two cache keys."""
    tokens = requests.tokens
    read, write = text(tokens.cache_read), text(tokens.cache_write)
    extra = join(', "cache_read_input_tokens": ', read, ', "cache_creation_input_tokens": ', write)
    return join(
        '{"prompt_tokens": ', text(tokens.prompt), ', "completion_tokens": ', text(tokens.completion),
        ', "total_tokens": ', text(tokens.prompt + tokens.completion),
        ', "prompt_tokens_details": {"cached_tokens": ', read,
        '}, "completion_tokens_details": {"reasoning_tokens": ', text(tokens.reasoning), "}",
        pc.if_else(IS_ANTHROPIC.take(pa.array(requests.model)), extra, ""), "}",
    )  # fmt: skip


def _cost(requests: Requests) -> pa.Array:
    """Build cost_breakdown, whose input_cost is fresh input only."""
    cost = requests.cost
    return join(
        '{"input_cost": ', text(cost["fresh"]), ', "cache_read_cost": ', text(cost["cache_read"]),
        ', "cache_creation_cost": ', text(cost["cache_write"]), ', "output_cost": ', text(cost["output"]),
        ', "total_cost": ', text(requests.total_usd), "}",
    )  # fmt: skip


def _errors(requests: Requests) -> pa.Array:
    """Build error_information for failed requests, null for the rest; few rows, so only these are joined."""
    failed = np.flatnonzero(requests.outcome.failure != OK)
    kind = requests.outcome.failure[failed]
    low, high = np.array([failure.numbers for failure in FAILURES])[kind].T
    number = low + (requests.draws.uniform("error number")[failed] * (high - low)).astype(np.int64)
    which = kind * len(MODELS) + requests.model[failed]
    heads, tails = zip(*(_error_parts(kind, model) for kind in range(len(FAILURES)) for model in range(len(MODELS))),
                       strict=True)  # fmt: skip
    errors = join(look_up(heads, which), text(number), look_up(tails, which))
    everywhere = np.zeros(requests.draws.count, dtype=np.int64)
    everywhere[failed] = 1 + np.arange(len(failed))
    return pa.concat_arrays([pa.array(["null"]), errors]).take(pa.array(everywhere))


def _error_parts(kind: int, model: int) -> tuple[str, str]:
    """Write one failure of one model as JSON, cut where the row's number goes."""
    failure, provider = FAILURES[kind], MODELS[model].provider
    mark = "\0"
    message = failure.text.format(exception=PROVIDERS[provider].exception, number=mark)
    information = {
        "error_code": failure.code,
        "error_class": failure.error_class,
        "llm_provider": "" if failure.gateway else provider,
        "error_message": message,
        "traceback": "",
        "error_rate_limit_category": failure.category,
    }
    head, tail = json.dumps(information).split(json.dumps(mark)[1:-1])
    return head, tail


def join(*parts: str | pa.Array) -> pa.Array:
    """Join columns and constants into one column of text."""
    return pc.binary_join_element_wise(*parts, "")


def text(numbers: npt.NDArray[np.generic]) -> pa.Array:
    """Write numbers as text, the shortest that reads back to the same number."""
    return pc.cast(pa.array(numbers), pa.string())


def look_up(values: Sequence[str], index: npt.NDArray[np.int64]) -> pa.Array:
    """Take each row's value from a short list."""
    return pa.array(values).take(pa.array(index))


def constant(value: str, count: int) -> pa.Array:
    """Repeat one value."""
    return pa.repeat(value, count)


def key_hash(name: str) -> str:
    """Give a stable hash, as LiteLLM stores of keys and deployments."""
    return hashlib.sha256(f"simulated {name}".encode()).hexdigest()
