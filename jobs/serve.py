"""`observatory serve` and `observatory dashboards preview`: the web application over a local lakehouse."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from threading import Thread

from jobs.report import write_file
from lakehouse.backend import CachedBackend
from lakehouse.backend.spark import SparkBackend
from lakehouse.errors import ConfigurationError, ObservatoryError
from lakehouse.io.catalog import open_lakehouse
from lakehouse.web.dashboards.model import load
from lakehouse.web.pages import PATHS, Site
from lakehouse.web.server import LOOPBACK, create_app
from lakehouse.web.still import draw_file

VARIABLE = "OBSERVATORY_TOKEN"
SHORTEST = 16


def serve(home: Path, host: str, port: int) -> None:
    """Serve the pages and the API until interrupted.

    Raises:
        ConfigurationError: No lakehouse in `home`, the port is taken, or another address than this machine's own is
            to be listened on without a token.
    """
    import uvicorn

    token = _token(host)
    listener = _listener(host, port)
    with listener:
        site = Site(local_backend(home))
        Thread(target=_warm, args=(site,), daemon=True).start()
        hosts = LOOPBACK if host in LOOPBACK else ("*",)
        app = create_app(site, token, hosts)
        print(f"http://{host}:{port}/ shows {home.resolve()}; stop it with Ctrl+C", flush=True)
        config = uvicorn.Config(app, log_level="warning", server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


def local_backend(home: Path) -> CachedBackend:
    """Spark over the lakehouse of `home`, with answers kept until its tables change."""
    return CachedBackend(SparkBackend(open_lakehouse(home), home))


def preview(file: Path, home: Path, output: Path | None) -> Path:
    """Draw a dashboard file into one HTML file beside it, or into `output`; tells what is not drawn.

    Raises:
        ConfigurationError: No such file, no dashboard or no lakehouse.
    """
    dashboard = load(file)
    text, missing = draw_file(local_backend(home), dashboard)
    for name, why in missing.items():
        print(f"not drawn: {name}: {why.removeprefix('Not drawn: ')}", file=sys.stderr)
    return write_file(output or Path(f"{dashboard.name}.html"), text)


def _token(host: str) -> str | None:
    token = os.environ.get(VARIABLE)
    if token is not None and len(token) < SHORTEST:
        raise ConfigurationError(f"{VARIABLE} is shorter than {SHORTEST} characters")
    if host not in LOOPBACK and token is None:
        raise ConfigurationError(f"--host {host} lets others in: set {VARIABLE} to a secret of {SHORTEST} characters")
    return token


def _listener(host: str, port: int) -> socket.socket:
    """Take the port before Spark starts, so that an occupied one is told at once."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from error
    return listener


def _warm(site: Site) -> None:
    """Draw every page once, so that the first reader does not wait; a reader is told what fails here."""
    for path in PATHS:
        try:
            site.page(path, ())
        except ObservatoryError:
            return
