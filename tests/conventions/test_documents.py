"""What the documents say can be followed: links, commands, settings, exit codes."""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml

import lakehouse.errors
from jobs.cli import app
from lakehouse.config import Settings, load_settings
from lakehouse.pricing.contracts import read_contracts
from lakehouse.sources.litellm.mapping import FILLED_BY
from lakehouse.sources.litellm.schema import REQUIRED
from lakehouse.sources.mapped import DERIVED
from lakehouse.sql.loader import load_views

ROOT = Path(__file__).parents[2]
HIDDEN = {".venv", ".observatory", ".git", "node_modules"}
DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {part for part in path.relative_to(ROOT).parts if part in HIDDEN or part.startswith(".pytest")}
)
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]+)?\)")
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Code blocks of one language with the document's name, their indentation taken off."""
    for path in DOCUMENTS:
        for indent, found, text in BLOCK.findall(path.read_text(encoding="utf-8")):
            if found == language:
                yield path.name, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)


def commands() -> Iterator[str]:
    """Every call of `observatory` in a shell block, without comments."""
    for _, text in blocks("bash"):
        for line in text.splitlines():
            if call := re.search(r"\bobservatory (.+)", line):
                yield call[1]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Relative links name files and folders that exist."""
    links = [target for target, _ in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in links if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_commands_parse(line: str) -> None:
    """The command line takes every command that a document shows."""
    command, words = typer.main.get_command(app), shlex.split(line, comments=True)
    context = command.make_context("observatory", [], resilient_parsing=True)
    while hasattr(command, "resolve_command"):
        _, command, words = command.resolve_command(context, words)
    assert command is not None
    command.make_context(line, words, parent=context)


@pytest.mark.parametrize(("where", "text"), blocks("toml"))
def test_settings_load(where: str, text: str, tmp_path: Path) -> None:
    """Every block of TOML is a settings file, or one of contract prices."""
    file = tmp_path / "observatory.toml"
    file.write_text(text)
    if "rate" in tomllib.loads(text):
        assert read_contracts(file), where
    else:
        assert load_settings(file).sources, where


@pytest.mark.parametrize("file", sorted((ROOT / "infra/config").glob("*.toml")), ids=lambda file: file.name)
def test_example_settings_load(file: Path) -> None:
    """Each example is valid, has sources, and takes its secrets by name only."""
    settings = load_settings(file)
    assert settings.sources
    assert "://" not in re.sub(r"#.*", "", file.read_text())


def test_example_environment_is_valid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`.env.example` sets real settings, the URL of each example that reads one, and an existing settings file."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    ours = {name for name in values if name.startswith("OBSERVATORY_")} - {"OBSERVATORY_CONFIG"}
    assert ours <= {f"OBSERVATORY_{key.upper()}" for key in Settings.model_fields}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(ROOT / os.environ["OBSERVATORY_CONFIG"])
    assert {source.url_env for source in settings.sources} <= set(values)
    assert settings.driver_memory == values["OBSERVATORY_DRIVER_MEMORY"]


def test_exit_codes_are_those_of_the_errors() -> None:
    """The README's table and the error tree name the same codes."""
    classes = [value for value in vars(lakehouse.errors).values() if isinstance(value, type)]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {int(code) for code in re.findall(r"^\| (\d) \|", readme, re.MULTILINE)} == {
        0, *(kind.exit_code for kind in classes if issubclass(kind, lakehouse.errors.ObservatoryError))
    }  # fmt: skip


def _rows(path: str) -> dict[str, str]:
    """Lines of a document's tables whose first cell is a name: that name and the second cell."""
    found: list[tuple[str, str]] = re.findall(
        r"^\| (`[^|]+) \| ([^|]*) \|", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: text for cell, text in found for name in re.findall(r"`(\w+)`", cell)}


def test_views_are_listed_by_subject() -> None:
    """The quickstart names every view, under its subject."""
    rows = re.findall(r"^\| (\w+) \| (`.+`) \|$", (ROOT / "docs/quickstart.md").read_text(), re.MULTILINE)
    listed = {name: subject for subject, names in rows for name in re.findall(r"`(\w+)`", names)}
    assert listed == {view.name: view.subject for view in load_views()}


def test_litellm_mapping_is_documented() -> None:
    """The field-by-field table names the columns that the mapping reads, and the required ones are named."""
    rows = _rows("lakehouse/sources/litellm/README.md")
    assert {name: tuple(re.findall(r"`(\w+)`", text)) for name, text in rows.items()} == FILLED_BY
    text = (ROOT / "lakehouse/sources/litellm/README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in REQUIRED)


def test_derived_columns_are_documented() -> None:
    """What a mapped table gets without a mapping stands in its README."""
    assert set(_rows("lakehouse/sources/table/README.md")) == set(DERIVED)


@pytest.mark.parametrize("file", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda file: file.name)
def test_github_files_are_yaml(file: Path) -> None:
    """They parse; actions are pinned by commit, and a workflow may only read."""
    text = file.read_text(encoding="utf-8")
    parsed = yaml.safe_load(text)
    assert parsed["name"]
    assert re.findall(r"uses: \S+@(?![0-9a-f]{40}\b)\S+", text) == []
    if file.parent.name == "workflows":
        assert parsed["permissions"] == {"contents": "read"}
