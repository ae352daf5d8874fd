"""The envelope around rows as they arrive; that its checksum is PostgreSQL's is an integration test."""

from __future__ import annotations

import hashlib

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakehouse.bronze.envelope import checksum, envelope, record_hash
from lakehouse.tables.bronze import ENVELOPE
from tests.support.frames import assert_same, at, frame, typed

READ = typed(
    **{"a b": "STRING", "n": "BIGINT", "_source_key": "STRING", "_event_us": "BIGINT", "_source_xmin": "BIGINT"}
)
TEN_US = 1_748_944_800_000_000  # 2025-06-03 10:00 UTC


def sha(*parts: str) -> str:
    """Hash of a record, by Python's own hash."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def test_rows_are_kept_and_enveloped(spark: SparkSession) -> None:
    """Odd column names survive; no event time stays none."""
    rows = [
        {"a b": "é", "n": 1, "_source_key": "k1", "_event_us": TEN_US + 123_456, "_source_xmin": 740},
        {"a b": "", "n": None, "_source_key": "k2"},
    ]
    batch = {"_source": "gateway", "_batch_id": 7, "_ingested_at": at("2025-06-04T00:00:00")}
    expected = [
        batch
        | {"a b": "é", "n": 1, "_source_key": "k1", "_event_at": at("2025-06-03T10:00:00.123456"), "_source_xmin": 740}
        | {"_record_hash": sha("é", "1")},
        batch | {"a b": "", "_source_key": "k2", "_record_hash": sha("", "\x00")},
    ]
    actual = envelope(frame(spark, READ, rows), ["a b", "n"], "gateway", 7, at("2025-06-04T00:00:00"))
    assert_same(actual, (*READ[:2], *ENVELOPE), expected, key=["_source_key"])


def test_hash_tells_null_from_empty_and_one_column_from_the_next(spark: SparkSession) -> None:
    """Only equal rows have equal hashes."""
    texts = [(None, None), ("", None), (None, ""), ("", ""), ("ab", "c"), ("a", "bc"), ("abc", ""), ("", "abc")]
    rows = frame(spark, typed(x="STRING", y="STRING"), [{"x": x, "y": y} for x, y in texts])
    assert len({row[0] for row in rows.select(record_hash(["x", "y"])).collect()}) == len(texts)


def test_checksum_is_the_sum_of_sixty_bits_of_md5(spark: SparkSession) -> None:
    """Over key, event time and row version, in any order of rows; of no rows it is 0."""
    facts = [("k1", TEN_US, 740), ("k2", None, None), ("é|", TEN_US, None), (None, -1, 2**31)]
    texts = ["|".join("" if part is None else str(part) for part in fact) for fact in facts]
    expected = sum(int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:15], 16) for text in texts)
    names = ("_source_key", "_event_us", "_source_xmin")
    rows = frame(spark, READ, [dict(zip(names, fact, strict=True)) for fact in facts])
    enveloped = envelope(rows, ["n"], "gateway", 7, at("2025-06-04T00:00:00"))
    assert enveloped.select(checksum()).collect()[0][0] == str(expected)
    assert enveloped.where(F.lit(False)).select(checksum()).collect()[0][0] == "0"
