"""Commands that read a deployment: queries, the report, verdicts."""

from __future__ import annotations

from pathlib import Path

from jobs.context import Tell
from jobs.query import Format, check_reads, write
from jobs.remote.place import Place
from jobs.remote.run import run_job
from jobs.report import write_file
from lakehouse.errors import ConfigurationError, DataGateError
from lakehouse.io.workspace import asking

LOST = "SELECT source_name, bronze_count FROM analytics.row_conservation WHERE NOT is_conserved ORDER BY source_name"
BLOCKING = """
SELECT table_name, rule_id
FROM (SELECT *, MAX(judged_at) OVER (PARTITION BY table_name) AS newest_at FROM ops.quality_result)
WHERE judged_at = newest_at AND decision = 'BLOCK'
ORDER BY table_name, rule_id"""
SHOWN = 5


def remote_query(place: Place, sql: str, shape: Format, output: Path | None) -> None:
    """Run one reading statement on the warehouse; errors as `jobs.query.query` and `Warehouse.read`."""
    check_reads(sql)
    if shape == "parquet" and output is None:
        raise ConfigurationError("parquet is binary: give --output FILE")
    write(place.warehouse.read(sql), shape, output)


def remote_report(place: Place, output: Path, tell: Tell) -> Path:
    """Let the report's job write the report, then fetch it; errors as `run_job`."""
    run_job(place, "report", tell)
    with asking("report"):
        path = f"/Volumes/{place.settings.catalog}/analytics/reports/report.html"
        stream = place.client.files.download(path).contents
        data = stream.read() if stream else b""
    return write_file(output, data.decode())


def remote_validate(place: Place, tell: Tell) -> None:
    """Look whether rows were lost and whether the last gates passed.

    Raises:
        DataGateError: A source's rows do not add up, or a gate's last decision is to block.
        WorkspaceError: See `Warehouse.read`.
    """
    found = [
        f"{row['source_name']}: its {row['bronze_count']:,} rows in bronze are not silver + quarantine + superseded"
        for row in place.warehouse.read(LOST).to_pylist()
    ]
    blocking = place.warehouse.read(BLOCKING).to_pylist()
    found += [f"{row['table_name']}: rule {row['rule_id']} blocks its gate" for row in blocking]
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise DataGateError("; ".join(found[:SHOWN]) + more)
    tell("every row is accounted for, and every gate passed when it last judged")
