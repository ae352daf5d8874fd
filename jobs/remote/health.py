"""`observatory health --remote`: tells whether the deployment is whole and its data fresh."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from databricks.sdk.service.jobs import BaseRun

from jobs.remote.place import Place
from lakehouse.errors import WorkspaceNotFoundError
from lakehouse.io.workspace import asking
from lakehouse.tables import all_tables
from lakehouse.tables.model import LAYERS

JOBS = ("pipeline", "backfill", "maintenance", "reconcile", "report")
FRESHNESS = """
SELECT MAX(last_batch_at) AS last_batch_at, MAX(newest_event_at) AS newest_event_at, SUM(bronze_count) AS row_count
FROM analytics.source_freshness"""


@dataclass(frozen=True)
class RemoteHealth:
    """`is_ready`: all that a deployment has is there; ages and times are null where nothing was ever read."""

    workspace: str
    catalog: str
    is_ready: bool
    missing: list[str]
    warehouse_state: str | None
    last_run_state: str | None
    last_run_at: str | None
    last_batch_at: str | None
    last_batch_age_s: float | None
    newest_event_at: str | None
    bronze_rows: int

    def as_json(self) -> str:
        """One JSON object."""
        return json.dumps(asdict(self), indent=1)

    def as_text(self) -> str:
        """A few lines for people."""
        if self.missing:
            return f"{self.catalog} in {self.workspace} is not whole: {', '.join(self.missing)} missing"
        age = "never" if self.last_batch_age_s is None else f"{self.last_batch_age_s / 60:,.0f} min ago"
        return (
            f"{self.catalog} in {self.workspace}: last batch {age}, newest event {self.newest_event_at or 'unknown'}; "
            f"last run {self.last_run_state or 'never'}; warehouse {self.warehouse_state}"
        )


def remote_health(place: Place, now: datetime) -> RemoteHealth:
    """Look at a deployment.

    Raises:
        WorkspaceError: Credentials or grants do not suffice; see `asking`.
        WorkspaceUnavailableError: The workspace or the warehouse does not answer.
    """
    missing = [*missing_jobs(place), *missing_tables(place), *missing_secrets(place)]
    state = _warehouse_state(place)
    if state is None:
        missing.append(f"warehouse {place.name}")
    fresh = {} if missing else place.warehouse.read(FRESHNESS).to_pylist()[0]
    last, run = fresh.get("last_batch_at"), None if missing else _last_run(place)
    return RemoteHealth(
        workspace=str(place.client.config.host),
        catalog=place.settings.catalog,
        is_ready=not missing,
        missing=missing,
        warehouse_state=state,
        last_run_state=_state(run),
        last_run_at=datetime.fromtimestamp(run.start_time / 1000, UTC).isoformat() if run and run.start_time else None,
        last_batch_at=last.isoformat() if last else None,
        last_batch_age_s=(now - last).total_seconds() if last else None,
        newest_event_at=fresh["newest_event_at"].isoformat() if fresh.get("newest_event_at") else None,
        bronze_rows=int(fresh.get("row_count") or 0),
    )


def missing_jobs(place: Place) -> list[str]:
    """Jobs of the bundle that the workspace does not have."""
    with asking("jobs"):
        names = {job.settings.name for job in place.client.jobs.list() if job.settings}
    return [f"job {place.job_name(key)}" for key in JOBS if place.job_name(key) not in names]


def missing_tables(place: Place) -> list[str]:
    """Fixed tables that the catalog does not have; a schema that is not there counts as one."""
    lost = []
    for layer in LAYERS:
        mine = [table.name for table in all_tables() if table.layer == layer]
        if not mine:
            continue
        try:
            with asking(f"tables of {place.settings.catalog}.{layer}"):
                found = {t.name for t in place.client.tables.list(place.settings.catalog, layer, omit_columns=True)}
        except WorkspaceNotFoundError:
            lost.append(f"schema {layer}")
            continue
        lost += [f"table {layer}.{name}" for name in mine if name not in found]
    return lost


def missing_secrets(place: Place) -> list[str]:
    """Secrets that the settings name and the scopes do not hold; the values are not read."""
    alerts = place.settings.alerts
    named = (*(source.url_env for source in place.settings.sources), alerts.webhook_env, alerts.smtp_env)
    references = sorted({name for name in named if name and "/" in name})
    scopes = {reference.split("/", 1)[0] for reference in references}
    with asking("secret scopes"):
        known = {scope.name for scope in place.client.secrets.list_scopes()}
    there = set()
    for scope in scopes & known:
        with asking(f"secrets of {scope}"):
            there |= {f"{scope}/{secret.key}" for secret in place.client.secrets.list_secrets(scope)}
    return [f"secret {reference}" for reference in references if reference not in there]


def _warehouse_state(place: Place) -> str | None:
    with asking("warehouses"):
        found = [entry for entry in place.client.warehouses.list() if entry.name == place.name]
    return found[0].state.value if found and found[0].state else None


def _last_run(place: Place) -> BaseRun | None:
    job_id = place.job_id("pipeline")
    with asking("runs of the pipeline"):
        return next(iter(place.client.jobs.list_runs(job_id=job_id, limit=1)), None)


def _state(run: BaseRun | None) -> str | None:
    state = (run.state.result_state or run.state.life_cycle_state) if run and run.state else None
    return state.value if state else None
