"""The page of the tree tells each file's first line."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.structure import repository_structure, summary


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.py", '"""What it is.\n\nMore."""\n', "What it is."),
        ("b.py", "x = 1\n", ""),
        ("c.sql", "-- Grain: day | model.\nSELECT 1\n", "Grain: day | model."),
        ("d.yml", "name: x\n# Later comment.\n", "Later comment."),
        ("e.md", "\n# Title\n\n## Other\n", "Title"),
        ("run", "#!/bin/sh\n# Does it.\n", "Does it."),
    ],
)
def test_summary(tmp_path: Path, name: str, text: str, line: str) -> None:
    """Docstring, comment or heading, whichever the kind of file has."""
    (tmp_path / name).write_text(text)
    assert summary(tmp_path / name) == line


def test_page_lists_folders_with_their_files(tmp_path: Path) -> None:
    """A package has its purpose, a file its line; caches, data and nameless files are left out."""
    package = tmp_path / "lakehouse" / "gold"
    (package / "__pycache__").mkdir(parents=True)
    (package / "__pycache__" / "x.py").write_text('"""No."""')
    (package / "__init__.py").write_text('"""Gold."""')
    (package / "usage.py").write_text('"""Sums | counts."""')
    (package / "data.json").write_text("{}")
    page = repository_structure(tmp_path)
    assert page.endswith(
        "\n## `lakehouse/gold/`\n\nGold.\n\n| file | what it is |\n| --- | --- |\n| `usage.py` | Sums \\| counts. |\n"
    )
    assert "## `lakehouse/`" not in page
