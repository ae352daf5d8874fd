"""Webhook and e-mail against servers on loopback: what arrives, and what each refusal becomes."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lakehouse.errors import ConfigurationError, TransientError
from lakehouse.io.notify import mail, post


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """Serve until the block ends; gives the port."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[misc]  an internet address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hook(status: int, got: list[bytes]) -> HTTPServer:
    """A webhook that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return HTTPServer(("127.0.0.1", 0), Handler)


def post_office(answers: dict[str, str], got: list[str]) -> socketserver.TCPServer:
    """A mail server of RFC 5321 that notes every line; `answers` replace its own by command."""
    usual = {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 ok", "DATA": "354 go on", "QUIT": "221 bye"}

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 post office\r\n")
            body = False
            for raw in self.rfile:
                line = raw.decode().rstrip("\r\n")
                got.append(line)
                if body and line != ".":
                    continue
                word = line.split(" ")[0].upper()
                body = word == "DATA"
                self.wfile.write(f"{(usual | answers).get(word, '250 ok')}\r\n".encode())
                if word == "QUIT":
                    return

    return socketserver.TCPServer(("127.0.0.1", 0), Handler)


def test_a_webhook_gets_text_and_facts() -> None:
    """As JSON."""
    got: list[bytes] = []
    with serving(hook(200, got)) as port:
        post(f"http://127.0.0.1:{port}/services/secret", "two lines\nof text", [{"alert_id": "a1", "value": 7.5}])
    assert [json.loads(body) for body in got] == [
        {"text": "two lines\nof text", "alerts": [{"alert_id": "a1", "value": 7.5}]}
    ]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, ConfigurationError), (403, ConfigurationError), (429, TransientError), (500, TransientError)],
)
def test_what_a_webhook_refuses(status: int, kind: type[Exception]) -> None:
    """The path of its URL, a secret, is not shown."""
    with serving(hook(status, [])) as port, pytest.raises(kind, match=f"127.0.0.1 answers {status}") as caught:
        post(f"http://127.0.0.1:{port}/services/secret", "text", [])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://example.com/x", "file:///etc/passwd", "ftp://example.com", "no url", "https://"]
)
def test_a_webhook_is_encrypted_or_on_loopback(url: str) -> None:
    """And nothing but a web address."""
    with pytest.raises(ConfigurationError, match="webhook's URL must"):
        post(url, "text", [])


def test_nobody_there() -> None:
    """Is transient."""
    with serving(hook(200, [])) as port:
        pass
    with pytest.raises(TransientError, match="does not answer"):
        post(f"http://127.0.0.1:{port}/", "text", [])
    with pytest.raises(TransientError, match="fails"):
        mail(f"smtp://127.0.0.1:{port}", "a@example.com", ["b@example.com"], "s", "t")


def test_an_email_arrives() -> None:
    """With sender, recipients, subject in one line, text, after the login."""
    got: list[str] = []
    with serving(post_office({}, got)) as port:
        url = f"smtp://us%40example.com:pass%2Fword@127.0.0.1:{port}"
        mail(url, "us@example.com", ["ops@example.com", "sre@example.com"], "3 alerts\nBcc: x@y", "OPEN stale_data")
    envelope = [line.lower() for line in got if line.lower().startswith(("mail from", "rcpt to"))]
    assert envelope == ["mail from:<us@example.com>", "rcpt to:<ops@example.com>", "rcpt to:<sre@example.com>"]
    assert any(line.startswith("AUTH PLAIN") for line in got)
    assert "Subject: 3 alerts Bcc: x@y" in got
    assert "OPEN stale_data" in got


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"AUTH": "535 wrong"}, ConfigurationError),
        ({"RCPT": "550 nobody"}, ConfigurationError),
        ({"MAIL": "451 later"}, TransientError),
    ],
)
def test_what_a_mail_server_refuses(answers: dict[str, str], kind: type[Exception]) -> None:
    """The password is not shown."""
    with serving(post_office(answers, [])) as port, pytest.raises(kind) as caught:
        mail(f"smtp://us:pass@127.0.0.1:{port}", "a@example.com", ["b@example.com"], "s", "t")
    assert "pass" not in str(caught.value)
