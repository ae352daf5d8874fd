"""Costs in DuckDB's SQL: what `lakehouse.pricing.cost.price` computes, written a second time."""

from __future__ import annotations

from collections.abc import Iterable
from string import Template

from lakehouse.pricing.units import ANCESTORS

# Tokens by kind of rate, such that none counts twice; r stands for a reasoning rate of its own.
SPLIT = {
    "input_mtok": "n_in - n_read - n_write - (n_audio - n_audio_read)",
    "input_audio_mtok": "n_audio - n_audio_read",
    "cache_read_mtok": "n_read - n_audio_read",
    "cache_audio_read_mtok": "n_audio_read",
    "cache_write_mtok": "n_write - n_write_1h",
    "cache_write_1h_mtok": "n_write_1h",
    "output_mtok": "n_out - n_out_audio - CASE WHEN has_reasoning THEN n_reasoning ELSE 0 END",
    "output_audio_mtok": "n_out_audio",
    "output_reasoning_mtok": "CASE WHEN has_reasoning THEN n_reasoning ELSE 0 END",
}
COUNTS = {
    "n_in": "input_tokens", "n_read": "cache_read_input_tokens", "n_write": "cache_write_input_tokens",
    "n_write_1h": "cache_write_1h_input_tokens", "n_audio": "input_audio_tokens",
    "n_audio_read": "cache_audio_read_tokens", "n_out": "output_tokens", "n_out_audio": "output_audio_tokens",
    "n_reasoning": "reasoning_output_tokens",
}  # fmt: skip
PARTS = {
    "cost_fresh_input_usd": ("input_mtok", "input_audio_mtok"),
    "cost_cache_read_usd": ("cache_read_mtok", "cache_audio_read_mtok"),
    "cost_cache_write_usd": ("cache_write_mtok", "cache_write_1h_mtok"),
    "cost_output_usd": ("output_mtok", "output_audio_mtok", "output_reasoning_mtok"),
}
INPUT = (*PARTS["cost_fresh_input_usd"], *PARTS["cost_cache_read_usd"], *PARTS["cost_cache_write_usd"])

NAMES = """
CREATE OR REPLACE TEMP TABLE names AS
WITH tiers AS (SELECT provider_name, model_key, list(DISTINCT service_tier) AS tiers FROM prices
  WHERE superseded_at IS NULL GROUP BY ALL)
SELECT DISTINCT ON (raw, model) coalesce(provider_raw, '') AS raw, coalesce(response_model, '') AS model,
  provider_name, model_key, CASE WHEN is_matched THEN tiers END AS tiers
FROM aliases LEFT JOIN tiers USING (provider_name, model_key)
"""

SETS = Template("""
CREATE OR REPLACE TEMP TABLE rate_sets AS
SELECT price_id, provider_name AS set_provider, model_key AS set_model, service_tier AS set_tier, tier_start_tokens,
  tier_end_tokens, valid_from::TIMESTAMP AS set_from, valid_to::TIMESTAMP AS set_to,
  epoch(daily_start::TIME) AS second_from, epoch(daily_end::TIME) AS second_to,
  max(rate_usd) FILTER (component = 'output_reasoning_mtok') IS NOT NULL AS has_reasoning, $rates
FROM prices WHERE superseded_at IS NULL AND component IN $components
GROUP BY price_id, provider_name, model_key, service_tier, tier_start_tokens, tier_end_tokens, valid_from, valid_to,
  daily_start, daily_end
""")

PRICED = Template("""
CREATE OR REPLACE TEMP VIEW priced AS
WITH rated AS (
  SELECT s.*, n.provider_name, n.model_key AS known_key, r.* EXCLUDE (set_provider, set_model), $counts
  FROM mapped AS s
  LEFT JOIN names AS n ON coalesce(s.provider_raw, '') = n.raw AND coalesce(s.response_model, '') = n.model
  LEFT JOIN rate_sets AS r ON n.provider_name = r.set_provider AND n.model_key = r.set_model
    AND CASE WHEN list_contains(n.tiers, s.service_tier) THEN s.service_tier
          WHEN n.tiers IS NOT NULL THEN 'standard' END = r.set_tier
    AND (r.tier_start_tokens IS NULL OR coalesce(s.input_tokens, 0) > r.tier_start_tokens)
    AND (r.tier_end_tokens IS NULL OR coalesce(s.input_tokens, 0) <= r.tier_end_tokens)
    AND (r.set_from IS NULL OR coalesce(s.event_at, s.event_date::TIMESTAMP) >= r.set_from)
    AND (r.set_to IS NULL OR coalesce(s.event_at, s.event_date::TIMESTAMP) < r.set_to)
    AND (r.second_from IS NULL OR epoch(s.event_at) % 86400 >= r.second_from)
    AND (r.second_to IS NULL OR epoch(s.event_at) % 86400 < r.second_to)
), split AS (
  SELECT *, $split FROM rated
), judged AS (
  SELECT *, CASE WHEN gateway_cache_hit THEN 'free'
    WHEN NOT coalesce(greatest(input_tokens, output_tokens) <> 0, false) THEN 'no_usage'
    WHEN price_id IS NULL THEN CASE WHEN cost_reported_usd > 0 THEN 'reported_only' ELSE 'unpriced' END
    WHEN input_tokens IS NULL AND greatest($input_rates) > 0 THEN 'no_usage'
    WHEN output_tokens IS NULL AND greatest($output_rates) > 0 THEN 'no_usage'
    WHEN least($tokens) < 0 THEN CASE WHEN cost_reported_usd > 0 THEN 'reported_only' ELSE 'unpriced' END
    WHEN greatest($all_rates) = 0 THEN 'free' ELSE 'priced' END AS cost_status
  FROM split
), costed AS (
  SELECT *, $costs,
    CASE WHEN cost_status = 'priced' THEN r_requests_kcount WHEN cost_status = 'free' THEN 0 END AS p_cost_other_usd
  FROM judged
)
SELECT * EXCLUDE (price_id), coalesce(known_key, CASE WHEN trim(response_model) <> '' THEN response_model END, '(none)')
    AS model_key,
  CASE WHEN cost_status IN ('priced', 'free') AND NOT gateway_cache_hit THEN price_id END AS price_id, $money
FROM costed
""")


def statements() -> list[str]:
    """Create the view `priced` over `mapped`, `aliases` and `prices`."""
    costs = [*PARTS, "cost_other_usd"]
    money = {name: f"p_{name}" for name in costs} | {"cost_usd": " + ".join(f"p_{name}" for name in costs)}
    outputs = PARTS["cost_output_usd"]
    priced = PRICED.substitute(
        counts=_list(f"{_count(column)} AS {name}" for name, column in COUNTS.items()),
        split=_list(f"{tokens} AS t_{part}" for part, tokens in SPLIT.items()),
        tokens=_list(f"t_{part}" for part in SPLIT),
        input_rates=_list(f"r_{part}" for part in INPUT),
        output_rates=_list(f"r_{part}" for part in outputs),
        all_rates=_list(f"r_{part}" for part in ANCESTORS),
        costs=_list(f"{_cost(parts)} AS p_{name}" for name, parts in PARTS.items()),
        money=_list(f"{_money(value)} AS {name}" for name, value in money.items()),
    )
    rates = _list(_rate(part, nearest) for part, nearest in ANCESTORS.items())
    return [NAMES, SETS.substitute(rates=rates, components=tuple(ANCESTORS)), priced]


def _rate(part: str, nearest: tuple[str, ...]) -> str:
    """Rate in 1e-12 USD per token or request."""
    stated = _list(f"max(rate_usd) FILTER (component = '{name}')" for name in (part, *nearest))
    unit = 1_000_000_000 if part == "requests_kcount" else 1_000_000
    return f"(coalesce({stated}, 0) * {unit})::BIGINT AS r_{part}"


def _count(column: str) -> str:
    return f"CASE WHEN {column} IS NULL THEN 0 WHEN {column} BETWEEN 0 AND 1000000000 THEN {column} ELSE -1 END"


def _cost(parts: tuple[str, ...]) -> str:
    terms = " + ".join(f"t_{part} * r_{part}" for part in parts)
    return f"CASE WHEN cost_status = 'priced' THEN {terms} WHEN cost_status = 'free' THEN 0 END"


def _money(pico: str) -> str:
    return f"(({pico})::DECIMAL(18, 0) * 0.000000000001::DECIMAL(12, 12))::DECIMAL(20, 12)"


def _list(items: Iterable[str]) -> str:
    return ", ".join(items)
