"""Deliveries as files: nothing is lost, nothing comes twice, and what is broken is told or held."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs import batches, landing
from jobs.context import JobContext
from jobs.ingest import ingest
from jobs.refine import refine
from jobs.source_check import check
from lakehouse.config import SourceSettings
from lakehouse.errors import ConfigurationError, DataGateError, ReconciliationError
from lakehouse.io.landing import Delivery
from lakehouse.io.write import append_first
from lakehouse.tables import ops
from tests.integration.conftest import OpenLakehouse
from tests.support.cli import write_config
from tests.support.source import rows_of, using

COLUMNS = {
    "started_at": "at",
    "response_model": "model",
    "duration_ms": "try_cast(latency AS DOUBLE) * 1000",
    "input_tokens": "tokens",
    "input_messages": "prompt",
}
FIRST = [
    {"id": "a", "at": "2025-03-01T10:00:00Z", "model": "m", "latency": 1.5, "tokens": 7, "prompt": "secret words"},
    {"id": "b", "at": "2025-03-01T12:30:00+02:00", "model": "m", "latency": 2, "tokens": None, "prompt": None},
]
A, B = "2025-03-01 10:00:00", "2025-03-01 10:30:00"
Deliver = Callable[..., Path]


@pytest.fixture(scope="module")
def lakehouse(open_lakehouse: OpenLakehouse) -> JobContext:
    """One lakehouse; each test reads a source of its own name into it."""
    return open_lakehouse(())


@pytest.fixture
def files(lakehouse: JobContext, tmp_path: Path, request: pytest.FixtureRequest) -> JobContext:
    """The lakehouse with one source that reads JSONL from the test's own folder; what it tells goes to `told`."""
    return with_source(lakehouse, tmp_path, request.node.originalname.removeprefix("test_")[:50])


def with_source(context: JobContext, folder: Path, name: str, **settings: Any) -> JobContext:
    """The same lakehouse with one source of files."""
    mine = {"name": name, "kind": "files", "path": folder, "format": "jsonl", "key": "id", "event_time": "at"}
    source = SourceSettings.model_validate(mine | {"columns": COLUMNS} | settings)
    return using(context, source, lines=[])


def name_of(context: JobContext) -> str:
    """The one source's name."""
    return context.settings.sources[0].name


def jsonl(path: Path, rows: list[Mapping[str, object]], tail: str = "") -> Path:
    """Write lines, then `tail` as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + tail)
    return path


def silver(context: JobContext) -> list[tuple[Any, ...]]:
    """What stands of the source, after refine."""
    refine(context)
    columns = "source_record_id, CAST(started_at AS STRING), response_model, duration_ms, input_tokens"
    where = f"source_name = '{name_of(context)}'"
    return sorted(rows_of(context, f"SELECT {columns} FROM silver.llm_interactions WHERE {where}"))


def deliveries(context: JobContext) -> list[tuple[Any, ...]]:
    """Files with their rows and new rows, as they were read."""
    sql = "SELECT file_name, delivered_count, new_count FROM analytics.deliveries"
    return rows_of(context, f"{sql} WHERE source_name = '{name_of(context)}' ORDER BY batch_id")


def is_conserved(context: JobContext) -> bool:
    """Bronze = silver + quarantine + superseded."""
    found = rows_of(
        context, f"SELECT is_conserved FROM analytics.row_conservation WHERE source_name = '{name_of(context)}'"
    )
    return found == [(True,)]


def quarantine(context: JobContext) -> list[tuple[Any, ...]]:
    """Held rows: key, the rule that the source's README names, columns that could not be read."""
    columns = "source_record_id, failed_rules[0], array_join(cast_failures, ' ')"
    where = f"source_name = '{name_of(context)}'"
    return sorted(rows_of(context, f"SELECT {columns} FROM silver.quarantine WHERE {where}"), key=str)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_formats(lakehouse: JobContext, tmp_path: Path, kind: str) -> None:
    """The same rows of each format are the same attempts; prompts are not read."""
    table = pa.Table.from_pylist(FIRST)
    if kind == "parquet":
        pq.write_table(table, tmp_path / "x.parquet")
    elif kind == "csv":
        lines = [
            "id,at,model,latency,tokens,prompt",
            'a,2025-03-01T10:00:00Z,m,1.5,7,"secret ""words"",\nin two lines"',
        ]
        (tmp_path / "x.csv.gz").write_bytes(gzip.compress("\n".join([*lines, f"b,{FIRST[1]['at']},m,2,,"]).encode()))
    else:
        jsonl(tmp_path / "day=1" / "x.jsonl", [], "\ufeff" + "\r\n\n".join(json.dumps(row) for row in FIRST))
    context = with_source(lakehouse, tmp_path, f"formats_{kind}", format=kind)
    assert ingest(context) == 2
    assert silver(context) == [("a", A, "m", 1500.0, 7), ("b", B, "m", 2000.0, None)]
    assert "prompt" not in context.spark.table(f"bronze.formats_{kind}").columns
    assert ingest(context) == 0
    assert is_conserved(context)


def test_deliveries_that_repeat(files: JobContext, tmp_path: Path) -> None:
    """A file comes again under another name, grown, and with a row changed and changed back."""
    jsonl(tmp_path / "1.jsonl", FIRST)
    assert ingest(files) == 2
    jsonl(tmp_path / "2.jsonl", FIRST)
    jsonl(tmp_path / "1.jsonl", [*FIRST, FIRST[1] | {"id": "c"}])
    assert ingest(files) == 1
    jsonl(tmp_path / "3.jsonl", [FIRST[0] | {"tokens": 8}, FIRST[0] | {"tokens": 8}])
    assert ingest(files) == 1
    assert silver(files)[0][-1] == 8
    jsonl(tmp_path / "4.jsonl", FIRST)
    assert (ingest(files), silver(files)[0][-1]) == (1, 7)
    jsonl(tmp_path / "5.jsonl", FIRST)  # nothing new at all is nothing for the gate to block
    assert (ingest(files), silver(files)[0][-1]) == (0, 7)
    assert deliveries(files) == [
        ("1.jsonl", 2, 2), ("1.jsonl", 3, 1), ("2.jsonl", 2, 0), ("3.jsonl", 2, 1), ("4.jsonl", 2, 1),
        ("5.jsonl", 2, 0),
    ]  # fmt: skip
    held = "SELECT file_name, sum(delivered_count), count_if(is_standing) FROM analytics.delivered_interactions"
    held = f"{held} WHERE source_name = '{name_of(files)}' GROUP BY batch_id, file_name ORDER BY batch_id"
    assert rows_of(files, held) == [
        ("1.jsonl", 2, 2), ("1.jsonl", 3, 3), ("2.jsonl", 2, 2), ("3.jsonl", 2, 0), ("4.jsonl", 2, 2),
        ("5.jsonl", 2, 2),
    ]  # fmt: skip
    assert is_conserved(files)


def test_columns_that_come_and_change_their_name(lakehouse: JobContext, tmp_path: Path) -> None:
    """A delivery without a column has null there; a renamed key is one key by an expression."""
    settings = {"key": "coalesce(id, idx), model", "columns": COLUMNS | {"team_id": "owner_team"}}
    context = with_source(lakehouse, tmp_path, "drift", **settings)
    jsonl(tmp_path / "1.jsonl", [{"idx": 1, "model": "m", "latency": 1}])
    jsonl(tmp_path / "2.jsonl", [{"id": "1", "model": "m", "latency": 1, "owner.team": "x"}])
    assert ingest(context) == 2
    assert [row[0] for row in silver(context)] == ['["1","m"]']
    assert rows_of(context, "SELECT team_id FROM silver.llm_interactions WHERE source_name = 'drift'") == [("x",)]
    assert is_conserved(context)


@pytest.mark.parametrize("content", ["off", "keep"])
def test_rows_that_are_none(lakehouse: JobContext, tmp_path: Path, content: str) -> None:
    """Broken lines, keys that are missing and values of another type are held; the rest is published."""
    glued = json.dumps(FIRST[0] | {"id": "g"}) + json.dumps(FIRST[1] | {"id": "h"})
    bad = [{"at": FIRST[0]["at"]}, FIRST[0] | {"id": "t", "tokens": "many"}]
    jsonl(tmp_path / "1.jsonl", [*FIRST, *bad], f'{glued}\n[1]\n{{"id": "half", "pro')
    context = with_source(lakehouse, tmp_path, f"broken_{content}", content=content)
    assert ingest(context) == 7
    assert [row[0] for row in silver(context)] == ["a", "b"]
    assert quarantine(context) == [("t", "unparsable_value", "input_tokens")] + [(None, "bad_identity", "")] * 4
    lines = rows_of(context, f"SELECT malformed_line FROM bronze.broken_{content} WHERE malformed_line IS NOT NULL")
    assert (glued in {line for (line,) in lines}) == (content == "keep")
    assert ingest(context) == 0
    assert is_conserved(context)


def test_records_with_other_fields(lakehouse: JobContext, tmp_path: Path) -> None:
    """A CSV record with too few or too many fields is no row, nor is one that is cut off within quotes."""
    (tmp_path / "1.csv").write_text('id,at,tokens\na,2025-03-01,7\nb\nc,2025-03-01,1,2\n\nd,"2025')
    context = with_source(lakehouse, tmp_path, "ragged", format="csv", columns={"input_tokens": "tokens"})
    assert ingest(context) == 4
    assert [row[0] for row in silver(context)] == ["a"]
    assert len(quarantine(context)) == 3


def test_files_that_cannot_be_read(files: JobContext, tmp_path: Path) -> None:
    """Each is named, the others are read; repaired, they are read too. An empty one is a delivery of no rows."""
    whole = gzip.compress("\n".join(json.dumps(FIRST[0] | {"id": str(n)}) for n in range(5000)).encode())
    (tmp_path / "1.jsonl.gz").write_bytes(whole[:-100])
    (tmp_path / "2.jsonl").write_bytes("{'id': 1}\n".encode("utf-16"))
    jsonl(tmp_path / "3.jsonl", [{"number": 1}])
    (tmp_path / "4.jsonl").write_bytes(b"")
    jsonl(tmp_path / "5.jsonl", FIRST)
    (tmp_path / "readme.txt").write_text("no delivery")
    (tmp_path / "_6.jsonl").write_text("not yet")
    with pytest.raises(DataGateError) as told:
        ingest(files)
    assert [name in str(told.value) for name in ("1.jsonl.gz", "2.jsonl", "3.jsonl", "4", "5")] == [True] * 3 + [
        False
    ] * 2
    assert deliveries(files) == [("4.jsonl", 0, 0), ("5.jsonl", 2, 2)]
    (tmp_path / "1.jsonl.gz").write_bytes(whole)
    for name in ("2.jsonl", "3.jsonl"):
        (tmp_path / name).unlink()
    assert ingest(files) == 5000
    assert len(silver(files)) == 5002
    assert is_conserved(files)


def test_parquet_that_is_none(lakehouse: JobContext, tmp_path: Path) -> None:
    """Neither by its footer nor by its pages."""
    (tmp_path / "1.parquet").write_bytes(b"PAR1 no parquet PAR1")
    pq.write_table(pa.Table.from_pylist(FIRST), tmp_path / "2.parquet")
    content = (tmp_path / "2.parquet").read_bytes()
    (tmp_path / "2.parquet").write_bytes(content[:4] + b"\xff" * 200 + content[204:])
    context = with_source(lakehouse, tmp_path, "no_parquet", format="parquet")
    with pytest.raises(DataGateError, match=r"1\.parquet cannot be read.*; (2\.parquet|a file)"):
        ingest(context)
    assert deliveries(context) == []
    assert context.spark.table("bronze.no_parquet").count() == 0


def test_other_rows_than_counted(files: JobContext, tmp_path: Path) -> None:
    """Nothing stays of a delivery whose count differs; the next run reads it."""
    jsonl(tmp_path / "1.jsonl", FIRST)
    source = files.sources()[0]
    table = landing.bronze_table(name_of(files), source.columns, "test")
    landing.provision_table(files.spark, files.settings, table)
    delivery = Delivery(tmp_path, "1.jsonl", "jsonl")
    delivery.__dict__["rows"] = 3  # as if a line had gone on the way
    with pytest.raises(ReconciliationError, match=r"1\.jsonl has 3 rows, 2 arrived"):
        landing._land(landing.Landing(files, source, table), delivery)
    assert files.spark.table(table.full_name).count() == 0
    assert (deliveries(files), ingest(files)) == ([], 2)


def test_a_run_that_was_killed(files: JobContext, tmp_path: Path) -> None:
    """What was appended without being recorded is taken back, in both tables, and read again."""
    jsonl(tmp_path / "1.jsonl", FIRST)
    assert ingest(files) == 2
    bronze, delivered = files.spark.table(f"bronze.{name_of(files)}"), files.spark.table(ops.DELIVERED_ROW.full_name)
    before = (bronze.count(), delivered.count())
    table = landing.bronze_table(name_of(files), files.sources()[0].columns, "test")
    unrecorded = batches.next_batch_id(files.spark, files.now())
    append_first(delivered.limit(1), ops.DELIVERED_ROW, {"batch_id": unrecorded})
    append_first(bronze.limit(1), table, {"batch_id": unrecorded})
    assert ingest(files) == 0
    counts = files.spark.table(table.full_name).count(), files.spark.table(ops.DELIVERED_ROW.full_name).count()
    assert counts == before


def test_backfill_reads_a_new_column(lakehouse: JobContext, tmp_path: Path) -> None:
    """Only where the mapping has a new column does reading everything again change a row."""
    jsonl(tmp_path / "1.jsonl", [row | {"owner": "x"} for row in FIRST])
    context = with_source(lakehouse, tmp_path, "again")
    source = context.sources()[0]
    assert (landing.land(context, source), landing.land(context, source, again=True)) == (2, 0)
    silver(context)
    context = with_source(lakehouse, tmp_path, "again", columns=COLUMNS | {"team_id": "owner"})
    source = context.sources()[0]
    assert (landing.land(context, source), landing.land(context, source, again=True)) == (0, 2)
    silver(context)
    assert rows_of(context, "SELECT DISTINCT team_id FROM silver.llm_interactions WHERE source_name = 'again'") == [
        ("x",)
    ]
    assert is_conserved(context)


def test_settings_that_do_not_serve(lakehouse: JobContext, tmp_path: Path) -> None:
    """A folder that is not there, a key or time that is no SQL or no column's name."""
    jsonl(tmp_path / "1.jsonl", FIRST)
    wrong = [
        (tmp_path / "nowhere", {}, "no folder"),
        (tmp_path, {"key": "id +"}, "key of"),
        (tmp_path, {"event_time": "at +"}, "event_time of"),
        (tmp_path, {"event_time": "no_such_function(at)"}, "key or event_time"),
    ]
    for folder, settings, message in wrong:
        with pytest.raises(ConfigurationError, match=message):
            ingest(with_source(lakehouse, folder, "wrong", **settings))


def test_source_check(files: JobContext, tmp_path: Path) -> None:
    """Shows how the newest file would be filled and writes nothing."""
    jsonl(tmp_path / "1.jsonl", FIRST)
    config = write_config(tmp_path / "settings.toml", files.settings.sources[0])
    text = check(config, None, name_of(files))
    assert "2 of 2 rows of 1.jsonl" in text
    assert "not read: prompt" in text
    assert "key id: unique" in text
    assert "input_tokens                    50.0% tokens, such as '7'" in text
