"""One run at a time on one lakehouse, told across processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lakehouse.errors import LockedError
from lakehouse.io.lock import lakehouse_lock

HOLD = """
import sys
from pathlib import Path
from lakehouse.io.lock import lakehouse_lock
with lakehouse_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_process_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    """Until the first ends, however it ends."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        message = f"another run \\(process {holder.pid}\\) works on {tmp_path}; wait"
        with pytest.raises(LockedError, match=message) as caught, lakehouse_lock(tmp_path):
            pass
        assert caught.value.exit_code == 6
        holder.kill()
    with lakehouse_lock(tmp_path):
        pass


def test_it_is_free_after_an_error(tmp_path: Path) -> None:
    """And two lakehouses have a lock each."""
    (tmp_path / "other").mkdir()
    with pytest.raises(KeyError), lakehouse_lock(tmp_path):
        raise KeyError
    with lakehouse_lock(tmp_path), lakehouse_lock(tmp_path / "other"):
        pass
