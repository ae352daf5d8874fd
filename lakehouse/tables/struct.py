"""Spark's StructType from a table's definition; needs pyspark, no session."""

from __future__ import annotations

import re

from pyspark.sql import types as t

from lakehouse.errors import TableDefinitionError
from lakehouse.tables.model import Table

ATOMS: dict[str, t.DataType] = {
    "STRING": t.StringType(),
    "BIGINT": t.LongType(),
    "INT": t.IntegerType(),
    "DOUBLE": t.DoubleType(),
    "BOOLEAN": t.BooleanType(),
    "TIMESTAMP": t.TimestampType(),
    "DATE": t.DateType(),
}


def data_type(text: str) -> t.DataType:
    """Turn a column's SQL type into Spark's.

    Raises:
        TableDefinitionError: The type is none that our tables use.
    """
    if text in ATOMS:
        return ATOMS[text]
    if decimal := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", text):
        return t.DecimalType(int(decimal[1]), int(decimal[2]))
    if array := re.fullmatch(r"ARRAY<(.+)>", text):
        return t.ArrayType(data_type(array[1]))
    raise TableDefinitionError(f"type {text!r} is unknown; known are {', '.join(ATOMS)}, DECIMAL(p,s) and ARRAY<…>")


def struct_type(table: Table) -> t.StructType:
    """Give the schema of `table`, column order and nullability included."""
    return t.StructType([t.StructField(c.name, data_type(c.type), c.nullable) for c in table.columns])
