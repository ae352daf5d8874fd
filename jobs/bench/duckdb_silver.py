"""Silver in DuckDB's SQL: the same rows from the same bronze files as `jobs.refine` gives for a LiteLLM source.

Written a second time on purpose, so that comparing the results means something; only what is data and no logic (error
patterns, masks, rules, rates' ancestors) is taken from where the pipeline has it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import Template

from lakehouse.analyses.errors import ORIGIN_PATTERNS, ORIGINS, RULES
from lakehouse.errors import SuiteError
from lakehouse.silver.masking import PATTERNS
from lakehouse.sources.litellm.mapping import OPERATIONS
from lakehouse.tables.silver import INTERACTIONS
from quality.loader import RuleSpec, load_suite

# Keys of metadata, read in one pass; the first that is there counts.
DETAILS = {
    "cache_read": ("cache_read_input_tokens", "prompt_tokens_details.cached_tokens"),
    "cache_write": ("cache_creation_input_tokens", "prompt_tokens_details.cache_creation_tokens"),
    "cache_write_1h": ("cache_creation.ephemeral_1h_input_tokens",),
    "input_audio": ("prompt_tokens_details.audio_tokens",),
    "reasoning": ("completion_tokens_details.reasoning_tokens",),
    "output_audio": ("completion_tokens_details.audio_tokens",),
}
BLOCKS = ("usage_object", "additional_usage_values")
KEYS = (
    "status", "observatory_synthetic", "observatory_time_basis", "attempted_retries", "attempted_fallbacks",
    "user_api_key_alias", "cost_breakdown.service_tier", "error_information.error_code",
    "error_information.error_class", "error_information.error_message", "error_information.error_rate_limit_category",
)  # fmt: skip
PATHS = (*KEYS, *(f"{block}.{path}" for paths in DETAILS.values() for block in BLOCKS for path in paths))

READ = Template("""
CREATE OR REPLACE TEMP VIEW source AS
SELECT *, _event_at::TIMESTAMP AS started, try_cast("endTime" AS TIMESTAMP) AS ended,
  try_cast("completionStartTime" AS TIMESTAMP) AS first_token,
  json_extract_string(metadata, [$paths]) AS meta
FROM bronze
""")

MAP = Template("""
CREATE OR REPLACE TEMP VIEW mapped AS
WITH parsed AS (
  SELECT *, first_token < ended AS streamed,
    CASE WHEN ended >= started THEN (epoch_us(ended) - epoch_us(started)) / 1000.0::DOUBLE END AS span_ms,
    coalesce(prompt_tokens <> 0 OR completion_tokens <> 0, false) AS counted,
    coalesce(coalesce(nullif(status, ''), $status) = 'failure', $message IS NOT NULL OR $kind IS NOT NULL) AS failed,
    try_cast(spend AS DECIMAL(20, 12)) AS reported
  FROM source
), told AS (
  SELECT *, CASE WHEN failed THEN concat_ws(' ', $kind, $category) END AS error_class,
    CASE WHEN failed THEN $message END AS error_message, CASE WHEN failed THEN try_cast($code AS INT) END AS code,
    CASE WHEN failed AND (regexp_matches($kind, '(?i)cancel') OR regexp_matches($message, '(?i)^cancel'))
      THEN 'cancelled' WHEN failed THEN 'error' ELSE 'ok' END AS outcome,
    CASE WHEN started IS NULL THEN 'missing' ELSE coalesce($basis, 'event') END AS basis
  FROM parsed
), classed AS (
  SELECT *, CASE WHEN outcome <> 'ok'
    THEN error_type(code, lower(concat_ws(' ', error_class, error_message))) END AS error_type
  FROM told
)
SELECT
  substr(sha256(concat_ws(chr(31), _source, _source_key)), 1, 32) AS interaction_id,
  'litellm' AS source_system, _source AS source_name, _source_key AS source_record_id,
  CASE WHEN basis IN ('event', 'paired') THEN coalesce(started, ended) END AS event_at,
  nullif(litellm_call_id, '') AS request_group_id, try_cast($retries AS INT) AS retry_count,
  try_cast($fallbacks AS INT) > 0 AS is_fallback, started AS started_at, ended AS ended_at,
  started::DATE AS event_date, basis AS time_basis,
  CASE WHEN NOT coalesce(status = 'failure' AND span_ms = 0, false) THEN coalesce(span_ms, request_duration_ms) END
    AS duration_ms,
  CASE WHEN streamed AND first_token >= started
    THEN (epoch_us(first_token) - epoch_us(started)) / 1000.0::DOUBLE END AS ttft_ms,
  streamed AS is_stream, operation(lower(call_type)) AS operation_name,
  nullif(custom_llm_provider, '') AS provider_raw, nullif(model_group, '') AS request_model,
  nullif(model, '') AS response_model, service_tier(lower($tier)) AS service_tier, NULL::VARCHAR AS region,
  CASE WHEN counted THEN prompt_tokens END AS input_tokens, $cache_read AS cache_read_input_tokens,
  $cache_write AS cache_write_input_tokens, $cache_write_1h AS cache_write_1h_input_tokens,
  $input_audio AS input_audio_tokens, NULL::BIGINT AS cache_audio_read_tokens,
  CASE WHEN counted THEN completion_tokens END AS output_tokens, $reasoning AS reasoning_output_tokens,
  $output_audio AS output_audio_tokens, CASE WHEN counted THEN total_tokens END AS total_tokens_reported,
  CASE WHEN counted THEN 'reported' ELSE 'missing' END AS token_basis, outcome AS status, code AS http_status_code,
  error_type,
  error_origin(error_type, lower(concat_ws(' ', error_class, error_message))) AS error_origin,
  CASE WHEN outcome <> 'ok' THEN substr(masked(substr(error_message, 1, 4000)), 1, 500) END
    AS error_message_masked,
  NULL::VARCHAR AS finish_reason,
  coalesce(cache_hit = 'True' OR contains(request_id, '_cache_hit'), false) AS gateway_cache_hit,
  reported AS cost_reported_usd, nullif("user", '') AS user_id, nullif(end_user, '') AS end_user_id,
  nullif(api_key, '') AS api_key_hash, nullif(team_id, '') AS team_id, nullif(organization_id, '') AS org_id,
  nullif($alias, '') AS app_name, NULL::VARCHAR AS environment,
  from_json(request_tags, '["VARCHAR"]') AS tags, nullif(session_id, '') AS conversation_id,
  NULL::VARCHAR AS prompt_name, NULL::VARCHAR AS prompt_version,
  coalesce($synthetic = 'true', false) AS is_synthetic,
  list_filter([CASE WHEN "startTime" IS NOT NULL AND started IS NULL THEN 'started_at' END,
    CASE WHEN "endTime" IS NOT NULL AND ended IS NULL THEN 'ended_at' END,
    CASE WHEN spend IS NOT NULL AND reported IS NULL THEN 'cost_reported_usd' END], lambda name: name IS NOT NULL)
    AS cast_failures,
  _record_hash AS record_hash, _batch_id AS batch_id, _ingested_at::TIMESTAMP AS ingested_at
FROM classed
""")

REPEATED = """
CREATE OR REPLACE TEMP TABLE repeated AS
SELECT interaction_id FROM mapped GROUP BY interaction_id HAVING count(*) > 1
"""

PUBLISHED = "SELECT * FROM judged WHERE len(failed_rules) = 0"
# Only keys that come twice are sorted; like ours, which looks first whether there are any.
NEWEST = f"""
{PUBLISHED} AND interaction_id NOT IN (FROM repeated)
UNION ALL
{PUBLISHED} AND interaction_id IN (FROM repeated)
QUALIFY row_number() OVER (PARTITION BY interaction_id ORDER BY batch_id DESC, record_hash DESC) = 1
"""

JUDGED = Template("""
CREATE OR REPLACE TEMP VIEW judged AS SELECT *, $failed AS failed_rules, $flags AS quality_flags FROM priced
""")


def judged() -> str:
    """Create the view `judged` over `priced`: the rules of silver's suite, whose predicates DuckDB reads too."""
    rules = load_suite(INTERACTIONS.full_name).expectations
    return JUDGED.substitute(failed=_broken(rules, "quarantine"), flags=_broken(rules, "flag"))


def _broken(rules: Sequence[RuleSpec], on_fail: str) -> str:
    cases = [f"CASE WHEN {_bad(rule)} THEN '{rule.id}' END" for rule in rules if rule.on_fail == on_fail]
    return f"list_filter([{', '.join(cases)}], lambda name: name IS NOT NULL)"


FORMS = {
    "expect_row_to_satisfy": "NOT coalesce({predicate}, false)",
    "expect_column_values_to_not_be_null": "{column} IS NULL",
    "expect_column_values_to_be_between": "{column} NOT BETWEEN {min_value} AND {max_value}",
    "expect_column_values_to_be_in_set": "NOT list_contains({value_set}, {column})",
}


def _bad(rule: RuleSpec) -> str:
    if rule.type not in FORMS:
        raise SuiteError(f"rule {rule.id}: the benchmark has no DuckDB form of {rule.type}; add one here")
    return FORMS[rule.type].format_map(rule.kwargs)


def statements() -> list[str]:
    """Create the view `mapped` over `bronze`, and the table `repeated` of keys that come more than once."""
    places = {name.split(".")[-1]: f"meta[{i + 1}]" for i, name in enumerate(PATHS[: len(KEYS)])}
    names = {
        "status": places["status"], "message": places["error_message"], "kind": places["error_class"],
        "category": places["error_rate_limit_category"], "code": places["error_code"],
        "basis": places["observatory_time_basis"], "retries": places["attempted_retries"],
        "fallbacks": places["attempted_fallbacks"], "tier": places["service_tier"],
        "alias": places["user_api_key_alias"], "synthetic": places["observatory_synthetic"],
    }  # fmt: skip
    paths = ", ".join(f"'$.{path}'" for path in PATHS)
    return [*_macros(), READ.substitute(paths=paths), MAP.substitute(names | _details()), REPEATED]


def _details() -> dict[str, str]:
    """Token counts from wherever LiteLLM's version put them; null where it knows no usage."""
    found, at = {}, len(KEYS)
    for name, paths in DETAILS.items():
        last = at + len(BLOCKS) * len(paths)
        values = ", ".join(f"try_cast(meta[{i + 1}] AS BIGINT)" for i in range(at, last))
        found[name], at = f"CASE WHEN counted THEN coalesce({values}) END", last
    return found


def _macros() -> list[str]:
    """Functions made of the pipeline's data: patterns of errors, masks, operations and tiers."""
    types = " ".join(f"WHEN {_error(pattern, codes)} THEN '{name}'" for name, pattern, codes in RULES)
    origins = " ".join(f"WHEN kind IN {kinds} THEN '{name}'" for name, kinds in ORIGINS.items())
    makers = " ".join(f"WHEN regexp_matches(low, '{_re2(pattern)}') THEN '{name}'" for name, pattern in ORIGIN_PATTERNS)
    masked = "message"
    for pattern, replacement in PATTERNS.items():
        replacement = re.sub(r"\$(\d)", r"\\\1", replacement)
        masked = f"regexp_replace({masked}, '{_re2(pattern)}', '{replacement}', 'g')"
    calls = " ".join(
        f"WHEN regexp_matches(call, '{'|'.join(parts)}') THEN '{name}'" for name, parts in OPERATIONS.items()
    )
    return [
        f"CREATE OR REPLACE MACRO error_type(code, low) AS CASE {types} ELSE 'other' END",
        f"CREATE OR REPLACE MACRO error_origin(kind, low) AS CASE WHEN kind IS NULL THEN NULL {makers} {origins} END",
        f"CREATE OR REPLACE MACRO masked(message) AS {masked}",
        f"CREATE OR REPLACE MACRO operation(call) AS CASE {calls} ELSE 'other' END",
        "CREATE OR REPLACE MACRO service_tier(tier) AS CASE WHEN tier IN ('default', 'auto', 'standard') "
        "THEN 'standard' WHEN tier IN ('batch', 'flex', 'priority', 'fast') THEN tier END",
        "CREATE OR REPLACE MACRO size(list) AS len(list)",
    ]


def _error(pattern: str | None, codes: tuple[int, ...]) -> str:
    tests = [f"regexp_matches(low, '{_re2(pattern)}')"] if pattern else []
    tests += [f"code IN ({', '.join(map(str, codes))})"] if codes else []
    return " OR ".join(tests)


def _re2(pattern: str) -> str:
    """Write a Java pattern for RE2, which repeats at most 1,000 times; our texts are shorter than what is lost."""
    return re.sub(r"\{(\d+),\d{4,}\}", r"{\1,}", pattern).replace("'", "''")
