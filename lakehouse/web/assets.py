"""Files that pages are made of."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

ECHARTS = "echarts/echarts.common.min.js"


@cache
def asset(name: str) -> str:
    """Text of a file in `static`."""
    return (files("lakehouse.web") / "static" / name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """How a content security policy names a script or a style by what is in it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def templates() -> Environment:
    """The templates; they escape whatever comes from outside."""
    return Environment(
        loader=PackageLoader("lakehouse.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
