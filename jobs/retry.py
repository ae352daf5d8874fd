"""Tries again what failed for reasons that pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from lakehouse.errors import TransientError

T = TypeVar("T")
WAITS_S = (1.0, 4.0, 15.0)  # a restart of the source or of a proxy; what lasts longer is left to the scheduler


def with_retries(work: Callable[[], T], tell: Callable[[str], None], sleep: Callable[[float], None] = time.sleep) -> T:
    """Do some work that may be repeated, up to once more for each of `WAITS_S`.

    Args:
        work: Leaves nothing half-done when it fails.
        tell: Takes a line for every failure that is followed by another try.
        sleep: Waits, in seconds.

    Raises:
        TransientError: The last try failed too.
    """
    for wait in WAITS_S:
        try:
            return work()
        except TransientError as error:
            tell(f"{error}; trying again in {wait:.0f} s")
            sleep(wait)
    return work()
