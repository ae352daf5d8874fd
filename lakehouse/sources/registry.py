"""Sources by kind."""

from __future__ import annotations

from lakehouse.config import SourceSettings
from lakehouse.sources.files.source import FileSource
from lakehouse.sources.litellm.source import LiteLLMSource
from lakehouse.sources.table.source import TableSource

AnySource = LiteLLMSource | TableSource | FileSource
KINDS: dict[str, type[AnySource]] = {"litellm": LiteLLMSource, "table": TableSource, "files": FileSource}


def make_source(settings: SourceSettings) -> AnySource:
    """Make the source of one `[[sources]]` entry."""
    return KINDS[settings.kind](settings)
