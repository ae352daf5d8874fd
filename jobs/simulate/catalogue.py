"""Who is simulated: models with list prices of June 2025 and guessed speeds, providers, failures and applications."""

from __future__ import annotations

from typing import NamedTuple


class Price(NamedTuple):
    """USD per million tokens; null where the provider has no such rate."""

    fresh: float
    cache_read: float | None
    cache_write: float | None
    output: float


class Model(NamedTuple):
    """One deployment behind the gateway.

    `name` is what the provider calls it, `group` what clients ask for, `shape` its token and volume shape, `share` its
    part of the traffic. `price` is null where LiteLLM does not know the model and logs a spend of 0. `reasoning_ratio`
    is the mean part of the output spent on reasoning, `stream_ratio` the part of requests that stream.
    """

    name: str
    group: str
    provider: str
    shape: str
    share: float
    price: Price | None
    ttft_ms: float
    tpot_ms: float
    stream_ratio: float = 0.7
    reasoning_ratio: float = 0.0
    call_type: str = "acompletion"


MODELS = (
    Model("gpt-4o-mini", "gpt-4o-mini", "openai", "small", 0.18, Price(0.15, 0.075, None, 0.60), 420, 12),
    Model("gpt-4.1-mini", "gpt-4.1-mini", "openai", "mid", 0.12, Price(0.40, 0.10, None, 1.60), 450, 11),
    Model("gpt-4.1", "gpt-4.1", "openai", "large", 0.10, Price(2.00, 0.50, None, 8.00), 620, 16),
    Model("o4-mini", "o4-mini", "openai", "reason", 0.04, Price(1.10, 0.275, None, 4.40), 3400, 8, 0.5, 0.6),
    Model("text-embedding-3-small", "embed", "openai", "small", 0.06, Price(0.02, None, None, 0), 120, 0, 0, 0,
          "aembedding"),
    Model("gpt-4o", "gpt-4o-eu", "azure", "large", 0.05, Price(2.50, 1.25, None, 10.00), 560, 15),
    Model("claude-sonnet-4-20250514", "claude-sonnet-4", "anthropic", "large", 0.15, Price(3.00, 0.30, 3.75, 15.00),
          1050, 17),
    Model("claude-opus-4-20250514", "claude-opus-4", "anthropic", "large", 0.02, Price(15.00, 1.50, 18.75, 75.00),
          1700, 30),
    Model("us.anthropic.claude-3-5-haiku-20241022-v1:0", "claude-3-5-haiku", "bedrock", "mid", 0.06,
          Price(0.80, 0.08, 1.00, 4.00), 780, 13),
    Model("gemini-2.0-flash", "gemini-2.0-flash", "gemini", "multimodal", 0.11, Price(0.10, 0.025, None, 0.40), 380, 6),
    Model("deepseek-reasoner", "deepseek-r1", "deepseek", "reason", 0.03, Price(0.55, 0.14, None, 2.19), 1400, 35,
          0.8, 0.7),
    Model("mistral-large-latest", "mistral-large", "mistral", "mid", 0.04, Price(2.00, None, None, 6.00), 520, 22),
    Model("qwen2.5-72b-instruct-awq", "qwen-internal", "hosted_vllm", "mid", 0.04, None, 240, 26),
)  # fmt: skip


class Provider(NamedTuple):
    """An upstream: its address and how LiteLLM names its exceptions."""

    api_base: str
    exception: str


PROVIDERS = {
    "openai": Provider("https://api.openai.com", "OpenAIException"),
    "azure": Provider("https://example.openai.azure.com", "AzureException"),
    "anthropic": Provider("https://api.anthropic.com", "AnthropicException"),
    "bedrock": Provider("https://bedrock-runtime.us-east-1.amazonaws.com", "BedrockException"),
    "gemini": Provider("https://generativelanguage.googleapis.com", "GeminiException"),
    "deepseek": Provider("https://api.deepseek.com", "DeepseekException"),
    "mistral": Provider("https://api.mistral.ai", "MistralException"),
    "hosted_vllm": Provider("http://vllm.example.internal:8000", "Hosted_vllmException"),
}


class Failure(NamedTuple):
    """One way to fail.

    `text` has ``{exception}`` for the provider's and ``{number}`` for a number of the row; `gateway` failures never
    reach a provider; `category` is LiteLLM's error_rate_limit_category.
    """

    share: float
    code: str
    error_class: str
    median_ms: float
    text: str
    numbers: tuple[int, int]
    gateway: bool = False
    retried: bool = False
    category: str | None = None


RATE_LIMIT = Failure(0.29, "429", "RateLimitError", 180, "litellm.RateLimitError: {exception} - Rate limit reached on "
                     "tokens per min (TPM): Limit 400000, Requested {number}. Please try again later.",
                     (900, 9000), retried=True, category="vendor_rate_limit")  # fmt: skip
OVERLOADED = Failure(0.13, "500", "InternalServerError", 2500, 'litellm.InternalServerError: {exception} - {{"type": '
                     '"error", "error": {{"type": "overloaded_error", "message": "Overloaded"}}, "request_id": '
                     '"req_{number}"}}', (10**8, 10**9), retried=True)  # fmt: skip
FAILURES = (
    RATE_LIMIT,
    OVERLOADED,
    Failure(0.12, "408", "Timeout", 60_000, "litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request "
            "timed out. - timeout value=60.0, time taken=60.{number} seconds", (10, 99), retried=True),
    Failure(0.10, "400", "ContextWindowExceededError", 260, "litellm.ContextWindowExceededError: litellm.BadRequest"
            "Error: {exception} - This model's maximum context length is 128000 tokens. However, your messages "
            "resulted in {number} tokens. Please reduce the length of the messages.", (128_001, 400_000)),
    Failure(0.10, "500", "InternalServerError", 900, "litellm.InternalServerError: {exception} - The server had an "
            "error while processing your request. Sorry about that! id: req_{number}", (10**8, 10**9), retried=True),
    Failure(0.06, "400", "ContentPolicyViolationError", 340, "litellm.ContentPolicyViolationError: {exception} - The "
            "response was filtered due to the prompt triggering the content management policy. id: {number}",
            (10**6, 10**7)),
    Failure(0.05, "500", "APIConnectionError", 5000, "litellm.APIConnectionError: {exception} - Server disconnected "
            "without sending a response after {number} bytes.", (0, 4096), retried=True),
    Failure(0.04, "400", "BadRequestError", 210, "litellm.BadRequestError: {exception} - messages.{number}: all "
            "messages must have non-empty content except for the optional final assistant message", (1, 40)),
    Failure(0.02, "404", "NotFoundError", 150, "litellm.NotFoundError: {exception} - The model `ft:{number}` does not "
            "exist or you do not have access to it.", (1000, 9999)),
    Failure(0.05, "401", "ProxyException", 2, "Authentication Error, Invalid proxy server token passed. Received API "
            "Key = sk-...{number}. Unable to find token in cache or `LiteLLM_VerificationTokenTable`", (1000, 9999),
            gateway=True),
    Failure(0.02, "400", "BudgetExceededError", 3, "Budget has been exceeded! Current cost: {number}.04, Max budget: "
            "500.0", (500, 560), gateway=True),
    Failure(0.02, "429", "HTTPException", 2, "Rate limit exceeded for api_key. Limit type: requests. Current limit: "
            "60, Remaining: 0. Limit resets in {number} s", (1, 60), gateway=True, category="litellm_rate_limit"),
)  # fmt: skip

# Applications by rank of volume with their teams; every third serves customers outside the company.
APPS = (
    ("support-chat", "support"), ("code-review", "engineering"), ("doc-search", "knowledge"),
    ("sales-assistant", "sales"), ("ticket-triage", "support"), ("contract-reader", "legal"),
    ("web-chat", "marketing"), ("sql-helper", "data"), ("meeting-notes", "knowledge"),
    ("product-copy", "marketing"), ("log-analyst", "engineering"), ("invoice-extract", "finance"),
    ("shop-advisor", "sales"), ("ide-agent", "engineering"), ("translation", "knowledge"),
    ("claims-intake", "support"), ("test-writer", "engineering"), ("forecast-notes", "finance"),
    ("voice-bot", "support"), ("policy-check", "legal"), ("survey-coder", "data"),
    ("lead-scorer", "sales"), ("release-notes", "engineering"), ("audit-helper", "finance"),
)  # fmt: skip
