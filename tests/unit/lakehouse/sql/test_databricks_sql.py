"""SQL that only Databricks runs: what of it can be known without one. It is parsed, and names only what exists."""

from __future__ import annotations

import re

import pytest
import sqlglot
import yaml
from sqlglot import exp

from jobs.bundle.load import load
from lakehouse.sql.loader import load_databricks
from lakehouse.tables import table
from tests.support.repository import ROOT, files

STATEMENTS = load_databricks()
ALTERED = re.compile(r"^ALTER TABLE (\w+\.\w+)(?: ALTER COLUMN (\w+))? SET (TAGS|MASK) ?(.+)$", re.DOTALL)


def test_there_are_statements_of_every_file() -> None:
    """Split at their ends."""
    assert {name for name, _ in STATEMENTS} == {path.stem for path in files(".sql", "lakehouse/sql/databricks")}
    assert all(text and not text.endswith(";") for _, text in STATEMENTS)


@pytest.mark.parametrize(("name", "text"), STATEMENTS)
def test_it_is_one_statement_that_names_what_exists(name: str, text: str) -> None:
    """The parser takes it in Databricks's dialect, where it knows it, else as a command; what it names is real."""
    parsed = sqlglot.parse(text, read="databricks", error_level=sqlglot.ErrorLevel.RAISE)
    assert len(parsed) == 1
    plain = re.sub(r"^--.*\n", "", text, flags=re.MULTILINE)
    assert plain.startswith(("ALTER TABLE ", "CREATE OR REPLACE FUNCTION ", "CREATE OR REPLACE VIEW "))
    if found := ALTERED.match(plain):
        columns = table(found[1]).column_names
        assert found[2] is None or found[2] in columns
        if found[3] == "MASK":
            functions = [t for _, t in STATEMENTS if f"FUNCTION {found[4].strip()}" in t]
            assert len(functions) == 1, "the mask is a function of these files"


def test_masks_are_made_before_they_are_set() -> None:
    """In the order in which they are run."""
    order = [text for _, text in STATEMENTS]
    made = [number for number, text in enumerate(order) if "CREATE OR REPLACE FUNCTION" in text]
    used = [number for number, text in enumerate(order) if "SET MASK" in text]
    assert max(made) < min(used)


def test_metric_views_measure_columns_of_their_source() -> None:
    """Their YAML reads; dimensions are columns; measures are aggregates of columns of the source."""
    found = [text.split("$$")[1] for _, text in STATEMENTS if "WITH METRICS" in text]
    assert found
    for text in map(yaml.safe_load, found):
        columns = set(table(text["source"]).column_names)
        assert {entry["expr"] for entry in text["dimensions"]} <= columns
        for measure in text["measures"]:
            parsed = sqlglot.parse_one(measure["expr"], read="databricks")
            assert list(parsed.find_all(exp.AggFunc)), measure["name"]
            assert {column.name for column in parsed.find_all(exp.Column)} <= columns


def test_grants_of_the_catalog_are_those_of_the_bundle() -> None:
    """The same groups and the same catalog's name."""
    text = (ROOT / "infra/grants/catalog.sql").read_text()
    statements = [s for s in sqlglot.parse(text, read="databricks") if s]
    assert len(statements) == 4
    variables = load(ROOT).tree["variables"]
    groups = {variables[name]["default"] for name in ("engineers", "readers")}
    assert set(re.findall(r"TO `([^`]+)`", text)) == groups | {"service-principal"}
    assert variables["catalog"]["default"].replace("${bundle.target}", "prod") in text
