"""Name the models of the traffic: from a source's spelling to the price book's provider and model.

A wrong price is worse than none, so a spelling that the book does not claim stays unmatched under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from genai_prices.data_snapshot import find_provider_by_id
from genai_prices.types import ClauseEquals, ClauseOr, MatchLogic, ModelInfo

from lakehouse.pricing.book import Book, models
from lakehouse.pricing.units import NO_MODEL

# Spellings of LiteLLM, OpenTelemetry and hosts that are neither an id of the book nor claimed by its clauses.
PROVIDERS = {
    "@cf": "cloudflare", "accounts": "fireworks", "azure_ai": "azure", "azure_text": "azure", "codestral": "mistral",
    "fireworks_ai": "fireworks", "gcp": "google", "palm": "google", "text-completion-codestral": "mistral",
    "togethercomputer": "together", "x_ai": "x-ai",
}  # fmt: skip
# A gateway is no provider: there the model's own spelling says who serves it.
GATEWAYS = {"", "none", "null", "unknown", "litellm", "litellm_proxy"}
BLANK = {"", "none", "null"}
# Servers that speak a provider's protocol without being it; the book's clauses would take them for it.
COMPATIBLE = re.compile("like|compatible|custom|proxy")
# Bedrock alone spells models as [geography.]vendor.model.
BEDROCK = re.compile(r"([a-z]{2,6}(-gov)?\.)?(ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\.[a-z]")
# What may stand before a model's id: LiteLLM's routes and regions, ARNs, resource paths.
ROUTES = {
    "aws": re.compile(r"^(arn:.*/|((converse|invoke|converse_like|[a-z]{2}(-[a-z]+)+-\d)/)+)"),
    "google": re.compile(r"^(.*/)?models/"),
}
# Billions of parameters: another size is another model, and open weights, which many sell, are named by it.
SIZE = re.compile(r"(?<![a-z0-9.])\d+(?:\.\d+)?b(?![a-z0-9])")


class Alias(NamedTuple):
    """One row of silver.model_alias without its time."""

    provider_raw: str | None
    response_model: str | None
    provider_hint: str | None
    provider_name: str | None
    model_key: str
    is_matched: bool


def match(spellings: Iterable[tuple[str | None, str | None]], book: Book) -> list[Alias]:
    """Name each (provider_raw, response_model) of a source in the book's words.

    An empty model is ``(none)``. A model that the book does not know, or knows from other providers than the one that
    is named, keeps the source's spelling and is not matched. `provider_hint` is the book's provider that the spelling
    names; `provider_name` is that, else the one that alone claims the model, else the source's spelling in lower case.
    """
    return [_alias(provider_raw, response_model, book) for provider_raw, response_model in spellings]


def provider_of(spelling: str, book: Book) -> str | None:
    """Give the book's id of a provider that is spelled as an id, a gateway's name for it, a host or a URL."""
    text = spelling.strip().lower()
    if text in GATEWAYS:
        return None
    for url in (text, f"https://{text}", f"https://api.{text}") if "." in text else ():
        if host := next((p.id for p in book.providers if re.match(p.api_pattern, url)), None):
            return host
    known = {p.id for p in book.providers} | {c.provider_name for c in book.contracts}
    for part in (text, *text.split(".")):
        if (name := PROVIDERS.get(part, part)) in known:
            return name
    claimed = None if COMPATIBLE.search(text) else find_provider_by_id(list(book.providers), text)
    return claimed.id if claimed else None


def _alias(provider_raw: str | None, response_model: str | None, book: Book) -> Alias:
    given, model = (provider_raw or "").strip().lower(), (response_model or "").strip()
    if given in GATEWAYS:
        hint = _owner(model, book)
        provider = hint or _claimed_by(model.lower(), book)
    else:
        hint = provider = provider_of(given, book)
    key = _model_key(provider, model, book) if provider and model.lower() not in BLANK else None
    name = provider or (None if given in GATEWAYS else given)
    shown = NO_MODEL if model.lower() in BLANK else model
    return Alias(provider_raw, response_model, hint, name, key or shown, key is not None)


def _owner(model: str, book: Book) -> str | None:
    """Provider that the model's spelling names by its prefix."""
    head, slash, _ = model.partition("/")
    if slash:
        return provider_of(head, book)
    return "aws" if BEDROCK.match(model.lower()) else None


def _claimed_by(model: str, book: Book) -> str | None:
    """Maker whose model this is by genai-prices' clauses, else by its exact name; an unknown prefix names none."""
    if "/" in model or SIZE.search(model):
        return None
    makers = [(p, p.model_match) for p in book.providers if p.model_match]
    if claimed := next((maker.id for maker, clause in makers if clause.is_match(model)), None):
        return claimed
    exact = [maker.id for maker, _ in makers if any(_is_exact(sold.match, model) for sold in maker.models)]
    return exact[0] if len(exact) == 1 else None


def _model_key(provider_name: str, model: str, book: Book) -> str | None:
    agreed = {c.model_key.lower(): c.model_key for c in book.contracts if c.provider_name == provider_name}
    provider = next((p for p in book.providers if p.id == provider_name), None)
    references = list(_references(provider_name, model, book))
    for reference in references:
        if reference.lower() in agreed:
            return agreed[reference.lower()]
        found = provider.find_model(reference, all_providers=list(book.providers)) if provider else None
        # A reseller can have a model of its own under the id of the one that it resells: another price, so none.
        if (
            found
            and provider
            and models(provider, book).get(found.id, (None,))[0] is found
            and _is_of_size(reference, found)
        ):
            return found.id
    short = references[0].lower()  # without the organisation or path that the provider's own id begins with
    named = [m.id for m in provider.models if m.id.lower().rpartition("/")[2] == short] if provider else []
    return named[0] if len(named) == 1 else None


def _references(provider_name: str, model: str, book: Book) -> Iterator[str]:
    """Spell a model as its provider may: without a gateway's prefix, as it stands, and without a route."""
    head, _, rest = model.partition("/")
    bare = rest if rest and provider_of(head, book) == provider_name else model
    yield from dict.fromkeys((bare, model))
    if provider_name in ROUTES:
        yield ROUTES[provider_name].sub("", bare, count=1)


def _is_of_size(reference: str, model: ModelInfo) -> bool:
    """Refuse what a prefix clause takes too much of: gemini-1.5-flash-8b is not gemini-1.5-flash."""
    sizes = set(SIZE.findall(reference.lower())) - set(SIZE.findall(model.id.lower()))
    return not sizes or _is_exact(model.match, reference)


def _is_exact(clause: MatchLogic, reference: str) -> bool:
    if isinstance(clause, ClauseOr):
        return any(_is_exact(part, reference) for part in clause.or_)
    return isinstance(clause, ClauseEquals) and clause.is_match(reference)
