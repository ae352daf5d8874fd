"""What is selected from LiteLLM_SpendLogs, and what is not."""

from __future__ import annotations

import re

import pytest

from lakehouse.errors import SourceSchemaError
from lakehouse.sources.litellm import schema
from lakehouse.tables.silver import MAPPED
from tests.support.litellm import FOUND, source

FORBIDDEN = ("email", "address", "ip", "traceback", "messages", "response", "proxy_server_request", "api_base")


def selected(found: dict[str, str], content: str = "off") -> dict[str, str]:
    """Bronze column → SQL."""
    return {s.column.name: s.sql for s in source(content).relation("public", found, True).selected}


def test_metadata_is_taken_key_by_key() -> None:
    """No key but the allowed ones is named, and the object is never taken whole."""
    sql = schema.metadata_sql()
    keys = set(re.findall(r"->'(\w+)'", sql))
    assert keys == {*schema.METADATA_KEYS, *schema.ERROR_KEYS, "error_information"}
    assert not [key for key in keys for word in FORBIDDEN if word in key.split("_")]
    assert not re.search(r"metadata(?!->| IS NOT NULL)", sql)


def test_content_and_personal_columns_are_not_selected() -> None:
    """Unless content is kept; address and request body never are."""
    off, keep = selected(FOUND), selected(FOUND, "keep")
    assert not {"messages", "response", "proxy_server_request", "requester_ip_address", "api_base"} & set(off)
    assert set(keep) - set(off) == {"messages", "response"}


def test_older_table_is_read_with_what_it_has() -> None:
    """Required columns suffice; metadata of another type than jsonb is left out."""
    assert list(selected({name: FOUND[name] for name in schema.REQUIRED})) == [
        name for name in schema.COLUMNS if name in schema.REQUIRED
    ]
    assert "metadata" not in selected(FOUND | {"metadata": "text"})


def test_another_table_is_refused_with_what_is_wrong() -> None:
    """Missing columns and changed types are named."""
    with pytest.raises(SourceSchemaError, match="lacks the required columns endTime, spend; is it LiteLLM's"):
        selected({name: kind for name, kind in FOUND.items() if name not in ("spend", "endTime")})
    with pytest.raises(SourceSchemaError, match="spend is text; startTime is bigint, not timestamp without time zone"):
        selected(FOUND | {"spend": "text", "startTime": "bigint"})


def test_every_canonical_column_is_filled_or_says_why_not() -> None:
    """Of this LiteLLM, and of one that lacks a column."""
    filled = {f.column: f for f in source().filled(FOUND)}
    assert list(filled) == [column.name for column in MAPPED]
    assert all((f.expression is None) != (f.why_null is None) for f in filled.values())
    assert filled["duration_ms"].expression == "startTime, endTime"
    assert filled["region"].why_null == "LiteLLM does not record it"
    older = {name: kind for name, kind in FOUND.items() if name != "litellm_call_id"}
    why = {f.column: f.why_null for f in source().filled(older)}["request_group_id"]
    assert why == "this LiteLLM has no column litellm_call_id"
