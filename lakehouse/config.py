"""Settings: TOML file, then environment variables ``OBSERVATORY_…`` over it; secrets never live here."""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from contextvars import ContextVar
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from lakehouse.errors import ConfigurationError
from lakehouse.reporting import BudgetSettings, TimeZone
from lakehouse.sql.loader import load_alerts
from lakehouse.tables.silver import BILLED, MAPPED

CANONICAL = {column.name for column in MAPPED} | {"input_messages", "output_messages"}
BILLED_NAMES = {column.name for column in BILLED}
CONTENT_COLUMNS = ("input_messages", "output_messages")
OF_KIND = ("table", "path", "format", "key", "event_time", "columns")  # only some kinds have them; these must:
NEEDED = {
    "litellm": {"url_env"},
    "table": {"url_env", "table", "key", "event_time", "columns"},
    "files": {"path", "format", "key", "columns"},
    "invoice": {"path", "format", "key"},
}
OPTIONAL = {"files": {"event_time"}, "invoice": {"event_time", "columns"}}
NEARLY = 0.93  # share of letters that agree: a letter or two off; names of variables that hold URLs are further off


class SourceSettings(BaseModel):
    """One table of one database, or one folder of delivered files, that interactions are read from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", description="Name of the source and of its bronze table")
    kind: Literal["litellm", "table", "files"] = Field(
        description="litellm reads LiteLLM_SpendLogs; table reads any table; files reads a folder of deliveries"
    )
    url_env: str = Field(
        "", description="Environment variable, or secret SCOPE/KEY, that holds the database URL; not for kind files"
    )
    records: Literal["requests", "invoice"] = Field("requests", description="What a row is; invoice: kind files only")
    schema_: str = Field("public", alias="schema", description="Schema of the table; the URL's ?schema= comes first")
    content: Literal["off", "keep"] = Field(
        "off", description="keep also reads prompts and answers; off never selects them"
    )
    since: datetime | None = Field(None, description="Rows with an older event time are not read")
    overlap_minutes: int = Field(120, ge=0, description="How far each run reads back for rows that came late")
    window_rows: int = Field(1_000_000, ge=1, description="Rows read and committed at a time; the unit of resume")
    table: str | None = Field(None, description="Table to read; kind table only")
    path: Path | None = Field(None, description="Folder that files are delivered into; kind files only")
    format: Literal["jsonl", "csv", "parquet"] | None = Field(
        None, description="jsonl and csv may end in .gz; kind files only"
    )
    key: str | None = Field(
        None, description="Column, or comma-separated columns, that identify a row; kind files takes expressions too"
    )
    event_time: str | None = Field(
        None, description="Column with the time of the event; kind files takes an expression, or none"
    )
    time_zone: str = Field("UTC", description="Zone of timestamps without one; kind table only")
    columns: dict[str, str] = Field(default_factory=dict, description="Canonical column = column or SQL expression")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> SourceSettings:
        given = {name for name in ("url_env", *OF_KIND) if getattr(self, name)}
        shape, known = (self.kind, CANONICAL) if self.records == "requests" else ("invoice", BILLED_NAMES)
        if shape == "invoice" and self.kind != "files":
            raise ValueError("an invoice is read by kind 'files'")
        needed, optional = NEEDED[shape], OPTIONAL.get(shape, set())
        if missing := sorted(needed - given):
            raise ValueError(f"kind {self.kind!r} also needs {', '.join(missing)}")
        if surplus := sorted(given - needed - optional):
            raise ValueError(f"kind {self.kind!r} takes no {', '.join(surplus)}: remove it")
        if unknown := sorted(set(self.columns) - known):
            raise ValueError(f"unknown canonical columns {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return self


class AlertSettings(BaseModel):
    """Who hears of alerts, and when; without any of it they are only kept in `ops.alert`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("LLM observatory", description="How e-mails call this deployment")
    webhook_env: str | None = Field(None, description="Environment variable, or SCOPE/KEY, with the webhook's URL")
    smtp_env: str | None = Field(None, description="The same, with the mail server's URL: smtps://user:password@host")
    mail_from: str | None = Field(None, description="Sender's address; with smtp_env")
    mail_to: tuple[str, ...] = Field((), description="Recipients' addresses; with smtp_env")
    thresholds: dict[str, float] = Field(
        default_factory=dict, description="Thresholds by rule, in place of those in lakehouse/sql/alerts"
    )

    @model_validator(mode="after")
    def _known_rules_and_whole_mail(self) -> AlertSettings:
        if unknown := sorted(set(self.thresholds) - set(load_alerts())):
            raise ValueError(f"no alert rule {', '.join(unknown)}; there are {', '.join(load_alerts())}")
        if self.smtp_env and not (self.mail_from and self.mail_to):
            raise ValueError("smtp_env also needs mail_from and mail_to")
        return self


class SloSettings(BaseModel):
    """A service level objective: a share of attempts that must not fail, or must not take longer than a limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="Names it in gold.slo_burn")
    metric: Literal["errors", "duration_ms", "ttft_ms", "tpot_ms"] = Field("errors", description="What must hold")
    objective: float = Field(gt=0, lt=1, description="Share of attempts that must meet it, such as 0.99")
    threshold_ms: float | None = Field(None, gt=0, description="What takes longer misses it; latencies only")
    provider_name: str | None = Field(None, description="Of this provider only")
    model_key: str | None = Field(None, description="Of this model only")
    app_name: str | None = Field(None, description="Of this application only")
    operation_name: str | None = Field(None, description="Of this operation only")

    @model_validator(mode="after")
    def _latency_has_threshold(self) -> SloSettings:
        if (self.metric == "errors") != (self.threshold_ms is None):
            raise ValueError("threshold_ms belongs to a latency, and a latency needs it")
        return self

    @property
    def only(self) -> dict[str, str]:
        """Dimensions that it is limited to."""
        names = ("provider_name", "model_key", "app_name", "operation_name")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class Settings(BaseSettings):
    """Everything a run needs to know; every key has an ``OBSERVATORY_…`` environment variable."""

    model_config = SettingsConfigDict(env_prefix="OBSERVATORY_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = Field(Path(".observatory"), description="Folder of the local lakehouse; unused on Databricks")
    catalog: str = Field("spark_catalog", description="Unity Catalog's catalog; spark_catalog locally")
    target: str | None = Field(None, description="Target of the bundle whose deployment `--remote` speaks to")
    master: str = Field("local[2]", description="Spark master of the local session")
    driver_memory: str = Field("2g", description="Heap of the local Spark driver")
    shuffle_partitions: int = Field(2, ge=1, description="Shuffle partitions of the local session")
    price_overrides: Path | None = Field(None, description="TOML file of contract prices that come before list prices")
    quality_parameters: dict[str, float] = Field(
        default_factory=dict, description="Parameters of quality rules by name, instead of their suite's"
    )
    mlflow_tracking_uri: str | None = Field(
        None, description="MLflow that gates log their scores to, such as databricks; needs the extra tracking"
    )
    alerts: AlertSettings = Field(AlertSettings(), description="Who hears of alerts, see below")
    analysis_days: int = Field(90, ge=1, description="Last days of data that detect compares, judges and prices")
    slos: tuple[SloSettings, ...] = Field((), description="Service level objectives, one [[slos]] each")
    reporting_time_zone: TimeZone = Field("UTC", description="Zone of the days of cost reports, such as Europe/Rome")
    sources: tuple[SourceSettings, ...] = Field((), description="Sources, one [[sources]] each")
    budgets: tuple[BudgetSettings, ...] = Field((), description="Budgets, one [[budgets]] each")

    @model_validator(mode="after")
    def _names_differ(self) -> Settings:
        for kind, named in (("sources", self.sources), ("budgets", self.budgets)):
            if twice := sorted(name for name, n in Counter(entry.name for entry in named).items() if n > 1):
                raise ValueError(f"two {kind} are named {', '.join(twice)}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order: command line, environment, file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _FILE.get())

    def source(self, name: str) -> SourceSettings:
        """Look a source up.

        Raises:
            ConfigurationError: No source has that name.
        """
        for source in self.sources:
            if source.name == name:
                return source
        known = ", ".join(source.name for source in self.sources) or "none"
        raise ConfigurationError(f"no source is named {name!r}; configured are: {known}")


_FILE: ContextVar[Path | None] = ContextVar("settings file", default=None)


def load_settings(file: Path | None = None, home: Path | None = None) -> Settings:
    """Read settings.

    Args:
        file: TOML; None takes environment and defaults alone.
        home: Comes before file and environment.

    Raises:
        ConfigurationError: The file is missing or malformed, a key is unknown or a value wrong; each is named. A
            variable of the environment that is nearly a setting's is taken for a mistyped one.
    """
    if file is not None and not file.is_file():
        raise ConfigurationError(f"no settings file at {file}")
    _check_spelling()
    token = _FILE.set(file)
    try:
        return Settings(home=home) if home else Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: not valid TOML: {error}") from error
    except SettingsError as error:
        raise ConfigurationError(f"environment: {error}; it must be JSON") from error
    except ValidationError as error:
        raise ConfigurationError(f"{file or 'environment'}: {explain(error)}") from error
    finally:
        _FILE.reset(token)


def _check_spelling() -> None:
    keys = {f"OBSERVATORY_{key.upper()}" for key in Settings.model_fields}
    for name in sorted(os.environ):
        is_unknown = name.startswith("OBSERVATORY_") and name.split("__")[0] not in keys
        if is_unknown and (near := get_close_matches(name, keys, n=1, cutoff=NEARLY)):
            raise ConfigurationError(f"environment variable {name} is no setting; did you mean {near[0]}?")


def explain(error: ValidationError) -> str:
    """Name each wrong key and why, without the value, which could be a secret."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        key = ".".join(str(part) for part in problem["loc"]) or "settings"
        reason = "unknown key; check its spelling" if problem["type"] == "extra_forbidden" else problem["msg"]
        lines.append(f"{key}: {reason.removeprefix('Value error, ')}")
    return "; ".join(lines)


def local_environment(name: str) -> str | None:
    """Give an environment variable, None where it is unset or empty."""
    return os.environ.get(name) or None
