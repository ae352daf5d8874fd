"""Settings: what is wrong is named with its key and what to do, and never with its value."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lakehouse.config import Settings, load_settings
from lakehouse.errors import ConfigurationError
from lakehouse.io.secrets import read_secret

LITELLM = """
[[sources]]
name = "gateway"
kind = "litellm"
url_env = "GATEWAY_URL"
"""
TABLE = """
[[sources]]
name = "calls"
kind = "table"
url_env = "CALLS_URL"
table = "llm_calls"
key = "call_id"
event_time = "started"
[sources.columns]
started_at = "started"
"""
SECRET = "hunter2-CANARY"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's own environment may count."""
    for name in ("HOME", "CATALOG", "MASTER", "DRIVER_MEMORY", "SHUFFLE_PARTITIONS", "SOURCES"):
        monkeypatch.delenv(f"OBSERVATORY_{name}", raising=False)


def load(tmp_path: Path, text: str, home: Path | None = None) -> Settings:
    """Read settings from text."""
    file = tmp_path / "observatory.toml"
    file.write_text(text)
    return load_settings(file, home)


def test_reads_sources_and_fills_in_defaults(tmp_path: Path) -> None:
    """What is not said has a default."""
    settings = load(tmp_path, LITELLM + 'since = 2025-01-01T00:00:00Z\nschema = "llm"\n' + TABLE)
    gateway, calls = settings.sources
    assert (gateway.kind, gateway.schema_, gateway.content, gateway.overlap_minutes) == ("litellm", "llm", "off", 120)
    assert gateway.since == datetime(2025, 1, 1, tzinfo=UTC)
    assert calls.columns == {"started_at": "started"}
    assert settings.source("calls") is calls
    assert settings.home == Path(".observatory")


def test_environment_comes_before_file_and_argument_before_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order: command line, environment, file, default."""
    text = 'home = "from-file"\ncatalog = "from_file"\nmaster = "local[1]"\n'
    monkeypatch.setenv("OBSERVATORY_HOME", "from-environment")
    monkeypatch.setenv("OBSERVATORY_CATALOG", "from_environment")
    settings = load(tmp_path, text, home=Path("from-argument"))
    assert (settings.home, settings.catalog, settings.master) == (Path("from-argument"), "from_environment", "local[1]")
    assert load(tmp_path, text).home == Path("from-environment")


def test_the_file_of_one_call_is_not_that_of_the_next(tmp_path: Path) -> None:
    """Nothing is remembered between calls, not even after an error."""
    load(tmp_path, LITELLM)
    with pytest.raises(ConfigurationError):
        load(tmp_path, "nonsense = 1")
    assert load_settings().sources == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("mastre = 'local[2]'", ["mastre", "unknown key"]),
        (LITELLM + "contents = 'keep'", ["sources.0.contents", "unknown key"]),
        ("shuffle_partitions = 'many'", ["shuffle_partitions", "integer"]),
        ("shuffle_partitions = 0", ["shuffle_partitions", "greater than or equal to 1"]),
        (LITELLM + "content = 'masked'", ["sources.0.content", "'off' or 'keep'"]),
        (LITELLM.replace("litellm", "mysql"), ["sources.0.kind", "'litellm', 'table' or 'files'"]),
        (LITELLM.replace("gateway", "My Gateway"), ["sources.0.name", "pattern"]),
        (LITELLM.replace('url_env = "GATEWAY_URL"', ""), ["sources.0", "also needs url_env"]),
        (LITELLM + 'key = "id"', ["sources.0", "takes no key", "remove"]),
        (TABLE.replace('key = "call_id"', ""), ["sources.0", "also needs key"]),
        (TABLE.replace("started_at", "begun_at"), ["sources.0", "begun_at", "known are", "started_at"]),
        (LITELLM + LITELLM, ["two sources are named gateway"]),
        ("[[sources]", ["not valid TOML", "line 1"]),
    ],
)
def test_what_is_wrong_is_named_with_its_key(tmp_path: Path, text: str, named: list[str]) -> None:
    """The message names file, key and what is expected, in one line."""
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert all(part in message for part in ["observatory.toml", *named]), message
    assert "\n" not in message
    assert caught.value.exit_code == 2


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    """A file in another encoding is a configuration error like any other."""
    file = tmp_path / "observatory.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"observatory\.toml: not valid TOML"):
        load_settings(file)


def test_sources_in_the_environment_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no JSON is named, and not repeated."""
    monkeypatch.setenv("OBSERVATORY_SOURCES", '[{"name": "gateway", "kind": "litellm", "url_env": "GATEWAY_URL"}]')
    assert load_settings().source("gateway").kind == "litellm"
    monkeypatch.setenv("OBSERVATORY_SOURCES", SECRET)
    with pytest.raises(ConfigurationError, match=r'environment: .*"sources".*must be JSON') as caught:
        load_settings()
    assert SECRET not in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """No file is not the same as an empty one."""
    with pytest.raises(ConfigurationError, match=r"no settings file at .*absent\.toml"):
        load_settings(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    "text",
    [
        f"password = '{SECRET}'",
        f"shuffle_partitions = '{SECRET}'",
        LITELLM.replace("gateway", SECRET),
        LITELLM + f"password = '{SECRET}'",
        LITELLM.replace("litellm", f"postgresql://u:{SECRET}@h/d"),
    ],
)
def test_no_message_repeats_a_value(tmp_path: Path, text: str) -> None:
    """A value in the wrong place may be a secret."""
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "meant"), [("HOEM", "HOME"), ("DRIVER_MEMROY", "DRIVER_MEMORY"), ("SOURCE", "SOURCES")]
)
def test_mistyped_variable_is_named_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    """A misspelt setting of the environment is not passed over in silence; variables that hold URLs are."""
    monkeypatch.setenv("OBSERVATORY_PRODUCTION_URL", "postgresql://reader@db/litellm")
    load_settings()
    monkeypatch.setenv(f"OBSERVATORY_{name}", "x")
    with pytest.raises(ConfigurationError, match=f"OBSERVATORY_{name} is no setting; did you mean OBSERVATORY_{meant}"):
        load_settings()


def test_unknown_source_is_told_which_there_are(tmp_path: Path) -> None:
    """Also where there are none."""
    with pytest.raises(ConfigurationError, match="'gatewy'; configured are: gateway, calls"):
        load(tmp_path, LITELLM + TABLE).source("gatewy")
    with pytest.raises(ConfigurationError, match="configured are: none"):
        Settings().source("x")


def test_secret_is_read_by_name_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A literal URL is refused without being repeated; an unset or empty variable is named."""
    url = f"postgresql://u:{SECRET}@h/d"
    monkeypatch.setenv("GATEWAY_URL", url)
    secret = read_secret("GATEWAY_URL")
    assert secret.get_secret_value() == url
    assert SECRET not in repr(secret)
    with pytest.raises(ConfigurationError, match="must name an environment variable") as caught:
        read_secret(url)
    assert SECRET not in str(caught.value)
    for value in (None, ""):
        monkeypatch.delenv("GATEWAY_URL") if value is None else monkeypatch.setenv("GATEWAY_URL", value)
        with pytest.raises(ConfigurationError, match="GATEWAY_URL is not set: set it"):
            read_secret("GATEWAY_URL")
