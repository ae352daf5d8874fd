"""Small, documented, and clean by every tool, without exceptions that nobody can see."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repository import PACKAGES, ROOT, files, name_of, tree

MODULE_LINES, FUNCTION_LINES, SQL_LINES = 250, 30, 80
TEST_LINES = 400  # their cases are data
MODULES = files(".py", *PACKAGES)
Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def public(node: ast.Module | ast.ClassDef, name: str) -> Iterator[tuple[str, Defined]]:
    """Classes, functions and methods that others may use."""
    for child in node.body:
        if isinstance(child, Defined) and not child.name.startswith("_"):
            yield f"{name}.{child.name}", child
            if isinstance(child, ast.ClassDef):
                yield from public(child, f"{name}.{child.name}")


def test_modules_are_short() -> None:
    """One can be read at a sitting."""
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in files(".py")}
    limits = {name: TEST_LINES if name.startswith("tests/") else MODULE_LINES for name in lengths}
    assert {name: n for name, n in lengths.items() if n > limits[name]} == {}


def test_functions_are_short() -> None:
    """They fit on a screen, docstring apart."""
    lengths = {
        f"{name_of(p)}:{f.name}": lines_of(f) for p in files(".py", *PACKAGES, "notebooks") for f in functions(p)
    }
    assert {name: n for name, n in lengths.items() if n > FUNCTION_LINES} == {}


def test_sql_files_are_short() -> None:
    """A longer question is two views."""
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in files(".sql")}
    assert {name: n for name, n in lengths.items() if n > SQL_LINES} == {}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_everything_public_is_documented(path: Path) -> None:
    """A sentence at least, that ends as one."""
    documented = [(name_of(path), tree(path)), *public(tree(path), name_of(path))]
    texts = {name: (ast.get_docstring(node) or "").split("\n\n")[0].strip() for name, node in documented}
    assert {name: text for name, text in texts.items() if not text.endswith((".", ":"))} == {}


def test_suppressions_name_what_they_suppress() -> None:
    """And none is for a whole file."""
    bare = re.compile(r"#\s*noqa(?!: [A-Z]+\d)|#\s*type:\s*ignore(?!\[)|#\s*ruff:\s*noqa|#\s*mypy:|--\s*noqa")
    own = Path(__file__)
    paths = [path for path in (*files(".py"), *files(".sql")) if path != own]
    assert [name_of(path) for path in paths if bare.search(path.read_text())] == []
    assert files(".sqlfluffignore") == []


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["sqlfluff", "lint", *(name_of(path) for path in files(".sql"))],
    ],
    ids=["ruff check", "ruff format", "mypy", "sqlfluff"],
)
def test_tool_finds_nothing(command: list[str]) -> None:
    """With the configuration in pyproject.toml."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
