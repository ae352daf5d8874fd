"""One run at a time on one local lakehouse; on Databricks a lease does it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakehouse.errors import LockedError


@contextmanager
def lakehouse_lock(home: Path) -> Iterator[None]:
    """Hold the lakehouse's lock; the system frees it when the process ends, however it ends.

    Raises:
        LockedError: Another process holds it.
    """
    import fcntl  # not on Windows, where the session factory has said so

    with (home / ".lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise LockedError(f"another run (process {holder}) works on {home}; wait for it to end") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
