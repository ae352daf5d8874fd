"""Connections, clients and sessions are made in one place each, and nothing is used that Spark Connect lacks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.repository import code, files, name_of, tree

MODULES = files(".py", "lakehouse", "quality", "jobs", "notebooks", "infra")

# What is done in one module only.
ONLY = {
    r"psycopg\.connect\(|psycopg\.Connection\.connect\(|ConnectionPool\(": "lakehouse/io/database.py",
    r"\.format\('jdbc'\)|\.jdbc\(": "lakehouse/io/extract.py",
    r"\bWorkspaceClient\(": "lakehouse/io/workspace.py",
    r"SparkSession\.builder|DatabricksSession|\bconf\.set\(": "lakehouse/io/session.py",
}
# What no module does: Spark Connect, and so serverless, has none of it, or two ways where one is enough.
NEVER = {
    r"\bsparkContext\b|\bSparkContext\b": "no Spark context on Connect",
    r"\.rdd\b|\bparallelize\(": "no RDD on Connect",
    r"\b_j(vm|sc|df|sparkSession)\b": "no JVM on Connect",
    r"\.cache\(\)|\.(un)?persist\(": "not supported on serverless",
    r"\bDeltaTable\b": "MERGE by SQL",
    r"GlobalTempView|global_temp": "not supported on serverless",
    r"\b(localC|c)heckpoint\(|cacheTable|(?i:\bCACHE (LAZY )?TABLE\b)": "not supported on serverless",
    r"\b(processingTime|continuous)=": "streams run only with availableNow there",
    r"\.(addFile|addJar|addArtifacts?|setLogLevel)\(|registerJava|fs\.FileSystem": "no JARs and no JVM on serverless",
    r"(?i)\bUSE CATALOG\b|\bQUALIFY\b|\bCREATE (MATERIALIZED VIEW|STREAMING TABLE)\b": "not in open-source Spark",
    r"\budf\(|@udf|pandas_udf|mapInPandas|applyInPandas": "an expression does it",
    r"\beval\(|\bexec\(|os\.system\(": "code is not data",
}


@pytest.mark.parametrize("pattern", ONLY)
def test_is_done_in_one_module(pattern: str) -> None:
    """And it is done there."""
    found = {name_of(path) for path in MODULES if re.search(pattern, code(path))}
    assert found == {ONLY[pattern]}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_is_never_done(path: Path) -> None:
    """With the reason."""
    text = code(path)
    assert {found[0]: why for pattern, why in NEVER.items() if (found := re.search(pattern, text))} == {}


@pytest.mark.parametrize("path", files(".sql", "lakehouse/sql/views", "lakehouse/sql/alerts"), ids=name_of)
def test_sql_runs_on_both_engines(path: Path) -> None:
    """Nothing that only one of open-source Spark and Databricks knows, nor what both lack (design: one code base)."""
    only_there = (
        r"\b(QUALIFY|USE CATALOG|information_schema|system\.\w+|read_files|ai_query|IS_ACCOUNT_GROUP_MEMBER|MEASURE)\b"
    )
    text = re.sub(r"--.*", "", path.read_text())
    assert re.findall(only_there, text, re.IGNORECASE) == []
    assert re.findall(r"COUNT\(\s*DISTINCT[^()]*\)\s*OVER", text, re.IGNORECASE) == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_sql_takes_no_values_by_markers(path: Path) -> None:
    """`spark.sql` is given one text: Delta leaves `:name` markers unbound, over Connect without cure."""
    calls = [
        node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    marked = [c for c in calls if c.func.attr == "sql" and (len(c.args) != 1 or c.keywords)]  # type: ignore[attr-defined]
    assert [f"line {call.lineno}" for call in marked if "spark" in ast.unparse(call.func)] == []
