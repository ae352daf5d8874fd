"""The HTTP side: one server on loopback, its routes, tokens, request log and ordered failures."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "stand-in-token"
Body = dict[str, Any]


class ApiError(Exception):
    """An answer of the API that is an error."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.body = status, {"error_code": code, "message": message}


@dataclass(frozen=True)
class Request:
    """What a route is given: `args` are the groups of its path, `body` JSON, `raw` the bytes."""

    args: tuple[str, ...]
    query: dict[str, str]
    body: Body
    raw: bytes


Answer = Body | list[Any] | bytes
Route = Callable[[Request], Answer]


@dataclass
class Failure:
    """What the next `times` requests whose "METHOD path" matches get instead of an answer."""

    pattern: str
    status: int = 200
    body: Body | bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    times: int = 1


class Workspace:
    """Routes, failures and the log of one stand-in; `calls` holds "METHOD path" of every authenticated request."""

    def __init__(self) -> None:
        self.routes: list[tuple[str, re.Pattern[str], Route]] = []
        self.failures: list[Failure] = []
        self.calls: list[str] = []
        self.lock = threading.RLock()

    def route(self, method: str, path: str, answer: Route) -> None:
        """Answer `method` on paths that the expression `path` matches whole; the newest route is asked first."""
        self.routes.insert(0, (method, re.compile(path), answer))

    def fail(
        self, pattern: str, status: int, code: str = "", message: str = "", times: int = 1, **headers: str
    ) -> None:
        """Order an error of the API."""
        body = {"error_code": code, "message": message}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.failures.append(Failure(pattern, status, body, named, times=times))

    def hang(self, pattern: str, delay_s: float, times: int = 1) -> None:
        """Let requests wait before they are answered."""
        self.failures.append(Failure(pattern, delay_s=delay_s, times=times))

    def garble(self, pattern: str, body: bytes, times: int = 1) -> None:
        """Answer 200 with something that is no JSON."""
        self.failures.append(Failure(pattern, body=body, times=times))

    def failure(self, call: str) -> Failure | None:
        """The failure that is due for a call, counted down."""
        with self.lock:
            for found in self.failures:
                if found.times > 0 and re.search(found.pattern, call):
                    found.times -= 1
                    return found
        return None

    def answer(self, method: str, target: str, raw: bytes) -> Answer:
        """Find the route of a request and ask it."""
        parts = urlsplit(target)
        path = unquote(parts.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        for wanted, pattern, answer in self.routes:
            if wanted == method and (found := pattern.fullmatch(path)):
                return answer(Request(found.groups(), query, _json(raw), raw))
        raise ApiError(404, "ENDPOINT_NOT_FOUND", f"no API {method} {path}")


def _json(raw: bytes) -> Body:
    try:
        read = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _handler(workspace: Workspace) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the workspace keeps its own log."""

        def do_GET(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            if path.startswith("/.well-known/"):
                return self.send(404, {"error_code": "NOT_FOUND", "message": "no metadata"})
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self.send(
                    401, {"error_code": "UNAUTHENTICATED", "message": "Credential was not sent or is wrong"}
                )
            call = f"{self.command} {unquote(path)}"
            workspace.calls.append(call)
            if failure := workspace.failure(call):
                time.sleep(failure.delay_s)
                if not failure.delay_s:
                    return self.send(failure.status, failure.body, **failure.headers)
            try:
                self.send(200, workspace.answer(self.command, self.path, raw))
            except ApiError as error:
                self.send(error.status, error.body)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET

        def send(self, status: int, body: Answer, **headers: str) -> None:
            payload = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
            for name, value in {"Content-Type": kind, "X-Databricks-Org-Id": "1", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(payload)

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has left is no error of the server."""


@contextmanager
def serve(workspace: Workspace) -> Iterator[str]:
    """Serve until the block ends; gives the address."""
    server = _Server(("127.0.0.1", 0), _handler(workspace))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
