"""What a task runs with; the only place that obtains a session and the lock."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from pyspark.sql import SparkSession

from lakehouse.config import Settings, load_settings
from lakehouse.errors import ConfigurationError, DatabaseUrlError
from lakehouse.io.catalog import LOCAL, provision, provision_table
from lakehouse.io.database import DatabaseUrl, parse_url
from lakehouse.io.lease import lakehouse_lease
from lakehouse.io.lock import lakehouse_lock
from lakehouse.io.secrets import read_secret
from lakehouse.io.session import get_session, prepare_home
from lakehouse.sources.base import Source
from lakehouse.sources.registry import AnySource, make_source
from lakehouse.tables import ops

Tell = Callable[[str], None]


@dataclass(frozen=True)
class JobContext:
    """Settings, session and identity of one run; `tell` takes lines of progress."""

    settings: Settings
    tell: Tell
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @cached_property
    def spark(self) -> SparkSession:
        """The session, with every table and view registered."""
        spark = get_session(self.settings)
        if self.settings.catalog == LOCAL:  # elsewhere tables stay registered from run to run
            provision(spark, self.settings)
        return spark

    def provision(self) -> None:
        """Create what the catalog lacks; a local session has done so when it opened."""
        if (spark := self.spark) and self.settings.catalog != LOCAL:
            provision(spark, self.settings)

    def now(self) -> datetime:
        """The runner's clock, UTC."""
        return datetime.now(UTC)

    def sources(self, names: list[str] | None = None) -> list[AnySource]:
        """Sources by name, all configured ones by default.

        Raises:
            ConfigurationError: There is none, or none of that name.
        """
        if not self.settings.sources:
            raise ConfigurationError("no source is configured: write [[sources]] into a file and give it by --config")
        chosen = [self.settings.source(name) for name in names] if names else list(self.settings.sources)
        return [make_source(source) for source in chosen]

    def url(self, source: Source) -> DatabaseUrl:
        """Address of a source's database, its secret resolved.

        Raises:
            ConfigurationError: The secret is not set or no URL; the message names source and secret, never its value.
        """
        settings = source.settings
        try:
            return parse_url(read_secret(settings.url_env).get_secret_value())
        except DatabaseUrlError as error:
            raise DatabaseUrlError(f"source {settings.name}, {settings.url_env}: {error}") from error
        except ConfigurationError as error:
            raise ConfigurationError(f"source {settings.name}: {error}") from error


_ACTIVE: ContextVar[JobContext | None] = ContextVar("job context", default=None)


@contextmanager
def job_context(config: Path | None, home: Path | None, tell: Tell, only_reads: bool = False) -> Iterator[JobContext]:
    """Open the context of a run; a task called within a run shares the run's.

    Args:
        config: Settings file.
        home: Comes before the settings'.
        tell: Takes lines of progress.
        only_reads: On Databricks it then waits for nobody.

    Raises:
        ConfigurationError: The settings are wrong or the home is not writable.
        LockedError: Another run works on the same lakehouse; on Databricks it was waited for.
    """
    if active := _ACTIVE.get():
        yield active
        return
    settings = load_settings(config, home)
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        context = JobContext(settings, tell)
        if only_reads:
            yield from _activated(context)
            return
        context.spark.sql("CREATE SCHEMA IF NOT EXISTS ops")  # the first provision finds nothing yet
        provision_table(context.spark, settings, ops.LEASE)
        with lakehouse_lease(context.spark, context.run_id, tell):
            yield from _activated(context)
        return
    with lakehouse_lock(prepare_home(settings.home)):
        yield from _activated(JobContext(settings, tell))


def _activated(context: JobContext) -> Iterator[JobContext]:
    token = _ACTIVE.set(context)
    try:
        yield context
    finally:
        _ACTIVE.reset(token)
