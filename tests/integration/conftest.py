"""One embedded PostgreSQL and one provisioned lakehouse to copy, for all integration tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from jobs.context import JobContext
from jobs.demo import postgres
from lakehouse.config import Settings, SourceSettings
from tests.support.source import Database, create_database

MakeDatabase = Callable[[], Database]
OpenLakehouse = Callable[..., JobContext]


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Address of the one server; not below pytest's folder, which each new pytest closes to the server's own user."""
    with tempfile.TemporaryDirectory() as folder, postgres.start(Path(folder)) as server:
        yield server.url


@pytest.fixture(scope="session")
def make_database(server_url: str) -> MakeDatabase:
    """Make a new database with the demo's empty tables."""
    numbers = count()
    return lambda: create_database(server_url, f"source_{next(numbers)}")


@pytest.fixture(scope="session")
def open_lakehouse(
    make_context: Callable[[Settings], JobContext], tmp_path_factory: pytest.TempPathFactory
) -> OpenLakehouse:
    """Open a lakehouse with the given sources: a new, empty one, or the one that lies in `home`.

    Only one is open at a time. New ones are copies of one that was provisioned once, which saves most of the time.
    """
    template = tmp_path_factory.mktemp("template") / "home"
    make_context(Settings(home=template))

    def make(sources: tuple[SourceSettings, ...], home: Path | None = None) -> JobContext:
        place = home or Path(shutil.copytree(template, tmp_path_factory.mktemp("lakehouse") / "home"))
        return make_context(Settings(home=place, sources=sources))

    return make
