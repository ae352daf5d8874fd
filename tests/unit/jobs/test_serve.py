"""What `serve` and `dashboards preview` refuse before anything is started."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import Result, in_process


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def said(result: Result) -> str:
    """The one error of a command that was refused as wrongly called."""
    assert result.code == 2
    (error,) = result.errors
    return error


def test_port_that_is_taken(capfd: pytest.CaptureFixture[str], taken: int, tmp_path: Path) -> None:
    """Said at once, with what to do, not after Spark has started."""
    error = said(in_process(capfd, "serve", "--port", str(taken), "--home", tmp_path))
    assert f"127.0.0.1:{taken}" in error
    assert "choose another --port" in error


def test_others_are_let_in_only_with_a_token(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a token is long enough not to be guessed; it is not repeated."""
    monkeypatch.delenv("OBSERVATORY_TOKEN", raising=False)
    assert "set OBSERVATORY_TOKEN" in said(in_process(capfd, "serve", "--host", "192.0.2.1", "--home", tmp_path))
    monkeypatch.setenv("OBSERVATORY_TOKEN", "short-one")
    error = said(in_process(capfd, "serve", "--home", tmp_path))
    assert "shorter than 16" in error
    assert "short-one" not in error


def test_no_lakehouse(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The command that makes one is named."""
    file = tmp_path / "x.lvdash.json"
    file.write_text(json.dumps({"datasets": [], "pages": []}))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        free = str(listener.getsockname()[1])
    for argv in (("serve", "--port", free), ("dashboards", "preview", file)):
        error = said(in_process(capfd, *argv, "--home", tmp_path / "nothing"))
        assert "run `observatory demo`" in error


def test_preview_of_what_is_no_dashboard(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Nor there."""
    (tmp_path / "x.json").write_text("[]")
    assert "no AI/BI dashboard" in said(in_process(capfd, "dashboards", "preview", tmp_path / "x.json"))
    assert "cannot read" in said(in_process(capfd, "dashboards", "preview", tmp_path / "gone.json"))
