"""One taxonomy of errors for all sources, from HTTP status, error class and text."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

# First match wins. Text comes before status where providers reuse a status: a spent quota and a rate limit are both
# 429, a too long prompt and a malformed request both 400. Timeouts come before the cancelling that they bring about.
RULES: tuple[tuple[str, str | None, tuple[int, ...]], ...] = (
    ("timeout", r"time.?d?.?out|deadline exceeded", (408, 504)),
    ("cancelled", r"cancell?ed", (499,)),
    (
        "quota_billing",
        r"budget|insufficient.?quota|exceeded your current quota|credit.?balance|billing.(detail|hard|account)|payment",
        (402,),
    ),
    (
        "rate_limit",
        r"rate.?limit|too many requests|tokens per|throttl|resource.?(has.been.)?exhausted|quota exceeded",
        (429,),
    ),
    (
        "context_length",
        r"context.?(length|window)|maximum context|prompt is too long|input is too long|too many tokens",
        (),
    ),
    ("content_filter", r"content.?(filter|policy|management)|guardrail|safety|responsible.?ai|flagged", ()),
    ("auth", r"api.?key|unauthori|authentication|permission.?denied|forbidden|access denied", (401, 403)),
    ("overloaded", r"overloaded|at capacity|server is busy|service.?unavailable|no healthy upstream", (503, 529)),
    ("connection", r"connection|disconnect|certificate|\bssl\b|socket|network|name resolution|econn|refused", ()),
    ("model_not_found", r"model.{0,80}(not found|does not exist|not supported)|404 not found|notfounderror", (404,)),
    ("server_error", r"internal.?server.?error|bad gateway|server had an error|apierror|out.?of.?memory", (500, 502)),
    ("invalid_request", r"bad.?request|invalid|unsupported|must be|alternate|validation|too few tokens", (400, 422)),
)
ORIGINS = {
    "provider": ("rate_limit", "overloaded", "content_filter", "timeout", "quota_billing", "server_error"),
    "client": ("context_length", "auth", "model_not_found", "invalid_request", "cancelled"),
}


def error_type(code: Column, text: Column) -> Column:
    """Class of an error.

    Args:
        code: HTTP status, null where none.
        text: Error class and message.
    """
    low, found = F.lower(F.coalesce(text, F.lit(""))), F.lit("other")
    for name, pattern, codes in reversed(RULES):
        hit = F.coalesce(code.isin(*codes), F.lit(False)) if codes else F.lit(False)
        found = F.when(hit | low.rlike(pattern) if pattern else hit, name).otherwise(found)
    return found


def error_origin(kind: Column, text: Column) -> Column:
    """Who made an error; null where it cannot be told (connections, other)."""
    low = F.lower(F.coalesce(text, F.lit("")))
    origin = F.when(low.rlike("budget"), "budget").when(low.rlike("guardrail"), "guardrail")
    origin = origin.when(low.rlike("litellm_rate_limit|litellm_batch_rate_limit|no deployments available"), "gateway")
    for name, kinds in ORIGINS.items():
        origin = origin.when(kind.isin(*kinds), name)
    return origin
