"""Masking on hostile strings: what must go goes whole, what must stay stays."""

from __future__ import annotations

import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from lakehouse.silver.masking import masked
from tests.support.frames import assert_same, frame, typed

LONG_JWT = f"eyJhbGciOiJSUzI1NiJ9.eyJ{'a' * 3000}.{'b' * 342}"
CASES = {
    None: None,
    "": "",
    "nothing to hide": "nothing to hide",
    # e-mails
    "mail jane.doe+llm@mail.example.co.uk now": "mail <email> now",
    "<a@b.org>,c_d%e@f-g.io;": "<<email>>,<email>;",
    "@mention and user@localhost": "@mention and user@localhost",
    # keys
    "Incorrect API key provided: sk-proj-Ab_12-cdefghijkl.": "Incorrect API key provided: <key>.",
    "key=sk-ant-api03-" + "x" * 600: "key=<key>",
    "AKIAIOSFODNN7EXAMPLE AIzaSyA-1234567890_abcdefghij ghp_0123456789abcdef": "<key> <key> <key>",
    "dapi0123456789abcdef0123456789abcdef, hf_abcdefghijklmnop": "<key>, <key>",
    "skip_special_tokens pkg_resources_missing sk-short risk-free-of-charge": (
        "skip_special_tokens pkg_resources_missing sk-short risk-free-of-charge"
    ),
    # tokens
    "authorization: bearer abcDEF123+/==": "authorization: Bearer <key>",
    f"jwt {LONG_JWT}.": "jwt <token>.",
    "cut jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIi": "cut jwt <token>",
    # credentials
    "postgresql://u:hunter!2@db.example.org:5432/x": "postgresql://<credentials>@db.example.org:5432/x",
    "POSTGRES://u:p@ss/w@h/d and redis://:pw@h": "POSTGRES://<credentials>@h/d and redis://<credentials>@h",
    '{"url": "mysql+pymysql://root:pw@10.0.0.7/d", "mail": "a@b.org"}': (
        '{"url": "mysql+pymysql://<credentials>@<address>/d", "mail": "<email>"}'
    ),
    "see https://docs.example.org/errors#429": "see https://docs.example.org/errors#429",
    # passwords
    "connect failed: host=db user=u password=hunter2 port=5432": (
        "connect failed: host=db user=u password=<secret> port=5432"
    ),
    'body {"api_key": "0123abcd", "pwd":"x y"}, max_tokens=4096': (
        'body {"api_key": "<secret>", "pwd":"<secret> y"}, max_tokens=4096'
    ),
    "no api key given; password: required": "no api key given; password: <secret>",
    # addresses
    "to 2001:0db8:85a3:0000:0000:8a2e:0370:7334 at 12:30:45.123": "to <address> at 12:30:45.123",
    "connect [2001:db8::8a2e:370]:443 std::bad_alloc Foo::Bar": "connect [<address>]:443 std::bad_alloc Foo::Bar",
    "from 203.0.113.7:443, version 1.2.3": "from <address>:443, version 1.2.3",
}
HOSTILE = {
    "at signs": "@" * 200_000,
    "local parts": "a" * 200_000,
    "almost e-mails": "a@" * 100_000,
    "dots": "a@" + "b." * 100_000 + "!",
    "schemes": "a://" * 50_000,
    "digits": "1." * 100_000,
    "bearers": "bearer " * 30_000,
    "tokens": "eyJaaaaaaaa." * 20_000,
    "keys": "sk-" * 70_000,
    "passwords": "password = " * 20_000,
    "colons": "ab:" * 70_000,
}


def test_cases(spark: SparkSession) -> None:
    """Each with what is left of it."""
    rows = [{"raw": raw, "kept": kept} for raw, kept in CASES.items()]
    actual = frame(spark, typed(raw="STRING"), [{"raw": raw} for raw in CASES])
    actual = actual.select("raw", masked(F.col("raw")).alias("kept"))
    assert_same(actual, typed(raw="STRING", kept="STRING"), rows, key=["raw"])


def test_hostile_lengths_take_linear_time(spark: SparkSession) -> None:
    """No pattern backtracks without bound: 200,000 characters each, where a quadratic one would take minutes."""
    rows = frame(spark, typed(raw="STRING"), [{"raw": text} for text in HOSTILE.values()])
    began = time.monotonic()
    assert rows.select(F.length(masked(F.col("raw")))).collect()
    assert time.monotonic() - began < 60
