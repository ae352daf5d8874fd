"""LiteLLM's request table as its newest versions have it; the demo and `simulate` both create it from here."""

from __future__ import annotations

# Column names and PostgreSQL types in LiteLLM's own order; the names need quoting.
COLUMNS: dict[str, str] = {
    "request_id": "TEXT PRIMARY KEY",
    "call_type": "TEXT NOT NULL",
    "api_key": "TEXT NOT NULL DEFAULT ''",
    "spend": "DOUBLE PRECISION NOT NULL DEFAULT 0.0",
    "total_tokens": "INTEGER NOT NULL DEFAULT 0",
    "prompt_tokens": "INTEGER NOT NULL DEFAULT 0",
    "completion_tokens": "INTEGER NOT NULL DEFAULT 0",
    "startTime": "TIMESTAMP(3) NOT NULL",
    "endTime": "TIMESTAMP(3) NOT NULL",
    "completionStartTime": "TIMESTAMP(3)",
    "request_duration_ms": "INTEGER",
    "model": "TEXT NOT NULL DEFAULT ''",
    "model_id": "TEXT DEFAULT ''",
    "model_group": "TEXT DEFAULT ''",
    "custom_llm_provider": "TEXT DEFAULT ''",
    "api_base": "TEXT DEFAULT ''",
    "user": "TEXT DEFAULT ''",
    "metadata": "JSONB DEFAULT '{}'",
    "cache_hit": "TEXT DEFAULT ''",
    "cache_key": "TEXT DEFAULT ''",
    "request_tags": "JSONB DEFAULT '[]'",
    "team_id": "TEXT",
    "organization_id": "TEXT",
    "end_user": "TEXT",
    "agent_id": "TEXT",
    "billing_agent_id": "TEXT",
    "mcp_namespaced_tool_name": "TEXT",
    "requester_ip_address": "TEXT",
    "messages": "JSONB DEFAULT '{}'",
    "response": "JSONB DEFAULT '{}'",
    "proxy_server_request": "JSONB DEFAULT '{}'",
    "session_id": "TEXT",
    "litellm_call_id": "TEXT",
    "status": "TEXT",
    "created_at": "TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP",
    "updated_at": "TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP",
}

# LiteLLM's indexes beside the primary key; made after a bulk load, which they would slow down.
INDEXED: tuple[tuple[str, ...], ...] = (
    ("startTime",),
    ("startTime", "request_id"),
    ("end_user",),
    ("session_id",),
    ("litellm_call_id",),
    ("api_key", "startTime"),
)

TABLE = "LiteLLM_SpendLogs"
CREATE_TABLE = (
    f'CREATE TABLE IF NOT EXISTS "{TABLE}" (' + ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items()) + ")"
)
CREATE_INDEXES = tuple(
    f'CREATE INDEX IF NOT EXISTS "{TABLE}_{"_".join(names)}_idx" ON "{TABLE}" ('
    + ", ".join(f'"{name}"' for name in names)
    + ")"
    for names in INDEXED
)
