"""The command line `observatory`: parses argv, opens the context, makes one call, gives the exit code.

Commands import what they need when they run: `observatory --help` must not wait for Spark.
"""

from __future__ import annotations

import sys

import typer

from jobs.cli import alerts, bench, gates, held, look, operate, pipeline, web
from jobs.cli.options import app
from jobs.console import configure_logging, report_bug
from lakehouse.errors import ObservatoryError

COMMANDS = (alerts, pipeline, gates, held, look, operate, bench, web)  # their import registers the commands
__all__ = ["COMMANDS", "app", "main"]


def main() -> None:
    """Entry point of the script `observatory` and of every task on Databricks, which takes any exit for a failure.

    So it returns when all went well.
    """
    configure_logging()
    try:
        app(standalone_mode=True)
    except SystemExit as end:
        if end.code:
            raise
    except ObservatoryError as error:
        typer.echo(f"error: {' '.join(str(error).split())}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        raise SystemExit(report_bug(error, sys.argv[1:])) from error  # a text goes to stderr, and the code is 1
