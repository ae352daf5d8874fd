"""A provisioned lakehouse is what the definitions say, and stays so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.context import JobContext
from lakehouse.io.catalog import provision
from lakehouse.sql.loader import load_views
from lakehouse.tables import Table, all_tables
from lakehouse.tables.struct import struct_type


@pytest.fixture(scope="module")
def lakehouse(open_lakehouse: Callable[..., JobContext]) -> JobContext:
    """A new one, without sources."""
    return open_lakehouse(())


def log(lakehouse: JobContext, table: Table) -> Path:
    """The folder in which Delta keeps what a table is."""
    return lakehouse.settings.home / table.layer / table.name / "_delta_log"


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.full_name)
def test_delta_is_as_defined(lakehouse: JobContext, table: Table) -> None:
    """Names, types, nullability and comments in order, the table's comment and clustering: in Delta's own log."""
    lines = (log(lakehouse, table) / f"{0:020}.json").read_text().splitlines()
    actions = {name: action for line in lines for name, action in json.loads(line).items()}
    stored, defined = json.loads(actions["metaData"]["schemaString"]), struct_type(table).jsonValue()
    for field, column in zip(defined["fields"], table.columns, strict=True):
        field["metadata"] = {"comment": column.comment}
    assert stored == defined
    assert actions["metaData"]["description"] == table.grain
    clustering = json.loads(actions.get("domainMetadata", {}).get("configuration", "{}"))
    assert clustering.get("clusteringColumns", []) == [[name] for name in table.cluster_by]


def test_second_provisioning_changes_nothing(lakehouse: JobContext) -> None:
    """No table gets another version."""
    before = {path for table in all_tables() for path in log(lakehouse, table).iterdir()}
    provision(lakehouse.spark, lakehouse.settings)
    assert {path for table in all_tables() for path in log(lakehouse, table).iterdir()} == before


def test_every_view_runs_on_an_empty_lakehouse(lakehouse: JobContext) -> None:
    """All at once, each without a row."""
    names = [view.name for view in load_views()]
    counts = " UNION ALL ".join(f"SELECT '{name}' AS name, COUNT(*) AS n FROM analytics.{name}" for name in names)
    assert dict(lakehouse.spark.sql(counts).collect()) == dict.fromkeys(names, 0)


def test_every_column_of_every_view_is_described(lakehouse: JobContext) -> None:
    """Readers see it where they query."""
    for view in load_views():
        columns = lakehouse.spark.table(f"analytics.{view.name}").schema
        assert not [column.name for column in columns if not column.metadata.get("comment", "").strip()], view.name
