"""The loader delivers slice by slice what the oracle counts, and nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString

import pytest

from jobs.demo import load, postgres
from jobs.demo.samples import slices
from jobs.demo.tables import LLM_CALLS
from jobs.spend_logs import TABLE
from lakehouse.errors import ConfigurationError
from lakehouse.io.database import get_connection, parse_url

EXPECTED = json.loads((Path(__file__).parents[3] / "fixtures/expected_output.json").read_text())


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with the demo's tables."""
    with postgres.start(tmp_path_factory.mktemp("load")) as server:
        load.create_tables(server.url)
        yield server.url


@pytest.fixture(scope="module")
def reports(url: str) -> list[dict[str, Any]]:
    """What each slice reported, all delivered in order, each a second time at once."""
    found = []
    for number in range(slices()):
        assert load.delivered(url) == number
        first, again = load.deliver(url, number), load.deliver(url, number)
        assert [one.new for one in again] == [0, 0]
        found.append({one.table: {"offered": one.offered, "new": one.new} for one in first})
    return found


def query(url: str, text: LiteralString) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    with get_connection(parse_url(url)) as connection:
        return connection.execute(text).fetchall()


def test_slices_bring_what_the_oracle_counts(reports: list[dict[str, Any]], url: str) -> None:
    """Offered and new rows per slice and table; then all are delivered."""
    assert reports == EXPECTED["deliveries"]
    assert load.delivered(url) == slices()


def test_creating_again_changes_nothing(reports: list[dict[str, Any]], url: str) -> None:
    """Tables and rows stay."""
    load.create_tables(url)
    assert query(url, "SELECT count(*) FROM llm_calls") == [(sum(one[LLM_CALLS]["new"] for one in reports),)]


def test_spend_logs_hold_the_oracle_s_figures(reports: list[dict[str, Any]], url: str) -> None:
    """Requests, tokens, cost and p50 of the duration per model, by PostgreSQL's own arithmetic."""
    found = query(
        url,
        """SELECT model, count(*), sum(prompt_tokens), sum(completion_tokens), sum(spend),
        percentile_disc(0.5) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM "endTime" - "startTime"))
        FROM "LiteLLM_SpendLogs" WHERE status = 'success' GROUP BY model""",
    )
    models = EXPECTED["all_slices"]["litellm"]["by_model"]
    assert {row[0] for row in found} == set(models)
    for model, requests, inputs, outputs, spend, p50 in found:
        assert (requests, inputs, outputs, p50) == (
            models[model]["requests"],
            models[model]["input_tokens"],
            models[model]["output_tokens"],
            models[model]["duration_ms"]["p50"],
        )
        assert spend == pytest.approx(float(models[model]["reported_cost_usd"]), abs=1e-9)


def test_untold_columns_have_litellms_defaults(reports: list[dict[str, Any]], url: str) -> None:
    """Nothing is invented: no key, team, tag, content or address."""
    assert query(
        url,
        """SELECT DISTINCT api_key, model_id, api_base, cache_hit, request_tags::text, messages::text, response::text,
        coalesce(team_id, end_user, requester_ip_address, session_id) FROM "LiteLLM_SpendLogs" """,
    ) == [("", "", "", "", "[]", "{}", "{}", None)]


def test_failures_are_as_litellm_logs_them(reports: list[dict[str, Any]], url: str) -> None:
    """Empty model, no tokens, an error text."""
    litellm = EXPECTED["all_slices"]["litellm"]
    assert query(
        url,
        """SELECT count(*), max(model), max(total_tokens), count(metadata->'error_information'->>'error_message'),
        count(*) FILTER (WHERE "startTime" = "endTime") FROM "LiteLLM_SpendLogs" WHERE status = 'failure'""",
    ) == [(litellm["errors"], "", 0, litellm["errors"], litellm["zero_duration_errors"])]


def test_home_made_table_holds_the_oracle_s_figures(reports: list[dict[str, Any]], url: str) -> None:
    """One kind of time a row, exact costs, errors as delivered."""
    calls = EXPECTED["all_slices"]["llm_calls"]
    times = query(
        url, "SELECT count(finished), count(measured_on), count(batch_started), count(started) FROM llm_calls"
    )
    assert times == [(*(calls["time_basis"][basis] for basis in ("event", "date", "batch")), 0)]
    codes = query(url, "SELECT err_code::text, count(*) FROM llm_calls WHERE err_code IS NOT NULL GROUP BY 1")
    assert dict(codes) == calls["error_codes"]
    assert query(url, "SELECT sum(cost_usd) FROM llm_calls") == [(Decimal(calls["aider"]["reported_cost_usd"]),)]


@pytest.mark.parametrize("slice_no", [-1, slices()])
def test_no_such_slice(url: str, slice_no: int) -> None:
    """The message says which there are."""
    with pytest.raises(ConfigurationError, match="slices 0 to 9"):
        load.deliver(url, slice_no)


def test_tables_are_named_as_the_sources_are() -> None:
    """What the demo's configuration reads."""
    assert (TABLE, LLM_CALLS) == ("LiteLLM_SpendLogs", "llm_calls")
