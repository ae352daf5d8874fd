"""Who may import whom: lakehouse ← quality ← jobs, pure parts without Spark, transforms without edges."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import files, imports, module_of, name_of

MODULES = files(".py", "lakehouse", "quality", "jobs")

# Modules → what none of them may import, and why.
FORBIDDEN: dict[str, tuple[str, str]] = {
    r"lakehouse\b": (r"quality\b|jobs\b", "the model knows neither its rules nor its runs"),
    r"quality\b": (r"jobs\b", "rules know no runs"),
    r"lakehouse\.(tables(?!\.struct)|analyses|sql\.loader|window|errors|config)\b": (
        r"pyspark|delta|lakehouse\.io",
        "the app and the command line read definitions without Spark",
    ),
    r"lakehouse\.(sources\.\w+\.mapping|bronze|silver|gold|pricing\.cost)\b": (
        r"lakehouse\.(io|config)|pyspark\.sql\.SparkSession|datetime\.datetime\.now",
        "a transform takes frames and gives frames",
    ),
    r"lakehouse\.bronze\b": (r"lakehouse\.(sources|silver|gold|pricing)", "layers meet in tables"),
    r"lakehouse\.silver\b": (r"lakehouse\.(sources|bronze|gold|pricing)", "layers meet in tables"),
    r"lakehouse\.gold\b": (r"lakehouse\.(sources|bronze|silver|pricing)", "layers meet in tables"),
    r"lakehouse\.sources\b": (r"lakehouse\.(bronze|silver|gold|pricing|io)", "a source knows only its own rows"),
    r"quality(?!\.gate)\b": (
        r"lakehouse\.(?!tables|errors|expressions|io\.write|config\.explain)",
        "rules need definitions, errors, expressions and a writer",
    ),
}


def test_every_rule_is_about_some_module() -> None:
    """A renamed module must not slip out of its rule."""
    names = [module_of(path) for path in MODULES]
    assert [rule for rule in FORBIDDEN if not any(re.match(rule, name) for name in names)] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports(path: Path) -> None:
    """Also within functions and for types only."""
    rules = [rule for module, rule in FORBIDDEN.items() if re.match(module, module_of(path))]
    broken = {name: why for forbidden, why in rules for name in imports(path) if re.match(forbidden, name)}
    assert broken == {}


def test_nobody_else_imports_jobs() -> None:
    """Notebooks and what is deployed beside the wheel are clients of lakehouse and quality."""
    clients = files(".py", "notebooks", "infra")
    assert [name_of(path) for path in clients for name in imports(path) if name.split(".")[0] == "jobs"] == []


@pytest.mark.parametrize(
    "module",
    ["lakehouse", "lakehouse.tables", "lakehouse.sql.loader", "lakehouse.window", "lakehouse.config", "jobs.cli"],
)
def test_no_spark_is_loaded_by(module: str) -> None:
    """Nor through what it imports."""
    script = f"import sys, {module}; sys.exit(str(sorted({{'pyspark', 'mlflow', 'pandas'}} & set(sys.modules)) or ''))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False).stderr == "\n"
