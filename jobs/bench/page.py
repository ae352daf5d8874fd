"""`observatory bench page`: how long a reader waits for each page of a served lakehouse, over HTTP."""

from __future__ import annotations

import json
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread

import requests

from jobs.serve import local_backend
from lakehouse.errors import TargetMissedError
from lakehouse.web.pages import PATHS, Site
from lakehouse.web.server import create_app

WARM_S, COLD_S = 0.3, 3.0
REPEATED = 9


@dataclass(frozen=True)
class Waited:
    """Seconds for one page.

    Attributes:
        started_s: The first time after start, when Spark has not compiled anything.
        cold_s: With a choice that nobody made before: every statement runs, its code is compiled.
        warm_s: The median of `REPEATED` more times, with the answers that are kept.
    """

    path: str
    started_s: float
    cold_s: float
    warm_s: float


def bench_page(home: Path, as_json: bool) -> str:
    """Measure every page; gives JSON or lines for people.

    Raises:
        ConfigurationError: No lakehouse in `home`.
        TargetMissedError: A warm page takes `WARM_S` or more, or a cold one `COLD_S` or more.
    """
    with _served(Site(local_backend(home))) as url:
        found = [_measure(url, path) for path in PATHS]
    lines = [f"{one.path}: cold {one.cold_s:.2f} s, warm {one.warm_s * 1000:.0f} ms" for one in found]
    text = json.dumps([asdict(one) for one in found], indent=1) if as_json else "\n".join(lines)
    if any(one.warm_s >= WARM_S or one.cold_s >= COLD_S for one in found):
        raise TargetMissedError(f"a page is slower than {WARM_S} s warm or {COLD_S} s cold: {'; '.join(lines)}")
    return text


def _measure(url: str, path: str) -> Waited:
    started = _timed(url + path)
    field = "source_name" if path == "/quality" else "provider_name"
    cold = _timed(f"{url}{path}?{field}=")
    return Waited(path, started, cold, statistics.median(_timed(url + path) for _ in range(REPEATED)))


def _timed(url: str) -> float:
    began = time.perf_counter()
    requests.get(url, timeout=120).raise_for_status()
    return time.perf_counter() - began


@contextmanager
def _served(site: Site) -> Iterator[str]:
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(site), log_level="warning"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
