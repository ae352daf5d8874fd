"""Masking by Spark is masking by Python, on texts of providers and made-up ones."""

from __future__ import annotations

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakehouse.analyses import templates
from lakehouse.gold.messages import masked, unwrapped
from tests.support.errors import PUBLISHED
from tests.support.frames import frame, typed


def test_spark_masks_as_python_does(spark: SparkSession) -> None:
    """Documented texts, and some full of values and wrappers."""
    texts = [
        *PUBLISHED,
        "litellm.RateLimitError: Error code: 429 - {'error': {'message': 'Limit 20, used 21 at 10.0.0.1:80'}}",
        "Timeout of 600s: https://api.example.com/v1?x=1 after 3 , 4 , 5 tries (request req_abcdef123456)",
        "value `x1` for 9f1c2d3e4b5a6978 at /usr/lib/python3.12/ssl.py, line 12",
        "401",
    ]
    rows = frame(spark, typed(text="STRING"), [{"text": text} for text in texts])
    found = dict(rows.select("text", masked(unwrapped(F.col("text")))).collect())
    assert found == {text: " ".join(templates.masked(templates.unwrapped(text))) for text in texts}
