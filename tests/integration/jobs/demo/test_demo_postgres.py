"""The embedded PostgreSQL starts wherever it may, survives what happens to it, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jobs.demo import postgres
from lakehouse.errors import ConfigurationError, LockedError, SourceAccessError
from lakehouse.io.database import get_connection, parse_url


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose database was made once: longer than a Unix socket's path may be, with a blank in its name."""
    return tmp_path_factory.mktemp("embedded") / ("long " * 20 + "path") / ("x" * 60)


@pytest.fixture
def running(home: Path) -> Iterator[postgres.EmbeddedPostgres]:
    """A server on that folder."""
    with postgres.start(home) as server:
        yield server


def pid_of(home: Path) -> int:
    """The server's process."""
    return int((home / "data/postmaster.pid").read_text().split()[0])


def is_gone(pid: int) -> bool:
    """Ended, also where nobody has collected it yet."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def value(url: str, query: str) -> object:
    """One value from the database."""
    with get_connection(parse_url(url)) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_starts_stops_and_keeps_its_data(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Two starts on one folder: same password, same data, not a word printed, no process left."""
    with postgres.start(home) as first:
        value(first.url, "SELECT 1")
        with get_connection(parse_url(first.url)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        pid = pid_of(home)
    assert is_gone(pid)
    with postgres.start(home) as second:
        assert value(second.url, "SELECT answer FROM kept") == 42
        assert parse_url(second.url).password == parse_url(first.url).password
    second.stop()
    assert capfd.readouterr() == ("", "")


def test_listens_on_this_machine_only_and_wants_its_password(running: postgres.EmbeddedPostgres, home: Path) -> None:
    """The password lies beside the data, for the owner alone, and no repr shows it."""
    assert value(running.url, "SHOW listen_addresses") == "127.0.0.1"
    assert value(running.url, "SHOW unix_socket_directories") == ""
    assert (home / "password").stat().st_mode & 0o777 == 0o600
    password = parse_url(running.url).password.get_secret_value()
    assert password not in repr(running)
    with pytest.raises(SourceAccessError):
        value(running.url.replace(password, "wrong"), "SELECT 1")


def test_another_process_cannot_take_the_folder(running: postgres.EmbeddedPostgres, home: Path) -> None:
    """The second one is told who holds it, and the first goes on."""
    with pytest.raises(LockedError, match="another process"):
        postgres.start(home)
    assert value(running.url, "SELECT 1") == 1


def test_stopping_after_the_server_died(home: Path) -> None:
    """A server that was killed under us is no reason to fail, nor to block the next start."""
    server = postgres.start(home)
    os.kill(pid_of(home), signal.SIGKILL)
    server.stop()
    with postgres.start(home) as again:
        assert value(again.url, "SELECT 1") == 1


def test_server_of_a_killed_run_is_stopped_first(home: Path) -> None:
    """A run that was killed leaves its server running; the next start takes over."""
    code = "import os, sys; from pathlib import Path; from jobs.demo.postgres import start; "
    code += "start(Path(sys.argv[1])); os._exit(9)"
    killed = subprocess.run([sys.executable, "-c", code, home], cwd=Path(__file__).parents[4], check=False)
    orphan = pid_of(home)
    assert (killed.returncode, is_gone(orphan)) == (9, False)
    with postgres.start(home) as server:
        assert value(server.url, "SELECT 1") == 1
        assert pid_of(home) != orphan
    assert is_gone(orphan)


@pytest.mark.parametrize("content", ["", "999999999\n", f"{os.getpid()}\n"], ids=["empty", "dead", "somebody else's"])
def test_stale_pid_file_does_not_block_a_start(home: Path, content: str) -> None:
    """Neither a dead process's number nor one that now belongs to another program."""
    (home / "data/postmaster.pid").write_text(content)
    with postgres.start(home) as server:
        assert value(server.url, "SELECT 1") == 1


def test_occupied_port_leads_to_another(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody took between choosing and starting costs one more attempt."""
    free_port = postgres._free_port
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        taken = occupant.getsockname()[1]
        ports = iter([taken])
        monkeypatch.setattr(postgres, "_free_port", lambda: next(ports, None) or free_port())
        with postgres.start(home) as server:
            assert parse_url(server.url).port != taken


def test_half_made_database_is_made_again(tmp_path: Path) -> None:
    """What an interrupted first start left does not count."""
    (tmp_path / "data.new").mkdir()
    (tmp_path / "data.new/PG_VERSION").write_text("18\n")
    with postgres.start(tmp_path) as server:
        assert value(server.url, "SELECT 1") == 1


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    """One clear line, nothing written."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="file cannot be used"):
        postgres.start(tmp_path / "file")


def test_reason_of_a_refused_start_is_named(home: Path) -> None:
    """PostgreSQL's own words reach the message, and no server or lock stays."""
    settings = home / "data/postgresql.conf"
    original = settings.read_text()
    settings.write_text("no_such_setting = 1\n")
    try:
        with pytest.raises(ConfigurationError, match=r"no_such_setting|contains errors"):
            postgres.start(home)
    finally:
        settings.write_text(original)
    with postgres.start(home):
        pass


def test_start_takes_seconds_only(home: Path) -> None:
    """The demo and the tests wait for it."""
    began = time.monotonic()
    with postgres.start(home):
        assert time.monotonic() - began < 10
