"""`observatory health`: is the lakehouse there, whole and fresh? Reads Delta's log files, starts no Spark."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from lakehouse.config import Settings


@dataclass(frozen=True)
class Health:
    """`is_ready`: every layer is there; the ages are null where nothing was ever read; `is_locked`: a run works now."""

    home: str
    is_ready: bool
    is_locked: bool
    last_batch_at: str | None
    last_batch_age_s: float | None
    newest_event_at: str | None
    batch_rows: int
    missing: list[str]

    def as_json(self) -> str:
        """One JSON object."""
        return json.dumps(asdict(self), indent=1)

    def as_text(self) -> str:
        """A few lines for people."""
        if self.missing:
            return f"{self.home} is no lakehouse: {', '.join(self.missing)} missing; run `observatory run`"
        age = "never" if self.last_batch_age_s is None else f"{self.last_batch_age_s / 60:,.0f} min ago"
        state = "a run works on it now" if self.is_locked else "no run works on it"
        return f"{self.home}: last batch {age}, newest event {self.newest_event_at or 'unknown'}; {state}"


NEEDED = (
    "ops/batch",
    "silver/llm_interactions",
    "gold/usage_hourly",
    "gold/latency_histogram_hourly",
    "gold/error_hourly",
)


def health(settings: Settings, now: datetime) -> Health:
    """Look at a local lakehouse."""
    home = settings.home.resolve()
    missing = [name for name in NEEDED if not (home / name / "_delta_log").is_dir()]
    commits = _commits(home / "ops" / "batch")
    writes = [(at, stats) for at, added in commits for stats in added if stats.get("numRecords")]
    last = max((at for at, _ in writes), default=None)
    events = [stats.get("maxValues", {}).get("max_event_at") for _, stats in writes]
    return Health(
        home=str(home),
        is_ready=not missing and last is not None,
        is_locked=_is_locked(home),
        last_batch_at=last.isoformat() if last else None,
        last_batch_age_s=(now - last).total_seconds() if last else None,
        newest_event_at=max((event for event in events if event), default=None),
        batch_rows=sum(int(stats["numRecords"]) for _, stats in writes),
        missing=missing,
    )


def _commits(table: Path) -> list[tuple[datetime, list[dict[str, dict[str, str]]]]]:
    """Time and file statistics of each commit that still has its JSON."""
    found = []
    for file in sorted((table / "_delta_log").glob("*.json")):
        actions = [json.loads(line) for line in file.read_text().splitlines() if line]
        millis = next((a["commitInfo"]["timestamp"] for a in actions if "commitInfo" in a), 0)
        stats = [json.loads(a["add"]["stats"]) for a in actions if a.get("add", {}).get("stats")]
        found.append((datetime.fromtimestamp(millis / 1000, UTC), stats))
    return found


def _is_locked(home: Path) -> bool:
    from lakehouse.errors import LockedError
    from lakehouse.io.lock import lakehouse_lock

    if not home.is_dir():
        return False
    try:
        with lakehouse_lock(home):
            return False
    except LockedError:
        return True
