"""The order of the page: first whether it can be trusted, then performance, cost and errors, then the details."""

from __future__ import annotations

from lakehouse.web.figures import Figures
from lakehouse.web.page import Section
from lakehouse.web.panels import cost, errors, gates, performance, quality


def sections(figures: Figures) -> tuple[Section, ...]:
    """Everything below the headline numbers."""
    fast = (performance.latency, performance.ttft, performance.speed, performance.traffic)
    dear = (cost.daily, cost.models, cost.coverage, cost.unpriced)
    failed = (errors.ratios, errors.classes)
    judged = (gates.scorecard, gates.worst_rules, gates.gate_state, gates.trend)
    kept = (quality.quarantine, quality.freshness, quality.coverage)
    return (
        Section("complete", "Is it complete?", (quality.conservation(figures),)),
        Section("models", "Models at a glance", (performance.models(figures),)),
        Section("performance", "Performance", tuple(panel(figures) for panel in fast)),
        Section("cost", "Cost", tuple(panel(figures) for panel in dear)),
        Section("failures", "Errors", tuple(panel(figures) for panel in failed)),
        Section("quality", "Data quality", tuple(panel(figures) for panel in (*judged, *kept))),
    )
