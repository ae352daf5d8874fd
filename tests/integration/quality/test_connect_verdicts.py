"""Spark Connect, which serverless compute speaks, comes to the same verdicts as a classic session."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.support.connect_verdicts import verdicts
from tests.support.repository import ROOT


@pytest.mark.classic
def test_every_rule_judges_the_same_on_spark_connect(spark: SparkSession, tmp_path: Path) -> None:
    """Row by row, rules without a part too, and case by case for rules over tables."""
    command = [sys.executable, "-m", "tests.support.connect_verdicts", str(tmp_path)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    run = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    assert json.loads(run.stdout.splitlines()[-1]) == verdicts(spark)
