"""The SQL that reads a table, as text; that PostgreSQL understands it is an integration test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lakehouse.sources.relation import NAIVE, ZONED, Relation, bronze_type, literal, plain, quote
from lakehouse.window import TimeWindow
from tests.support.frames import at

WINDOW = TimeWindow(at("2025-06-03T10:00:00"), at("2025-06-03T11:30:00.000001"))
RELATION = Relation("public", "Calls", (plain("id", "text", "Id"),), ("id",), "started", NAIVE)


def test_names_and_texts_are_quoted() -> None:
    """A quote in a name or a text cannot end it."""
    assert quote('we"ird') == '"we""ird"'
    assert literal("it's") == "'it''s'"
    assert replace(RELATION, schema='s"', table="T").name == '"s"""."T"'


@pytest.mark.parametrize(
    ("data_type", "kind", "sql"),
    [
        ("integer", "BIGINT", '("x")::bigint'),
        ("double precision", "DOUBLE", '("x")::double precision'),
        ("boolean", "BOOLEAN", '("x")::boolean'),
        ("numeric", "STRING", '("x")::text'),
        ("jsonb", "STRING", '("x")::text'),
        ("uuid", "STRING", '("x")::text'),
    ],
)
def test_numbers_stay_exact_and_the_rest_travels_as_text(data_type: str, kind: str, sql: str) -> None:
    """A numeric is exact as text only."""
    selected = plain("x", data_type, "X")
    assert (bronze_type(data_type), selected.column.type, selected.sql) == (kind, kind, sql)


def test_zone_counts_for_timestamps_without_one_only() -> None:
    """And UTC needs no words."""
    assert plain("t", NAIVE, "T", "Asia/Kolkata").sql == """("t" AT TIME ZONE 'Asia/Kolkata')::text"""
    assert plain("t", ZONED, "T", "Asia/Kolkata").sql == '("t")::text'
    assert plain("t", NAIVE, "T", "UTC").sql == '("t")::text'


def test_window_of_a_naive_time_in_utc_leaves_the_column_bare() -> None:
    """So that its index serves; half-open, to the microsecond."""
    low, high = "'2025-06-03 10:00:00.000000'::timestamp", "'2025-06-03 11:30:00.000001'::timestamp"
    assert RELATION.where(WINDOW) == f'("started" >= {low} AND "started" < {high})'


def test_window_of_other_times_is_one_of_instants() -> None:
    """In the source's zone where the column has none."""
    low, high = "'2025-06-03 10:00:00.000000+00'::timestamptz", "'2025-06-03 11:30:00.000001+00'::timestamptz"
    zoned = replace(RELATION, event_type=ZONED)
    assert zoned.where(WINDOW) == f'("started" >= {low} AND "started" < {high})'
    day = replace(RELATION, event_type="date", zone="Asia/Kolkata")
    instant = """("started"::timestamp AT TIME ZONE 'Asia/Kolkata')"""
    assert day.where(WINDOW) == f"({instant} >= {low} AND {instant} < {high})"


def test_rows_without_an_event_time_are_a_window_of_their_own() -> None:
    """±infinity is no time, nor is a year that Python cannot hold; an index on the column serves."""
    outside = """"started" < '0001-01-02' OR "started" >= '9999-12-31'"""
    assert RELATION.where(None) == f'("started" IS NULL OR {outside})'


def test_key_of_several_columns() -> None:
    """One text; of one column it is that column's."""
    assert RELATION.key_sql == '"id"::text'
    both = '"a"::text, "b c"::text'
    several = f"CASE WHEN num_nonnulls({both}) > 0 THEN ROW({both})::text END"
    assert replace(RELATION, key=("a", "b c")).key_sql == several


def test_view_has_no_row_version() -> None:
    """Xmin is a table's."""
    assert RELATION.xmin_sql == "xmin::text::bigint"
    assert replace(RELATION, has_xmin=False).xmin_sql == "NULL::bigint"
