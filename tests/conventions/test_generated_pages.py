"""Generated pages say what the code says today, and name only what exists."""

from __future__ import annotations

import pytest

from jobs.reference import ROOT, pages
from jobs.structure import CHANGES
from lakehouse.config import CANONICAL, Settings, SourceSettings

PAGES = pages(ROOT)
CONFIGURATION = PAGES[ROOT / "docs/guides/configuration.md"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_page_is_fresh(path: object) -> None:
    """`python -m jobs.reference` would change nothing."""
    committed = {page: page.read_text(encoding="utf-8") if page.is_file() else "" for page in PAGES}
    assert committed[path] == PAGES[path], f"{path} is stale: run `uv run python -m jobs.reference`"


@pytest.mark.parametrize("path", sorted({path for _, paths in CHANGES for path in paths}))
def test_where_to_change_what_names_what_exists(path: str) -> None:
    """Whoever follows the table finds the file."""
    assert (ROOT / path).exists()


def test_every_setting_is_documented() -> None:
    """Each key of the settings and of a source has its line, and so has each column that can be mapped."""
    keys = {*Settings.model_fields, *(SourceSettings.model_fields.keys() - {"schema_"}), "schema"}
    assert [key for key in sorted(keys) if f"\n| {key} |" not in CONFIGURATION] == []
    assert [name for name in sorted(CANONICAL) if f"`{name}`" not in CONFIGURATION] == []
