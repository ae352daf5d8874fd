"""Reads rule files; whatever is unknown or missing in one is an error, never dropped. Needs no Great Expectations."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml
from pydantic import ValidationError

from lakehouse.config import explain
from lakehouse.errors import SuiteError
from quality.derive import derived
from quality.model import ROW_TYPES, RuleSpec, Suite

FOLDER = "quality/suites"


def suite_names() -> list[str]:
    """File names of all suites without ``.yml``, in order."""
    return sorted(file.name.removesuffix(".yml") for file in (files("quality") / "suites").iterdir())


def load_suite(table: str) -> Suite:
    """Read the suite of a table, ``quality/suites/<layer>_<table>.yml``, with the rules that the table implies.

    Raises:
        SuiteError: There is none, it is no YAML, or a rule is incomplete, unknown or stands twice.
    """
    name = table.replace(".", "_") + ".yml"
    file = files("quality") / "suites" / name
    if not file.is_file():
        raise SuiteError(f"there is no suite {FOLDER}/{name}")
    return parse_suite(file.read_text(encoding="utf-8"), f"{FOLDER}/{name}")


def load_suites(layer: str | None = None) -> list[Suite]:
    """Read every suite, or those of one layer."""
    found = [load_suite(name.replace("_", ".", 1)) for name in suite_names()]
    return [suite for suite in found if layer in (None, suite.layer)]


def parse_suite(text: str, origin: str) -> Suite:
    """Parse a suite; defaults are put into the rules, and the rules that the table implies are added.

    Raises:
        SuiteError: See `load_suite`; the message names `origin`.
    """
    try:
        suite = Suite.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise SuiteError(f"{origin} is not valid YAML: {error}") from error
    except ValidationError as error:
        raise SuiteError(f"{origin}: {explain(error)}") from error
    whole = suite.model_copy(
        update={"expectations": (*(_filled(r, suite) for r in suite.expectations), *derived(suite))}
    )
    ids = [rule.id for rule in whole.expectations]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise SuiteError(f"{origin}: rule ids stand twice: {', '.join(twice)}")
    return whole


def _filled(rule: RuleSpec, suite: Suite) -> RuleSpec:
    """Put the suite's tolerance into rules over rows, and its column that is never null where a rule has none."""
    kwargs: dict[str, Any] = dict(rule.kwargs)
    if rule.type in ROW_TYPES and rule.on_fail != "gate":
        kwargs.setdefault("mostly", suite.mostly)
    if rule.over_table:
        kwargs.setdefault("column", suite.every_row)
    return rule.model_copy(update={"kwargs": kwargs})
