"""`observatory validate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from jobs.aggregate import accept_rebuilt
from jobs.context import JobContext
from jobs.gates.bronze import judge_arrived
from jobs.quarantine import finish_releases
from jobs.refine import publish_judged
from lakehouse.config import Settings
from quality.loader import load_suites

Layer = Literal["bronze", "silver", "gold"]


def validate(context: JobContext, layer: Layer) -> None:
    """Judge a layer; silver is published when it passes, gold is taken back when it fails.

    Raises:
        DataGateError: A critical rule failed; the message names rule, table, count and share.
    """
    tasks: dict[Layer, Callable[[JobContext], object]] = {
        "bronze": judge_arrived,
        "silver": _silver,
        "gold": accept_rebuilt,
    }
    tasks[layer](context)


def _silver(context: JobContext) -> None:
    publish_judged(context)
    finish_releases(context)


def export_suites(settings: Settings, folder: Path) -> str:
    """Write the suites for stock Great Expectations; gives what a person needs to know.

    Raises:
        ConfigurationError: The folder cannot be written.
    """
    from quality.export import export

    suites = load_suites()
    left_out = export(suites, folder, settings.quality_parameters)
    told = f"{len(suites)} suites in {folder.resolve()}"
    return f"{told}; left out, as only a run knows their bounds: {', '.join(left_out)}"
