"""Rows that Python holds → a DataFrame, through Arrow: no Python worker is started for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from lakehouse.tables.model import Table
from lakehouse.tables.struct import struct_type


def local_frame(spark: SparkSession, table: Table, values: Iterable[Sequence[object]]) -> DataFrame:
    """Make a DataFrame with the columns of `table` from rows in their order; times carry UTC."""
    schema = struct_type(table)
    arrow = to_arrow_schema(schema)
    columns = list(zip(*values, strict=True)) or [() for _ in arrow]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, arrow, strict=True)]
    return spark.createDataFrame(pa.Table.from_arrays(arrays, schema=arrow), schema)
