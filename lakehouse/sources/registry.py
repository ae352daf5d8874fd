"""Sources by kind."""

from __future__ import annotations

from lakehouse.config import SourceSettings
from lakehouse.sources.base import Source
from lakehouse.sources.litellm.source import LiteLLMSource
from lakehouse.sources.table.source import TableSource


def make_source(settings: SourceSettings) -> Source:
    """Make the source of one `[[sources]]` entry."""
    return LiteLLMSource(settings) if settings.kind == "litellm" else TableSource(settings)
