"""What a person sees: progress and logs on stderr, results on stdout."""

from __future__ import annotations

import sys

import structlog


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
