"""Rules of bronze: what ops.batch says about a delivery, and the envelope of its rows."""

from __future__ import annotations

from datetime import timedelta

from lakehouse.tables.bronze import ENVELOPE
from lakehouse.tables.ops import BATCH
from quality.loader import load_suite
from tests.support.frames import at, typed
from tests.support.rules.model import Case, Fixture

READ = at("2025-06-03T10:00:00")
DELIVERY = {
    "batch_id": 1, "source_name": "s", "rows_source": 10, "rows_read": 10, "rows_written": 10, "checksum_source": "c",
    "checksum_read": "c", "schema_fingerprint": "f", "previous_fingerprint": "f",
}  # fmt: skip

BATCHES = Fixture(
    suite=load_suite("bronze.batch"),
    columns=[*BATCH.columns, *typed(previous_fingerprint="STRING")],
    good=DELIVERY,
    clean=Case([{}, {"batch_id": 2}]),
    rows={
        "rows_complete": ([{"rows_read": 9}, {"rows_read": 11}, {"rows_source": None}], [{}]),
        "checksum_equal": ([{"checksum_read": "d"}, {"checksum_read": None}], [{}]),
        "rows_written_possible": ([{"rows_written": 11}, {"rows_written": -1}], [{"rows_written": 0}, {}]),
        "schema_unchanged": (
            [{"previous_fingerprint": "g"}],
            [{}, {"previous_fingerprint": None}, {"schema_fingerprint": None}],
        ),
    },
    tables={
        "batches_there": [Case([])],
        "read_again_share": [Case([{"rows_written": 2}])],
    },
)

ROW = {
    "_source": "s", "_source_key": "k", "_event_at": READ, "_batch_id": 1, "_ingested_at": READ,
    "_record_hash": "0123456789abcdef" * 4,
}  # fmt: skip
KEYS = [{"_source_key": f"k{i}"} for i in range(100)]

ENVELOPES = Fixture(
    suite=load_suite("bronze.source"),
    columns=ENVELOPE,
    good=ROW,
    clean=Case(KEYS, {"rows_written": 100}),
    rows={
        "envelope_whole": (
            [{name: None} for name in ("_source", "_batch_id", "_ingested_at", "_record_hash")],
            [{"_source_key": None, "_event_at": None}],
        ),
        "hash_is_one": ([{"_record_hash": "0" * 63}, {"_record_hash": "g" * 64}], [{}]),
        "event_not_ahead": (
            [{"_event_at": READ + timedelta(days=1, microseconds=1)}],
            [{"_event_at": READ + timedelta(days=1)}, {"_event_at": None}],
        ),
    },
    tables={
        "rows_there": [Case([], {"rows_written": 0})],
        "rows_as_recorded": [Case(KEYS[:99]), Case([*KEYS, *KEYS[:1]])],
        "duplicate_share": [Case([*KEYS, *KEYS[:20]], {"rows_written": 120})],
    },
)
