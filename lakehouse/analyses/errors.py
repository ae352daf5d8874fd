"""One taxonomy of errors for all sources, from HTTP status, error class and text: patterns as data, and in Python.

`lakehouse.silver.errors` makes Spark expressions of the same table. Patterns are matched against lower-case text and
use what Java's, Python's and RE2's regular expressions have in common: no look-around, no back references.

The words come from what is published: error codes, types and exception classes of OpenAI, Anthropic, Google (gRPC
status), Amazon Bedrock, Azure OpenAI, Mistral, Cohere, Groq, DeepSeek, OpenRouter, vLLM and LiteLLM, and the messages
of the HTTP clients that their libraries use.
"""

from __future__ import annotations

import re

Rule = tuple[str, str | None, tuple[int, ...]]

# Words that decide whatever the status: providers reuse one. A spent quota and a rate limit are both 429, a too long
# prompt and a malformed request both 400. Timeouts come before the cancelling that they bring about.
SPECIFIC = (
    ("timeout", r"time.?d?.?out|deadline.?exceeded"),
    ("cancelled", r"cancell?ed|client.?closed|aborterror|request.{0,5}aborted"),
    (
        "quota_billing",
        r"budget|insufficient.?(quota|credit|fund|balance)|(exceeded|reached) your .{0,20}(quota|spend)|credit.?balance"
        r"|billing.?(detail|hard|account|issue|not|is not)|payment|more credits|(out of|no|all available) credits"
        r"|spending.?(limit|cap)|too many tokens per (day|month)|account.{0,20}(not active|deactivated|suspended)",
    ),
    ("overloaded", r"overload|at capacity|no healthy upstream|model.?not.?ready|high demand|insufficient.?capacity"),
    (
        "rate_limit",
        r"rate.?limit|too many (concurrent )?requests|too many tokens.{0,5}please wait|throttl|tokens per|per.minute"
        r"|requests per|resource.?(has.been.)?exhausted|quota.?exceeded|\b[tr]p[md]\b|max parallel request"
        r"|concurren.{0,20}limit|no deployments available|trial key",
    ),
    (
        "context_length",
        r"context.?(length|window|size|limit)|maximum (context|input|model) "
        r"|(prompt|input|request|message).{0,9} too long|too many .{0,20}tokens"
        r"|reduce the length of|(input|prompt).token.{0,30}exceed|longer than the .{0,20}model"
        r"|prompt.{0,40}too large|number of (input|prompt) tokens",
    ),
    (
        "invalid_request",
        r"max(imum)?.?(completion.?|output.?|new.?)?tokens.{0,40}(exceed|too large|at most|must be|less than|greater|>)"
        r"|tool.?(use|call|choice).{0,20}(failed|validation|is required|without|not found)",
    ),
    (
        "content_filter",
        r"content.?(filter|polic|management|moderation)|guardrail|responsible.?ai|flagged|moderation|usage polic"
        r"|safety.?(filter|setting|reason|system|rating|check|polic|concern|violation|block)"
        r"|(blocked|due to|for) .{0,9}safety|violat.{0,40}polic|harm.?category"
        r"|prohibited.?content|inappropriate.?content|recitation",
    ),
    (
        "connection",
        r"connection|connect.?error|(cannot|could not|unable to|failed to) connect|disconnect|certificate"
        r"|\bssl\b|socket|network|name (or service|resolution)|getaddrinfo"
        r"|\be(conn|notfound|pipe|ai_again|hostunreach)|broken pipe"
        r"|remote.?protocol|incomplete.?(read|chunked)|peer closed|fetch failed|refused",
    ),
    (
        "model_not_found",
        r"model.{0,80}(not.?found|does.?n.t exist|not exist|decommission|deprecated|no longer|retired|not a valid)"
        r"|model.{0,40} is not (supported|available)|model.?(identifier|id|name)\b.{0,40}invalid"
        r"|(unknown|invalid|no such|unrecognized) model|deployment.{0,60}(not.?found|not exist)|no endpoints found",
    ),
    (
        "auth",
        r"(invalid|incorrect|missing|expired|wrong|malformed|provide).{0,25}"
        r"(key|credential|bearer|(api|access|auth) token)"
        r"|(api|access|subscription|virtual).?key.{0,40}(invalid|not |expired|incorrect|missing|required|revoked)"
        r"|x-api-key|invalid proxy server token|unauthori[sz]ed|unauthenticated|authenticat|permission.?(denied|error)"
        r"|access.?denied|not authori[sz]ed|security token|unrecognizedclient|expiredtoken",
    ),
)
# What a status means where the words do not decide: RFC 9110, and 499 (nginx), 529 (Anthropic), 520–524 (Cloudflare).
STATUSES = (
    ("timeout", (408, 504, 522, 524)),
    ("cancelled", (499,)),
    ("quota_billing", (402,)),
    ("rate_limit", (429,)),
    ("auth", (401, 403, 407)),
    ("model_not_found", (404, 410)),
    ("invalid_request", (400, 405, 406, 409, 411, 413, 414, 415, 422, 424, 431)),
    ("overloaded", (503, 529)),
    ("server_error", (500, 501, 502, 505, 520)),
    ("connection", (521, 523, 525, 526)),
)
# Words that decide only where no status is known: many texts have them beside others.
GENERIC = (
    (
        "server_error",
        r"internal.?(server.?)?(error|failure)|bad.?gateway|had an error|server.?error|\bapi_error\b|apierror"
        r"|out.?of.?memory|\boom\b|cuda|engine.{0,12}(dead|died|crash|error)|worker.{0,20}(died|crash)|model.?error"
        r"|unexpected error|something went wrong",
    ),
    ("overloaded", r"unavailable|is busy|try again later|(currently|still|is) loading"),
    ("content_filter", r"\bsafety\b"),
    ("auth", r"forbidden|api.?key|credentials"),
    ("model_not_found", r"404 not found|not.?found.?error"),
    (
        "invalid_request",
        r"bad.?request|invalid|unsupported|(not|n.t) support|must be|should be|alternate|validation|malformed"
        r"|unprocessable|too few tokens|unrecognized request|not permitted"
        r"|(field|parameter|argument).{0,30}(required|missing)",
    ),
)


def _said(codes: tuple[int, ...]) -> str:
    """Match a text that names one of these statuses as one: "Error code: 429", "status 429", "429 Too …"."""
    return rf"(^|error|code|status|http)[^a-z0-9]{{0,9}}({'|'.join(map(str, codes))})\b"


# First match wins: class, pattern, statuses; a rule holds if its pattern or one of its statuses does.
RULES: tuple[Rule, ...] = (
    *((name, pattern, ()) for name, pattern in SPECIFIC),
    *((name, None, codes) for name, codes in STATUSES),
    *((name, _said(codes), ()) for name, codes in STATUSES),
    *((name, pattern, ()) for name, pattern in GENERIC),
)
OTHER = "other"
# First match wins; where none does, the class tells who made the error, and of other and connection nobody knows.
ORIGIN_PATTERNS = (
    ("budget", r"budget"),
    ("guardrail", r"guardrail"),
    (
        "gateway",
        r"litellm_rate_limit|litellm_batch_rate_limit|no deployments available|crossed tpm|max parallel request"
        r"|no healthy upstream|virtual key|(key|team) not allowed|no endpoints found",
    ),
)
ORIGINS = {
    "provider": ("rate_limit", "overloaded", "content_filter", "timeout", "quota_billing", "server_error"),
    "client": ("context_length", "auth", "model_not_found", "invalid_request", "cancelled"),
}


def classify(status: int | None, text: str | None) -> str:
    """Class of an error.

    Args:
        status: HTTP status, null where none.
        text: Error class and message.
    """
    low = (text or "").lower()
    for name, pattern, codes in RULES:
        if status in codes or (pattern is not None and re.search(pattern, low)):
            return name
    return OTHER


def originate(kind: str, text: str | None) -> str | None:
    """Who made an error of this class; null where it cannot be told."""
    low = (text or "").lower()
    for origin, pattern in ORIGIN_PATTERNS:
        if re.search(pattern, low):
            return origin
    return next((origin for origin, kinds in ORIGINS.items() if kind in kinds), None)
