"""`python -m tests.support.connect_verdicts HOME`: verdicts on the fixtures' rows through Spark Connect, as JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from lakehouse.config import Settings
from lakehouse.io.java import java_home
from lakehouse.io.session import local_conf
from tests.support.rules import FIXTURES
from tests.support.rules.model import table_verdicts
from tests.support.rules.rows import judged_rows


def verdicts(spark: SparkSession) -> dict[str, list[object]]:
    """What every rule says of its fixtures: rows that break row rules, verdicts of the others by case."""
    rows = {
        f"{table}: {rule}": broken for table, f in FIXTURES.items() for rule, broken in judged_rows(spark, f).items()
    }
    tables = {
        f"{table}: {case}: {verdict.spec.id}": [verdict.success, verdict.observed, verdict.reason]
        for table, fixture in FIXTURES.items()
        for case, found in table_verdicts(spark, fixture).items()
        for verdict in found
    }
    return json.loads(json.dumps({**rows, **tables}))


def main(home: Path) -> None:
    """Start a Connect server of our own in this process's JVM and print."""
    os.environ["JAVA_HOME"] = str(java_home())
    builder = SparkSession.builder.remote("local[2]")
    for key, value in local_conf(Settings(home=home), home).items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    assert type(spark).__module__.startswith("pyspark.sql.connect")
    print(json.dumps(verdicts(spark)))
    spark.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
