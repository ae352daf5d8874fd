"""Bronze: one table per source table, the source's own columns and the envelope."""

from __future__ import annotations

from lakehouse.errors import SourceSchemaError
from lakehouse.tables.model import NAME, Column, Table, check

ENVELOPE = (
    Column("_source", "STRING", "Name of the source in the configuration", nullable=True),
    Column("_source_key", "STRING", "The source's key of the row as text"),
    Column("_event_at", "TIMESTAMP", "Event time of the row, UTC; null where it has none or it is not finite"),
    Column("_batch_id", "BIGINT", "Batch that read the row"),
    Column("_ingested_at", "TIMESTAMP", "When that batch began"),
    Column("_record_hash", "STRING", "SHA-256 over the source's columns"),
    Column("_source_xmin", "BIGINT", "PostgreSQL's xmin of the row version; null where the source has none"),
)
# What a source of kind files has beside its own columns.
MALFORMED = Column("malformed_line", "STRING", "Of what is no row: the line where content is kept, else size and hash")


def bronze_table(source_name: str, columns: tuple[Column, ...], origin: str) -> Table:
    """Define the bronze table of one source.

    Args:
        source_name: Becomes the table's name.
        columns: The source's selected columns, text and exact numbers.
        origin: The source's own name of the table.

    Raises:
        SourceSchemaError: A column's name is one that no table here can have.
        TableDefinitionError: A column has no description.
    """
    if odd := [column.name for column in columns if not NAME.fullmatch(column.name)]:
        names = ", ".join(map(repr, odd))
        raise SourceSchemaError(
            f"{source_name}: columns of {origin} have names that no lakehouse takes: {names}; read a view with others"
        )
    return check(
        Table(
            "bronze",
            source_name,
            f"One row per version of a row of {origin}",
            columns + ENVELOPE,
            key=("_source_key", "_record_hash", "_batch_id"),
            sources=(origin,),
        )
    )
