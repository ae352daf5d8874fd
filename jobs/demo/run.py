"""`observatory demo`: real requests from an embedded PostgreSQL through the whole pipeline to a report."""

from __future__ import annotations

import os
import sys
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console

from jobs.context import JobContext, Tell, job_context
from jobs.demo import load, samples
from jobs.demo.postgres import start
from jobs.graph import run_pipeline
from jobs.report import write_report
from jobs.summary import print_summary
from lakehouse.config import load_settings
from lakehouse.io.session import prepare_home

URL = "OBSERVATORY_DEMO_URL"
PIPED_COLUMNS = 160  # a file or another program does not wrap lines


def demo(home: Path | None, append: bool, tell: Tell) -> Path:
    """Deliver samples and run the pipeline on them; the second run finds nothing new.

    Args:
        home: Folder of the local lakehouse.
        append: Deliver the next slice of the samples first.
        tell: Takes lines of progress.

    Returns:
        Path of the report.
    """
    with as_file(files("jobs.demo") / "demo.toml") as config:
        place = prepare_home(load_settings(config, home).home)
        with start(place / "postgres") as server:
            os.environ[URL] = server.url
            with job_context(config, home, tell) as context:
                _deliver(context, server.url, append)
                changed = run_pipeline(context)
                report = place / "report.html"
                if changed or not report.is_file():
                    print_summary(context.spark, Console(width=None if sys.stdout.isatty() else PIPED_COLUMNS))
                    write_report(context.spark, report, context.now())
                else:
                    tell(f"nothing to do: all delivered requests are in the lakehouse; {_next(server.url)}")
                return report


def _deliver(context: JobContext, url: str, append: bool) -> None:
    """Load the first slice into an empty database, or with `append` the next one."""
    load.create_tables(url)
    done = load.delivered(url)
    if done and not append:
        return
    if done == samples.slices():
        context.tell("all slices of the samples are delivered")
        return
    for delivery in load.deliver(url, done):
        context.tell(f"delivered slice {done}: {delivery.new:,} new of {delivery.offered:,} rows into {delivery.table}")


def _next(url: str) -> str:
    left = samples.slices() - load.delivered(url)
    return f"`observatory demo --append` delivers the next of {left} slices" if left else "no slice is left"
