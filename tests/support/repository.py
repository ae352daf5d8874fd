"""The repository as files, without what git ignores."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("lakehouse", "quality", "jobs")
IGNORED = (".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()))


def is_ignored(name: str) -> bool:
    """Whether git ignores a file or folder of this name."""
    return any(fnmatch(name, pattern) for pattern in IGNORED)


def files(suffix: str = "", *under: str) -> list[Path]:
    """Files of the repository with a suffix, below the given folders or anywhere, in order."""
    folders = [ROOT / folder for folder in under] or [ROOT]
    return sorted(path for folder in folders for path in _walk(folder) if path.name.endswith(suffix))


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_ignored(name)]
        yield from (Path(place) / name for name in names if not is_ignored(name))


def name_of(path: Path) -> str:
    """The path within the repository."""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """The module's dotted name."""
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def tree(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def code(path: Path) -> str:
    """A module's code without comments and docstrings, each expression on one line."""
    parsed = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(parsed):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return ast.unparse(parsed)


def imports(path: Path) -> set[str]:
    """Everything a module imports anywhere in it, as dotted names."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found
