"""Berkeley Function-Calling Leaderboard: cost per 1,000 calls, from our own costs of the requests it was made of.

Prices are those of July 2024, loaded as contract prices from ``published/bfcl_prices_2024-07.toml``, which names their
sources. A row of the leaderboard is priced where it has a cost and that file has its model.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jobs.bench.truth.bfcl import DECIMALS, in_snapshot, leaderboards, snapshot_of, source
from jobs.bench.truth.deliveries import delivered
from jobs.bench.truth.frame import Check, Outcome
from lakehouse.pricing.contracts import read_contracts

REACH = "cost per 1,000 calls exact to the published decimals in at least 95 % of priced rows, each miss listed"
SHARE = 0.95
PRICES = Path(__file__).parent / "published/bfcl_prices_2024-07.toml"
COST = "Cost ($ Per 1k Function Calls)"
# The leaderboard marks how a model was called behind its name; the price is the model's.
VARIANT = r"-(FC|fc)(-.*)?$|-optimized$"
COLUMNS = {"provider_raw": "'bfcl-leaderboard'", "response_model": f"regexp_replace(model, r'{VARIANT}', '')"}
# Beside the mean over calls with input, what the leaderboard's own code does: each side over calls that have that side.
COSTS = """
SELECT delivered.file_name, interactions.request_model, COUNT_IF(interactions.cost_usd IS NULL) AS unpriced,
  1000 * AVG(interactions.cost_usd) AS cost_usd,
  1000 * (AVG(interactions.cost_fresh_input_usd)
    + AVG(CASE WHEN interactions.output_tokens > 0 THEN interactions.cost_output_usd END)) AS sides_usd
FROM analytics.delivered_interactions AS delivered
INNER JOIN silver.llm_interactions AS interactions ON delivered.interaction_id = interactions.interaction_id
WHERE interactions.app_name NOT IN ('sql', 'chatable') AND interactions.input_tokens > 0
GROUP BY delivered.file_name, interactions.request_model"""


def run(data: Path | None) -> Outcome:
    """Price every delivered request and compare each priced row of each leaderboard."""
    boards, calls = leaderboards(data), source(data, **COLUMNS)
    with delivered(calls, PRICES) as context:
        found = context.spark.sql(COSTS).toPandas()
    ours = {(row.file_name, row.request_model): row for row in found.itertuples()}
    checks: list[Check] = []
    for board, rows in boards.items():
        snapshot = snapshot_of(board, calls.path)
        for published in rows.to_dict("records"):
            row = in_snapshot(ours, snapshot, published["model_dir"])
            checks.append(_check(f"{board} {published['model_dir'] or published['Model']}", published[COST], row))
    judged = [check for check in checks if check.passed is not None]
    share = sum(bool(check.passed) for check in judged) / len(judged) if judged else 0.0
    notes = [f"{100 * share:.1f} % of {len(judged)} priced rows exact", *_missed(checks)]
    return Outcome("bfcl-cost", REACH, checks, share >= SHARE, notes)


def priced_models() -> set[str]:
    """Models that the price file has."""
    return {contract.model_key for contract in read_contracts(PRICES)}


def _check(subject: str, published: str, row: object) -> Check:
    if not published[:1].isdigit():
        return Check(subject, published, None, None, "the leaderboard has no cost")
    if row is None or int(getattr(row, "unpriced")):  # noqa: B009
        note = "the price file lacks the model, or the deliveries its tokens"
        return Check(subject, float(published), None, None, note)
    ours = round(float(row.cost_usd), DECIMALS)  # type: ignore[attr-defined]
    sides = round(float(row.sides_usd), DECIMALS)  # type: ignore[attr-defined]
    is_exact = ours == float(published)
    note = "" if is_exact else f"{sides} where calls without output are left out of the mean output"
    return Check(subject, float(published), ours, is_exact, note)


def _missed(checks: list[Check]) -> Iterator[str]:
    for check in checks:
        if check.passed is False:
            yield f"missed: {check.subject}, published {check.expected}, ours {check.ours}; {check.note}"
