"""Figures → one HTML file that shows them without a network."""

from __future__ import annotations

import base64
import hashlib
from decimal import Decimal
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from lakehouse.web import formats as f
from lakehouse.web.figures import Figures
from lakehouse.web.page import Tile
from lakehouse.web.panels.sections import sections

SCRIPTS = ("echarts/echarts.common.min.js", "report.js")


def render(figures: Figures) -> str:
    """Render the report.

    Model names, tags and error texts come from outside: the template escapes them, the options are JSON without any
    ``<``, and the page's policy runs no script but the two whose hashes it names.

    Args:
        figures: Rows of the views.

    Returns:
        HTML that loads nothing: style, scripts and figures are in it.
    """
    environment = Environment(
        loader=PackageLoader("lakehouse.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scripts = [_static(name) for name in SCRIPTS]
    return environment.get_template("report.html.j2").render(
        figures=figures,
        tiles=_tiles(figures),
        sections=sections(figures),
        instant=f.instant,
        style=_static("report.css"),
        scripts=scripts,
        hashes=" ".join(f"'{_hash(script)}'" for script in scripts),
    )


def _tiles(figures: Figures) -> tuple[Tile, ...]:
    totals, requests = figures.totals, figures.request_count
    ratio = f.percent(figures.error_count / requests) if requests else "–"
    held = sum(row["quarantine_count"] for row in figures.conservation)
    with_usage = totals.priced_count + totals.unpriced_count
    unpriced = f.percent(totals.unpriced_count / with_usage) if with_usage else "–"
    return (
        _complete(figures),
        Tile("Requests", f.count(requests), f"attempts from {_plural(len(figures.sources), 'source')}"),
        Tile("Error ratio", ratio, f"{figures.error_count:,} of {requests:,} attempts failed"),
        Tile("Cost, our prices", _money(totals.cost_usd), f"sum over {totals.priced_count:,} priced attempts"),
        _reported(figures),
        Tile("Unpriced", unpriced, f"{totals.unpriced_count:,} of {with_usage:,} attempts with usage have no price"),
        Tile("Held back", f.count(held), f"row{'' if held == 1 else 's'} in quarantine, not among the requests"),
        Tile("Models", f.count(totals.model_count), "pairs of provider and model"),
    )


def _complete(figures: Figures) -> Tile:
    verdicts = [row["is_conserved"] for row in figures.conservation]
    if not verdicts:
        return Tile("Complete", "–", "no source was read")
    note = f"{verdicts.count(True):,} of {_plural(len(verdicts), 'source')}: every row read is accounted for"
    if False in verdicts:
        return Tile("Complete", "NO", note, "bad")
    return (
        Tile("Complete", "open", f"{note}; batches wait") if None in verdicts else Tile("Complete", "yes", note, "good")
    )


def _reported(figures: Figures) -> Tile:
    """What the sources report over all attempts; the variance compares only attempts that both sides price."""
    totals = figures.totals
    note = "no source reports a cost"
    if totals.cost_reported_usd is not None:
        note = "as the sources report it, all attempts"
    if totals.variance_usd is not None:
        note += f"; ours minus reported where both price: {f.change(totals.variance_usd)}"
    return Tile("Cost, reported", _money(totals.cost_reported_usd), note)


def _money(value: Decimal | None) -> str:
    return "–" if value is None else f.usd(value)


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _static(name: str) -> str:
    return (files("lakehouse.web") / "static" / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
