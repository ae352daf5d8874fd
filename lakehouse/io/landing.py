"""Delivered files: which there are, what tells them apart, how many rows each has, and their rows as text."""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TextIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as t

from lakehouse.errors import ConfigurationError, DeliveryError
from lakehouse.sources.files.source import FileSource
from lakehouse.tables.bronze import MALFORMED

ENDINGS = {
    "jsonl": (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"),
    "csv": (".csv", ".csv.gz"),
    "parquet": (".parquet",),
}
BLOCK_BYTES = 1 << 24
A_LINE = re.compile(rb"(?m)^[^\S\n]*\S")  # a line that is not blank, by its first sign
STRICT_JSON = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false"}
CSV = {"header": "true", "multiLine": "true", "quote": '"', "escape": '"', "mode": "PERMISSIVE"}
BROKEN = (OSError, EOFError, zlib.error, csv.Error, UnicodeDecodeError, pa.ArrowException)
csv.field_size_limit(1 << 31)


@dataclass(frozen=True)
class Delivery:
    """One file: its path within the folder names it, its content's hash tells whether it was read."""

    folder: Path
    name: str
    format: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.folder / self.name

    @cached_property
    def stat(self) -> tuple[int, datetime]:
        """Bytes, and when it was last changed."""
        found = self.path.stat()
        return found.st_size, datetime.fromtimestamp(found.st_mtime_ns // 1000 / 1e6, UTC)

    def sha256(self) -> str:
        """SHA-256 of its bytes, as they are now."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def rows(self) -> int:
        """Rows that it has, counted without Spark: lines that are not blank, records of CSV, the count in a footer.

        Raises:
            DeliveryError: It cannot be read to its end.
        """
        with self._legible():
            return {"jsonl": self._lines, "csv": self._records, "parquet": self._footer}[self.format]()

    def found(self, spark: SparkSession) -> dict[str, str]:
        """Columns: the name they have here → the name that they have in the delivery.

        Raises:
            DeliveryError: It cannot be read, or two of its columns would have one name.
        """
        with self._legible():
            names = {"jsonl": self._keys, "csv": self._header, "parquet": self._schema}[self.format](spark)
        found: dict[str, str] = {}
        for name in names:
            plain = re.sub(r"\W", "_", name)
            if plain.lower() in {known.lower() for known in found}:
                raise DeliveryError(f"{self.name}: two columns are called {plain}; rename one")
            found[plain] = name
        return found

    def read(self, spark: SparkSession, wanted: Sequence[str], found: Mapping[str, str], *, keep: bool) -> DataFrame:
        """Its rows: the wanted columns as text, null where it has none, and the line of what is no row.

        Args:
            spark: The session.
            wanted: Names of columns, as `found` has them.
            found: See `found`.
            keep: Whether that line is kept as it is, instead of by its length and hash.

        Raises:
            DeliveryError: Spark cannot read it.
        """
        read = {"jsonl": self._json, "csv": self._csv, "parquet": self._parquet}[self.format]
        with self._legible():
            rows = read(spark, {name: found[name] for name in wanted if name in found}, list(found.values()))
        line = F.col(MALFORMED.name)
        told = F.concat_ws(" ", F.lit("bytes"), F.octet_length(line), F.lit("sha256"), F.sha2(line, 256))
        kept = line if keep else F.when(line.isNotNull(), told)
        missing = F.lit(None).cast("string")
        columns = [F.col(name) if name in rows.columns else missing.alias(name) for name in wanted]
        return rows.select(*columns, kept.alias(MALFORMED.name))

    @contextmanager
    def _legible(self) -> Iterator[None]:
        try:
            yield
        except (*BROKEN, PySparkException) as error:
            reason = str(error).splitlines()[0][:200]
            raise DeliveryError(f"{self.name} cannot be read as {self.format}: {reason}") from error

    def _open(self) -> BinaryIO:
        return cast(BinaryIO, gzip.open(self.path) if self.name.endswith(".gz") else self.path.open("rb"))

    def _text(self) -> TextIO:
        opened = gzip.open if self.name.endswith(".gz") else open
        return cast(TextIO, opened(self.path, "rt", encoding="utf-8-sig", errors="replace", newline=""))

    def _lines(self) -> int:
        with self._open() as file:
            blocks = iter(lambda: file.read(BLOCK_BYTES) + file.readline(), b"")
            return sum(len(A_LINE.findall(block)) for block in blocks)

    def _records(self) -> int:
        with self._text() as file:
            return max(sum(1 for record in csv.reader(file) if record) - 1, 0)

    def _footer(self) -> int:
        return int(pq.read_metadata(self.path).num_rows)

    def _keys(self, spark: SparkSession) -> list[str]:
        keys = F.flatten(F.collect_set(F.json_object_keys("line")))
        return list(_lines_of(spark, self.path).agg(F.array_sort(F.array_distinct(keys))).collect()[0][0])

    def _header(self, spark: SparkSession) -> list[str]:
        with self._text() as file:
            return next((record for record in csv.reader(file) if record), [])

    def _schema(self, spark: SparkSession) -> list[str]:
        return list(pq.read_schema(self.path).names)

    def _json(self, spark: SparkSession, names: Mapping[str, str], every: list[str]) -> DataFrame:
        """Each line must be one object: within brackets, what follows it would make a second element or none."""
        kind = t.ArrayType(t.StructType([t.StructField(name, t.StringType()) for name in names.values()]))
        whole = F.from_json(F.concat(F.lit("["), "line", F.lit("]")), kind, STRICT_JSON)
        parsed = _lines_of(spark, self.path).select("line", whole.alias("_whole"))
        is_row = F.coalesce((F.size("_whole") == 1) & F.col("_whole")[0].isNotNull(), F.lit(False))
        columns = [F.when(is_row, F.col("_whole")[0][actual]).alias(name) for name, actual in names.items()]
        return parsed.select(*columns, F.when(~is_row, F.col("line")).alias(MALFORMED.name))

    def _csv(self, spark: SparkSession, names: Mapping[str, str], every: list[str]) -> DataFrame:
        schema = t.StructType([t.StructField(name, t.StringType()) for name in (*every, MALFORMED.name)])
        reader = spark.read.schema(schema).options(**CSV, columnNameOfCorruptRecord=MALFORMED.name)
        is_row = F.col(MALFORMED.name).isNull()
        columns = [F.when(is_row, F.col(f"`{actual}`")).alias(name) for name, actual in names.items()]
        return reader.csv(str(self.path)).select(*columns, MALFORMED.name)

    def _parquet(self, spark: SparkSession, names: Mapping[str, str], every: list[str]) -> DataFrame:
        rows = spark.read.parquet(str(self.path))
        columns = [_text_of(rows, actual).alias(name) for name, actual in names.items()]
        return rows.select(*columns, F.lit(None).cast("string").alias(MALFORMED.name))


def arrived(source: FileSource, tell: Callable[[str], None]) -> list[Delivery]:
    """Files of a source's folder and those below it, by name; those that begin with . or _ are no deliveries.

    Raises:
        ConfigurationError: There is no such folder, or the source's key or mapping is no SQL.
    """
    folder, kind = source.settings.path, str(source.settings.format)
    if not source.columns or folder is None or not folder.is_dir():
        raise ConfigurationError(f"source {source.settings.name}: no folder at {folder}; correct its path")
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    names = sorted(path.as_posix() for path in paths if not any(part[0] in "._" for part in path.parts))
    ours = [name for name in names if name.lower().endswith(ENDINGS[kind])]
    if other := [name for name in names if name not in set(ours)]:
        tell(f"{source.settings.name}: {len(other)} files are no {kind}, such as {other[0]}: not read")
    return [Delivery(folder, name, kind) for name in ours]


def _lines_of(spark: SparkSession, path: Path) -> DataFrame:
    lines = spark.read.option("lineSep", "\n").text(str(path))
    return lines.select(F.regexp_replace("value", "^\ufeff", "").alias("line")).where(F.col("line").rlike(r"\S"))


def _text_of(rows: DataFrame, name: str) -> Column:
    """A column of Parquet as text; what is nested as JSON."""
    column = F.col(f"`{name}`")
    nested = isinstance(rows.schema[name].dataType, t.StructType | t.ArrayType | t.MapType)
    return F.to_json(column) if nested else column.cast("string")
