"""The committed views as files; that they run is an integration test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lakehouse.sql
from lakehouse.sql.loader import View, load_views

FILES = sorted((Path(lakehouse.sql.__file__).parent / "views").glob("*/*.sql"))


def test_every_file_is_loaded_once_in_an_order_that_can_be_created() -> None:
    """A view comes after those that it reads."""
    views = load_views()
    assert sorted((v.subject, v.name) for v in views) == [(f.parent.name, f.stem) for f in FILES]
    place = {view.name: i for i, view in enumerate(views)}
    assert all(place[used] < place[view.name] for view in views for used in view.uses)


def test_uses_are_read_from_the_statement() -> None:
    """Not itself, each once."""
    text = "CREATE OR REPLACE VIEW analytics.a AS SELECT 1 FROM Analytics.b JOIN analytics.c JOIN analytics.b"
    assert View("a", "cost", text).uses == {"b", "c"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_file_is_one_statement_that_says_what_it_gives(file: Path) -> None:
    """Named as the file, with a header comment, a comment on the view, and two-part names without parameters."""
    text = file.read_text()
    assert text.startswith("-- ")
    assert re.search(rf"^CREATE OR REPLACE VIEW analytics\.{file.stem} \($", text, re.MULTILINE)
    assert re.search(r"^COMMENT 'One row per .+'$", text, re.MULTILINE)
    assert ";" not in re.sub(r"--.*|'[^']*'", "", text)
    assert not re.search(r"\$\{|\{\{|(?<![:\w]):[a-z]", re.sub(r"--.*|'[^']*'", "", text))
    read = set(re.findall(r"(?:FROM|JOIN)\s+(\w+\.\w+)", text))
    assert read, "reads no table"
    assert all(name.split(".")[0] in ("silver", "gold", "ops", "analytics") for name in read)
