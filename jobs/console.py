"""What a person sees: progress and logs on stderr, results on stdout."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog

from lakehouse.errors import ConfigurationError


def configure_logging() -> None:
    """Send structured logs to stderr: readable lines on a terminal, key=value elsewhere."""
    terminal = sys.stderr.isatty()
    shown = structlog.dev.ConsoleRenderer(colors=terminal, pad_event_to=0) if terminal else _plain()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=True),
            shown,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _plain() -> structlog.processors.LogfmtRenderer:
    return structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])


def tell(line: str) -> None:
    """Report progress."""
    structlog.get_logger().info(line)


def report_bug(error: Exception, argv: Sequence[str]) -> str:
    """Write the trace of an error that nobody foresaw into the lakehouse's logs.

    Args:
        error: The error; its own text may hold values of rows, so that it stays in the file.
        argv: Of the command, which may name the lakehouse.

    Returns:
        One line that says where.
    """
    file = _logs(argv) / f"bug-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    file.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    return f"error: unexpected {type(error).__name__}, a bug: report it with the trace in {file}"


def _logs(argv: Sequence[str]) -> Path:
    from lakehouse.config import load_settings
    from lakehouse.io.session import prepare_home

    options = argparse.ArgumentParser(add_help=False)
    for name in ("--config", "--home"):
        options.add_argument(name, type=Path)
    given, _ = options.parse_known_args(argv)
    try:
        return prepare_home(load_settings(given.config, given.home).home) / "logs"
    except ConfigurationError:
        return Path(tempfile.gettempdir())
