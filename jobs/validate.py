"""`observatory validate`."""

from __future__ import annotations

from lakehouse.errors import SuiteError


def lint_suites() -> str:
    """Check every suite; gives one line.

    Raises:
        SuiteError: Something is wrong; the message names suite and rule of each problem.
    """
    from quality.lint import lint
    from quality.loader import load_suites

    if found := lint():
        raise SuiteError("; ".join(found))
    suites = load_suites()
    return f"{sum(len(suite.expectations) for suite in suites):,} rules of {len(suites)} suites load"
