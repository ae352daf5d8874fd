"""Beside LiteLLM's table: one of the kind that companies make for themselves, and the record of deliveries."""

from __future__ import annotations

LLM_CALLS = "llm_calls"

LLM_CALLS_DDL = """
CREATE TABLE IF NOT EXISTS llm_calls (
    call_id TEXT PRIMARY KEY,
    app TEXT NOT NULL,
    user_hash TEXT,
    vendor TEXT,
    model_name TEXT,
    region TEXT,
    started TIMESTAMPTZ,
    finished TIMESTAMPTZ,
    batch_started TIMESTAMPTZ,
    measured_on DATE,
    latency_s DOUBLE PRECISION,
    ttft_s DOUBLE PRECISION,
    tokens_in INTEGER,
    tokens_out INTEGER,
    tokens_per_s DOUBLE PRECISION,
    err_code INTEGER,
    err_text TEXT,
    cost_usd NUMERIC
);
"""

DELIVERY_DDL = """
CREATE SCHEMA IF NOT EXISTS observatory_demo;
CREATE TABLE IF NOT EXISTS observatory_demo.delivery (
    slice_no INTEGER PRIMARY KEY,
    delivered_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
"""
