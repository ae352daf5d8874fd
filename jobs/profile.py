"""`observatory profile`: rules proposed from a table, as YAML to review."""

from __future__ import annotations

from pathlib import Path

from pyspark.errors import AnalysisException

from jobs.report import write_file
from lakehouse.errors import ConfigurationError
from lakehouse.io.catalog import open_lakehouse
from quality.profile import profile as propose


def profile(home: Path, table: str, output: Path | None) -> str:
    """Propose a suite of a table of the local lakehouse; gives the YAML, or the path where it was written.

    Raises:
        ConfigurationError: There is no such table, it is empty, or the file cannot be written.
    """
    try:
        rows = open_lakehouse(home).table(table)
    except AnalysisException as error:
        raise ConfigurationError(f"profile: {str(error).splitlines()[0]}") from error
    text = propose(table, rows)
    return str(write_file(output, text)) if output else text
