"""docs/REPOSITORY_STRUCTURE.md: what lies where, in each file's own words, and what to change where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOTS = ("lakehouse", "quality", "jobs", "infra", "notebooks", "docs", "tests", ".github", ".ci")
GENERATED = ("__pycache__", "build", "dist")
LISTED = {".py", ".sql", ".yml", ".toml", ".md", ""}
COMMENT = {".sql": "--", ".yml": "#", ".toml": "#", "": "#"}

# What somebody wants to change → where. Every path must exist; a test sees to it.
CHANGES = (
    ("a column's name, type, unit or meaning", ("lakehouse/tables/columns.py",)),
    ("which columns a table has, its key or grain", ("lakehouse/tables/silver.py", "lakehouse/tables/gold.py")),
    ("what is read from LiteLLM", ("lakehouse/sources/litellm/schema.py", "lakehouse/sources/litellm/mapping.py")),
    ("a new kind of source", ("lakehouse/sources/base.py", "lakehouse/sources/registry.py", "lakehouse/config.py")),
    ("how a source is read: windows, snapshot, checks", ("jobs/ingest.py", "lakehouse/io/extract.py")),
    ("a rule of quality, or its threshold", ("quality/suites", "docs/DATA_QUALITY.md")),
    ("how errors are classified", ("lakehouse/analyses/errors.py",)),
    ("what is masked in texts", ("lakehouse/silver/masking.py",)),
    ("which version of a row stands", ("lakehouse/silver/versions.py", "lakehouse/silver/supersede.py")),
    ("how a model's spelling is matched to a price", ("lakehouse/pricing/match.py",)),
    ("how a cost is computed", ("lakehouse/pricing/cost.py",)),
    ("where prices come from, and their history", ("lakehouse/pricing/catalog.py", "lakehouse/pricing/history.py")),
    ("how a month is forecast", ("lakehouse/analyses/forecast.py",)),
    ("what a receipt shows", ("jobs/explain.py", "lakehouse/sql/pinned.py")),
    ("a measure of gold", ("lakehouse/tables/gold.py", "lakehouse/gold/usage.py")),
    ("a view", ("lakehouse/sql/views",)),
    ("when an alert opens", ("lakehouse/sql/alerts",)),
    ("the tasks of a run and their order", ("infra/resources/pipeline.job.yml",)),
    ("what is deployed to Databricks", ("databricks.yml", "infra/resources")),
    ("how the bundle is judged", ("jobs/bundle",)),
    ("a command or an option", ("jobs/cli",)),
    ("a setting", ("lakehouse/config.py", "infra/config")),
    ("an exit code", ("lakehouse/errors.py",)),
    ("Spark's settings or versions of its packages", ("lakehouse/io/session.py",)),
    ("versions of Python packages", ("pyproject.toml",)),
    ("the demo's data or tables", ("jobs/samples/README.md", "jobs/demo/samples.py")),
    ("synthetic traffic", ("jobs/simulate/shapes.json", "jobs/simulate/requests.py")),
    ("this page or another generated one", ("jobs/reference.py", "jobs/structure.py")),
)
HEAD = """\
# Repository structure

<!-- Generated from the tree by `python -m jobs.reference`; each line is the first one of the file it stands for. -->

Imports go one way: `lakehouse` ← `quality` ← `jobs`; nobody imports `jobs`. Tests mirror the tree: what
`lakehouse/gold/usage.py` does is tested in `tests/unit/lakehouse/gold/` or `tests/integration/lakehouse/gold/`.

## Where do I change what

| what | where |
| --- | --- |
"""


def repository_structure(root: Path) -> str:
    """Write the page for the checkout at `root`."""
    changes = [f"| {what} | {', '.join(f'`{path}`' for path in paths)} |" for what, paths in CHANGES]
    folders = [folder for name in ROOTS if (root / name).is_dir() for folder in _folders(root / name)]
    return HEAD + "\n".join(changes) + "\n" + "".join(_section(root, folder) for folder in folders)


def _folders(top: Path) -> Iterator[Path]:
    """The folder and all below it, in order; of the tests the first two levels, since the rest mirrors the tree."""
    yield top
    for path in sorted(top.rglob("*")):
        depth = len(path.relative_to(top).parts)
        if path.is_dir() and not set(path.parts) & set(GENERATED) and (top.name != "tests" or depth == 1):
            yield path


def _section(root: Path, folder: Path) -> str:
    """Heading, purpose and files of a folder; empty where it holds none of its own."""
    files = [path for path in sorted(folder.iterdir()) if path.suffix in LISTED and path.is_file() and summary(path)]
    named = [path for path in files if path.name != "__init__.py"]
    if not files:
        return ""
    title = f"\n## `{folder.relative_to(root)}/`\n"
    purpose = [f"\n{summary(folder / '__init__.py')}\n"] if folder / "__init__.py" in files else []
    lines = [f"| `{path.name}` | {cell(summary(path))} |\n" for path in named]
    return "".join([title, *purpose, *(["\n| file | what it is |\n| --- | --- |\n"] if lines else []), *lines])


def summary(path: Path) -> str:
    """First line of a file that says what it is: docstring, comment or heading; '' where it has none."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    if path.suffix == ".md":
        return next((line.lstrip("# ") for line in text.splitlines() if line.startswith("#")), "")
    comment = re.escape(COMMENT[path.suffix])
    found = re.search(rf"^{comment}(?!!)\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def cell(text: str) -> str:
    """Write a text into a cell of a Markdown table."""
    return text.replace("|", "\\|")
