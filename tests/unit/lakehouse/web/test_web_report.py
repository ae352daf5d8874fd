"""The report: one file that loads nothing, runs nothing but its own scripts, and shows the rows it was given."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from lakehouse.web.figures import Figures
from lakehouse.web.report import render
from tests.support.report import Page

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>&\"'{{ 7 * 7 }}"
LOADING = {"iframe", "img", "object", "embed", "form", "base", "audio", "video", "source", "svg", "input"}


def test_loads_nothing(figures: Figures) -> None:
    """No element, attribute or style names anything outside the file."""
    page = Page(render(figures))
    assert not LOADING & set(page.tags)
    assert not [value for _, name, value in page.attributes if name in {"src", "srcset", "action", "data"}]
    assert all(re.match(r"#\w+$|data:,$", value) for _, name, value in page.attributes if name == "href")
    styles = " ".join([*page.styles, *(value for _, name, value in page.attributes if name == "style")])
    assert not re.search(r"@import|url\(", styles)


def test_policy_names_its_own_scripts(figures: Figures) -> None:
    """Nothing is loaded by default, and only these two scripts run: no inline handler, no injected element."""
    page = Page(render(figures))
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in page.scripts]
    assert len(hashes) == 2
    assert page.csp == {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "script-src": [f"'sha256-{one}'" for one in hashes],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def named(figures: Figures, name: str) -> Figures:
    """The same figures with one name for everything that is named outside."""
    model = {"provider_name": name, "model_key": name}
    return replace(
        figures,
        models=[row | model for row in figures.models],
        latency=[row | model for row in figures.latency],
        error_rate=[row | model for row in figures.error_rate],
        errors=[row | {"error_type": name} for row in figures.errors],
        quarantine=[row | {"rule_id": name} for row in figures.quarantine],
        traffic=[row | {"source_name": name} for row in figures.traffic],
        conservation=[row | {"source_name": name} for row in figures.conservation],
    )


def test_hostile_names_are_text(figures: Figures) -> None:
    """Names from outside make no element, stand in the tables as they are, and leave the options readable."""
    harmless, page = Page(render(named(figures, "x"))), Page(render(named(figures, HOSTILE)))
    assert page.tags == harmless.tags
    assert page.scripts == harmless.scripts
    assert page.cells["model_table"][1][:2] == [HOSTILE, HOSTILE]
    assert page.options["errors"]["yAxis"]["data"] == [HOSTILE]
    assert page.options["latency"]["yAxis"]["data"][0] == f"{HOSTILE} · {HOSTILE}"
    assert page.text.count(HOSTILE) > 8


def test_missing_quantiles_are_worded(figures: Figures) -> None:
    """Neither table nor chart makes a zero of a null."""
    page = Page(render(figures))
    alpha, beta = page.cells["latency"][1:]
    assert alpha == ["acme/alpha", "acme", "230", "812 ms", "1.90 s", "2.35 s", "n too small"]
    assert beta == ["beta", "unknown", "10", *["n too small"] * 4]
    assert page.cells["model_table"][2][4:6] == ["n too small", "n too small"]


def test_tables_hold_the_exact_values(figures: Figures) -> None:
    """Every shown number carries the view's own value."""
    page = Page(render(figures))
    paid = ["240", "1.25", "1.5", "-0.25", str(-0.25 / 1.5), "0.975"]
    assert page.values["coverage"] == paid
    assert page.values["cost_models"] == ["240", "1.25", "1", "0.25"]
    assert page.values["error_rate"] == ["10", "7", "0.7", "0.3968", "0.8922", "240", "3", "0.0125", "0.0043", "0.0361"]
    assert page.values["traffic"][:4] == ["96", "3", "10", "960"]
    assert page.values["unpriced"] == ["10", "9", "1"]
    assert page.cells["quarantine"][1] == ["gateway", "time_order", "7", "2", *["2026-01-08 09:30 UTC"] * 2]
    assert page.cells["coverage"][1][-3:] == ["−$0.2500", "−16.7 %", "97.5 %"]
    assert page.cells["errors"][2] == ["rate_limit", "cannot be told", "error", "429", "2", "2.00 h", "not priced"]


def test_headline(figures: Figures) -> None:
    """Period, sources, rows and the eight numbers, each with what it is made of."""
    text = Page(render(figures)).text
    assert "Traffic from 2026-01-05 to 2026-01-07 (UTC days), 260 rows read from gateway ." in text
    assert "Written 2026-01-09 12:05 UTC ." in text
    for words in (
        "Complete yes 1 of 1 source: every row read is accounted for",
        "Requests 250 attempts from 1 source",
        "Error ratio 4.00 % 10 of 250 attempts failed",
        "Cost, our prices $1.250 sum over 240 priced attempts",
        "Cost, reported $1.500 as the sources report it, all attempts; ours minus reported where both price: −$0.2500",
        "Unpriced 3.61 % 9 of 249 attempts with usage have no price",
        "Held back 7 rows in quarantine, not among the requests",
        "Models 2 pairs of provider and model",
        "Of 250 attempts, 14 have no time of day; 4 of these have no date either and are not drawn.",
        "1 of 2 columns, counted per source, are null",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("row", "tile", "words"),
    [
        ({"is_conserved": False, "silver_count": 249}, "Complete NO", "NOT complete: -1 rows against bronze"),
        ({"is_conserved": None, "waiting_batch_count": 2}, "Complete open", "open: 2 batches wait for refine"),
    ],
)
def test_incomplete_is_said(figures: Figures, row: dict[str, object], tile: str, words: str) -> None:
    """A difference or a waiting batch stands in the headline and beside its source."""
    page = Page(render(replace(figures, conservation=[figures.conservation[0] | row])))
    assert tile in page.text
    assert page.cells["conservation"][1][-1] == words


def test_empty_lakehouse_has_words_instead_of_charts(empty: Figures) -> None:
    """Nothing drawn, nothing divided by zero."""
    page = Page(render(empty))
    assert page.options == {}
    assert not any(page.cells.values())
    for words in ("No failures.", "No row is held back.", "No attempt has a price.", "Error ratio – 0 of 0 attempts"):
        assert words in page.text


def test_every_chart_has_its_table(figures: Figures) -> None:
    """Each drawn figure also has rows to read."""
    page = Page(render(figures))
    charts = {"latency", "ttft", "speed", "traffic", "cost_daily", "cost_models", "error_rate", "errors"}
    assert set(page.options) == charts
    assert all(len(page.cells[name]) > 1 for name in charts)
    assert page.tags["details"] == len(charts) + 2


def test_gates_are_told(figures: Figures) -> None:
    """Scores by dimension, the view that a gate keeps back, and the rule that did it; where all pass, folded."""
    page = Page(render(figures))
    silver = ["silver", "silver.llm_interactions"]
    assert page.cells["scorecard"][1] == [*silver, "49", "62", "98.0 %", "not known", "50.0 %", "2026-01-08 09:30 UTC"]
    blocked = ["BLOCK", "49", "quarantine_share", "2026-01-08 09:30 UTC", "never"]
    assert page.cells["gate_state"][1] == ["cost_daily", *silver, *blocked]
    assert "Not up to date, a gate blocked: cost_daily." in page.text
    assert page.cells["worst_rules"][1][5:9] == ["2", "counts none", "counts none", "failing"]
    assert page.cells["quality_trend"][1] == ["2026-01-05", *silver, "3", "49", "49", "98.0 %"]
    passed = [row | {"gate_decision": "PASS", "failed_rules": []} for row in figures.gate_state]
    page = Page(render(replace(figures, gate_state=passed)))
    assert "Not up to date" not in page.text
    assert page.cells["gate_state"][1][3:6] == ["PASS", "49", ""]
