"""`observatory validate`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from jobs.aggregate import accept_rebuilt
from jobs.context import JobContext
from jobs.gates.bronze import judge_arrived
from jobs.refine import publish_judged

Layer = Literal["bronze", "silver", "gold"]


def validate(context: JobContext, layer: Layer) -> None:
    """Judge a layer; silver is published when it passes, gold is taken back when it fails.

    Raises:
        DataGateError: A critical rule failed; the message names rule, table, count and share.
    """
    tasks: dict[Layer, Callable[[JobContext], object]] = {
        "bronze": judge_arrived,
        "silver": publish_judged,
        "gold": accept_rebuilt,
    }
    tasks[layer](context)
