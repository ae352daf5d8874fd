"""Spellings of gateways, hosts and traces → the price book's provider and model, or none."""

from __future__ import annotations

import pytest
from genai_prices.data import providers
from genai_prices.data_snapshot import DataSnapshot

from lakehouse.pricing.book import load_book
from lakehouse.pricing.match import match, provider_of

BOOK = load_book()

# provider_raw, response_model → provider and reference by which genai-prices itself is asked
KNOWN = [
    (None, "gpt-4o-mini", "openai", "gpt-4o-mini"),
    (None, "text-embedding-3-small", "openai", "text-embedding-3-small"),
    (None, "openai/gpt-4o", "openai", "gpt-4o"),
    ("openai", "gpt-4o-2024-08-06", "openai", "gpt-4o-2024-08-06"),
    ("litellm_proxy", "openai/gpt-4o", "openai", "gpt-4o"),
    (None, "claude-3-5-sonnet-20241022", "anthropic", "claude-3-5-sonnet-20241022"),
    (None, "anthropic/claude-3-5-sonnet-20241022", "anthropic", "claude-3-5-sonnet-20241022"),
    (None, "bedrock/us.anthropic.claude-3-5-haiku-20241022-v1:0", "aws", "us.anthropic.claude-3-5-haiku-20241022-v1:0"),
    ("bedrock", "converse/anthropic.claude-3-haiku-20240307-v1:0", "aws", "anthropic.claude-3-haiku-20240307-v1:0"),
    ("bedrock", "us-east-1/anthropic.claude-3-haiku-20240307-v1:0", "aws", "anthropic.claude-3-haiku-20240307-v1:0"),
    ("aws.bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-3-5-haiku-20241022-v1:0",
     "aws", "us.anthropic.claude-3-5-haiku-20241022-v1:0"),
    (None, "eu.anthropic.claude-3-5-sonnet-20240620-v1:0", "aws", "eu.anthropic.claude-3-5-sonnet-20240620-v1:0"),
    (None, "azure/gpt-4o", "azure", "gpt-4o"),
    ("azure", "gpt-4o-2024-08-06", "azure", "gpt-4o-2024-08-06"),
    ("azure.ai.openai", "gpt-4o", "azure", "gpt-4o"),
    ("https://acme.openai.azure.com/openai/deployments/x", "gpt-4o", "azure", "gpt-4o"),
    (None, "gemini/gemini-2.5-pro-preview-03-25", "google", "gemini-2.5-pro-preview-03-25"),
    (None, "vertex_ai/gemini-1.5-pro", "google", "gemini-1.5-pro"),
    ("gcp.vertex_ai", "publishers/google/models/gemini-2.5-flash", "google", "gemini-2.5-flash"),
    ("vertex_ai", "claude-3-5-sonnet@20240620", "google", "claude-3-5-sonnet@20240620"),
    (None, "openrouter/anthropic/claude-3.7-sonnet", "openrouter", "anthropic/claude-3.7-sonnet"),
    ("openrouter", "anthropic/claude-3.7-sonnet", "openrouter", "anthropic/claude-3.7-sonnet"),
    (None, "groq/llama-3.1-8b-instant", "groq", "llama-3.1-8b-instant"),
    ("groq", "openai/gpt-oss-120b", "groq", "openai/gpt-oss-120b"),
    (None, "groq.com/llama3-70b-8192", "groq", "llama3-70b-8192"),
    (None, "api.groq.com/llama2-70b-4096", "groq", "llama2-70b-4096"),
    (None, "deepseek/deepseek-chat", "deepseek", "deepseek-chat"),
    (None, "fireworks_ai/accounts/fireworks/models/glm-5p3", "fireworks", "accounts/fireworks/models/glm-5p3"),
    (None, "accounts/fireworks/models/glm-5p3", "fireworks", "accounts/fireworks/models/glm-5p3"),
    (None, "fireworks.ai/glm-5p3", "fireworks", "accounts/fireworks/models/glm-5p3"),
    (None, "together_ai/meta-llama/Llama-3-70b-chat-hf", "together", "meta-llama/Llama-3-70b-chat-hf"),
    (None, "together.xyz/Llama-3-70b-chat-hf", "together", "meta-llama/Llama-3-70b-chat-hf"),
    (None, "cloudflare/llama-2-7b-chat-fp16", "cloudflare", "@cf/meta/llama-2-7b-chat-fp16"),
    (None, "@cf/meta/llama-2-7b-chat-fp16", "cloudflare", "@cf/meta/llama-2-7b-chat-fp16"),
    (None, "azure.eastus2/gpt-4-1106-preview", "azure", "gpt-4-1106-preview"),
    (None, "fixie-westus.azure/gpt-3.5-turbo-1106", "azure", "gpt-3.5-turbo-1106"),
    (None, "xai/grok-3-beta", "x-ai", "grok-3-beta"),
    (None, "mistral/codestral-latest", "mistral", "codestral-latest"),
    ("openai", "gpt-5.2-20251211", "openai", "gpt-5.2-2025-12-11"),
]  # fmt: skip

# provider_raw, response_model → provider as far as it is known
UNKNOWN = [
    (None, "REDACTED", None),
    (None, "openrouter/REDACTED", "openrouter"),
    (None, "ollama/llama3", None),
    (None, "poe/claude-3-opus", None),  # resold by somebody whose prices the book does not have
    (None, "octoai.run/mixtral-8x7b-instruct", None),
    (None, "deepseek-r1:14b", None),  # open weights by size: whoever serves them sets the price
    (None, "deepseek-r1-distill-llama-70b", None),
    (None, "gpt-oss-120b", None),
    ("anyscale", "meta-llama/Llama-2-70b-chat-hf", "anyscale"),
    ("openai_like", "gpt-4o", "openai_like"),  # speaks OpenAI's protocol, is not OpenAI
    ("openai", "claude-3-5-sonnet-20241022", "openai"),
    ("gemini", "gemini-1.5-flash-8b", "google"),  # half the price of the one that the list's clause takes it for
    ("azure", "text-ada-001", "azure"),  # Azure's own "ada" is another model than OpenAI's
    ("azure", "my-deployment", "azure"),
    ("azure", "eu/gpt-4o-2024-08-06", "azure"),  # priced apart by region
]


@pytest.mark.parametrize(("raw", "model", "provider", "reference"), KNOWN)
def test_a_known_spelling_is_the_model_that_genai_prices_finds(
    raw: str | None, model: str, provider: str, reference: str
) -> None:
    """Oracle: genai-prices, asked with the provider's own name for the model."""
    _, expected = DataSnapshot(providers, from_auto_update=False).find_provider_model(reference, None, provider, None)
    (alias,) = match([(raw, model)], BOOK)
    assert (alias.provider_name, alias.model_key, alias.is_matched) == (provider, expected.id, True)
    assert (alias.provider_raw, alias.response_model) == (raw, model)


@pytest.mark.parametrize(("raw", "model", "provider"), UNKNOWN)
def test_an_unknown_spelling_keeps_its_name(raw: str | None, model: str, provider: str | None) -> None:
    """A wrong price is worse than none."""
    (alias,) = match([(raw, model)], BOOK)
    assert (alias.provider_name, alias.model_key, alias.is_matched) == (provider, model, False)


@pytest.mark.parametrize("model", [None, "", "  ", "None", "null"])
def test_no_model_is_none(model: str | None) -> None:
    """Some failures name no model, or the word that a language has for nothing."""
    aliases = match([(None, model), ("openai", model)], BOOK)
    assert [(a.provider_name, a.model_key, a.is_matched) for a in aliases] == [
        (None, "(none)", False), ("openai", "(none)", False),
    ]  # fmt: skip


def test_the_hint_is_what_the_spelling_says() -> None:
    """A bare name gives none, though its provider may be known by the book's clauses."""
    hints = {alias.response_model: alias.provider_hint for alias in match([(None, m) for _, m, *_ in KNOWN], BOOK)}
    assert hints["gpt-4o-mini"] is None
    assert hints["azure/gpt-4o"] == "azure"


@pytest.mark.parametrize(
    ("spelling", "provider"),
    [
        ("OpenAI", "openai"), ("text-completion-openai", "openai"), ("azure_ai", "azure"), ("bedrock_converse", "aws"),
        ("vertex_ai_beta", "google"), ("gcp.gen_ai", "google"), ("mistral_ai", "mistral"), ("x_ai", "x-ai"),
        ("cohere_chat", "cohere"), ("api.anthropic.com", "anthropic"), ("perplexity.ai", "perplexity"),
        ("databricks.com", "databricks"), ("custom_openai", None), ("", None), ("litellm", None),
        ("hosted_vllm", None), ("meta-llama", None), ("deepseek-ai", None),
    ],
)  # fmt: skip
def test_providers_by_gateway_name_host_and_id(spelling: str, provider: str | None) -> None:
    """Names of LiteLLM and OpenTelemetry, hosts, and what only looks like a provider."""
    assert provider_of(spelling, BOOK) == provider
