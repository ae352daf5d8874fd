"""What lies where, and what stands in no file."""

from __future__ import annotations

import re
from pathlib import Path

from lakehouse.tables.reference import documented, reference
from tests.support.repository import ROOT, files, is_ignored, name_of

TOP = {
    "README.md", "LICENSE", "docs", "notebooks", "jobs", "lakehouse", "quality", "infra", "tests", "databricks.yml",
    "pyproject.toml",
}  # fmt: skip
# Where packages come from is the machine's own setting: a committed address would bind every other machine to it.
ADDRESSES = re.compile(
    r"pypi\.(org|python)|pythonhosted|repo1?\.maven|artifactory|jfrog|/nexus/|npmjs|(extra-)?index-url|find-links"
    r"|\[\[tool\.uv\.index\]\]|/simple\b",
    re.IGNORECASE,
)
BINARY = {".gz", ".png", ".ico", ".woff2", ".parquet"}


def test_top_level_holds_what_it_shall() -> None:
    """And dotfiles; build products are ignored."""
    found = {path.name for path in ROOT.iterdir() if not is_ignored(path.name) and not path.name.startswith(".")}
    assert found <= TOP


def test_no_file_names_a_package_registry() -> None:
    """Neither address nor setting."""
    texts = [path for path in files() if path.suffix not in BINARY and path != Path(__file__)]
    assert [name_of(path) for path in texts if ADDRESSES.search(path.read_text(encoding="utf-8"))] == []


def test_no_file_is_left_half_done() -> None:
    """What is open stands in the issue tracker."""
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [name_of(path) for path in (*files(".py"), *files(".sql")) if marks.search(path.read_text())] == []


def test_tests_mirror_the_tree() -> None:
    """A folder of tests is one of the tree: tests/unit/lakehouse/gold tests lakehouse/gold."""
    folders = {
        path.parent.relative_to(ROOT / "tests" / kind)
        for kind in ("unit", "integration")
        for path in files(".py", f"tests/{kind}")
        if path.name.startswith("test_")
    }
    assert [str(folder) for folder in folders if not (ROOT / folder).is_dir()] == []


def test_names_of_test_modules_are_unique() -> None:
    """Pytest imports them by name alone."""
    names = [path.name for path in files(".py", "tests") if path.name.startswith("test_")]
    assert {name for name in names if names.count(name) > 1} == set()


def test_reference_of_tables_is_fresh() -> None:
    """What the page says is what is defined."""
    page = (ROOT / "docs/reference/tables.md").read_text(encoding="utf-8")
    assert page == reference(documented()), "docs/reference/tables.md is stale: run `python -m jobs.reference`"
