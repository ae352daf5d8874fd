"""The wheel as a user gets it: built, installed without extras in a clean environment, and started."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
UV = os.environ.get("UV") or shutil.which("uv") or "uv"  # `uv run` says where it is
MAIN = "import sys, jobs.cli; sys.argv = ['observatory', '--help']; jobs.cli.main()"


def test_wheel_holds_what_the_commands_read_and_starts_without_spark(tmp_path: Path) -> None:
    """SQL, suites, samples, templates and the job file ride along; --help needs neither Spark nor a second."""
    subprocess.run([UV, "build", "--wheel", "--quiet", "--out-dir", str(tmp_path), str(ROOT)], check=True)
    wheel = next(tmp_path.glob("*.whl"))
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "jobs/pipeline.job.yml" in names
    for folder, suffix in (("lakehouse/sql/views", ".sql"), ("quality/suites", ".yml"), ("jobs/samples", ".gz")):
        packed = {name for name in names if name.startswith(folder) and name.endswith(suffix)}
        assert packed == {str(p.relative_to(ROOT)) for p in (ROOT / folder).rglob(f"*{suffix}")}

    clean = tmp_path / "clean"
    python = clean / "bin" / "python"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, str(clean)], check=True)
    subprocess.run([UV, "pip", "install", "--quiet", "--python", str(python), str(wheel)], check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
    seconds = []
    for _ in range(4):  # the first one compiles the modules; of the others noise only adds
        began = time.monotonic()
        run = [str(python), "-X", "importtime", "-c", MAIN]
        shown = subprocess.run(run, check=True, capture_output=True, text=True, env=environment, cwd=tmp_path)
        seconds.append(time.monotonic() - began)
        assert "demo" in shown.stdout
        assert "pyspark" not in shown.stderr
    assert min(seconds) < 1, seconds
