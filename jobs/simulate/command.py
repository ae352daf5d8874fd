"""The command `observatory simulate`."""

from __future__ import annotations

from pathlib import Path

from jobs.context import Tell
from jobs.simulate.load import load
from lakehouse.config import SourceSettings, load_settings
from lakehouse.errors import ConfigurationError
from lakehouse.io.database import parse_url
from lakehouse.io.secrets import read_secret


def simulate(config: Path | None, rows: int, seed: int, name: str | None, tell: Tell) -> None:
    """Load `rows` synthetic rows into the database of a LiteLLM source.

    Raises:
        ConfigurationError: There is no such source, or it is none of LiteLLM's.
    """
    settings = load_settings(config)
    source = settings.source(name) if name else _first(settings.sources)
    if source.kind != "litellm":
        raise ConfigurationError(f"simulate makes LiteLLM rows; source {source.name!r} is of kind {source.kind!r}")
    url = parse_url(read_secret(source.url_env).get_secret_value())
    sent = load(url, rows, seed, progress=lambda done: tell(f"{done:,} of {rows:,} rows sent"))
    tell(f"{sent:,} synthetic rows are in {url.place}, each with metadata.observatory_synthetic = true")


def _first(sources: tuple[SourceSettings, ...]) -> SourceSettings:
    for source in sources:
        if source.kind == "litellm":
            return source
    raise ConfigurationError("simulate needs a [[sources]] entry of kind 'litellm' in --config")
