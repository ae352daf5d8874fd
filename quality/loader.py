"""Reads rule files; whatever is unknown or missing in one is an error, never dropped."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lakehouse.config import explain
from lakehouse.errors import SuiteError

Dimension = Literal["completeness", "validity", "uniqueness", "timeliness", "consistency", "accuracy"]


class RuleSpec(BaseModel):
    """One rule as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: str
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning"]
    dimension: Dimension
    on_fail: Literal["quarantine", "flag"]
    why: str = Field(min_length=10)


class Suite(BaseModel):
    """The rules of one table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    expectations: tuple[RuleSpec, ...] = Field(min_length=1)


def load_suite(table: str) -> Suite:
    """Read the suite of a table, ``quality/suites/<layer>_<table>.yml``.

    Raises:
        SuiteError: There is none, it is no YAML, or a rule is incomplete, unknown or stands twice.
    """
    name = table.replace(".", "_") + ".yml"
    file = files("quality") / "suites" / name
    if not file.is_file():
        raise SuiteError(f"there is no suite quality/suites/{name}")
    return parse_suite(file.read_text(encoding="utf-8"), f"quality/suites/{name}")


def parse_suite(text: str, origin: str) -> Suite:
    """Parse a suite.

    Raises:
        SuiteError: See `load_suite`; the message names `origin`.
    """
    try:
        suite = Suite.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise SuiteError(f"{origin} is not valid YAML: {error}") from error
    except ValidationError as error:
        raise SuiteError(f"{origin}: {explain(error)}") from error
    ids = [rule.id for rule in suite.expectations]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise SuiteError(f"{origin}: rule ids stand twice: {', '.join(twice)}")
    return suite
