"""Starts jobs in the workspace and follows them to their end."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping, Sequence

from databricks.sdk.service.jobs import Run, RunLifeCycleState, RunResultState, RunState, RunTask

from jobs.context import Tell
from jobs.remote.place import Place
from jobs.retry import with_retries
from lakehouse import errors
from lakehouse.errors import LockedError, ObservatoryError, TransientError
from lakehouse.io.workspace import asking

POLL_S = 5.0
ENDED = {RunLifeCycleState.TERMINATED, RunLifeCycleState.SKIPPED, RunLifeCycleState.INTERNAL_ERROR}
CODE = re.compile(r"SystemExit: (\d+)")
KINDS = (
    errors.ConfigurationError, errors.TransientError, errors.DataGateError, errors.ReconciliationError,
    errors.LockedError, errors.IntegrityError, errors.TargetMissedError,
)  # fmt: skip


def run_job(
    place: Place, key: str, tell: Tell, parameters: Mapping[str, str] | None = None, only: Sequence[str] | None = None
) -> None:
    """Start a job and wait for its end.

    Args:
        place: The deployment.
        key: The job's key in the bundle.
        tell: Takes a line for every change of a task.
        parameters: Of the job.
        only: Tasks to run; all by default.

    Raises:
        ObservatoryError: A task failed: the error that the task ended with, as far as its exit code is known.
        TransientError: The run was cancelled or timed out.
        LockedError: Another run of the job was not over.
        WorkspaceError: See `asking`.
    """
    job_id, name = place.job_id(key), place.job_name(key)
    with asking(f"start of {name}"):  # the token makes a repeated request start no second run
        started = place.client.jobs.run_now(
            job_id,
            job_parameters=dict(parameters or {}),
            only=list(only) if only else None,
            idempotency_token=uuid.uuid4().hex,
        )
        run_id = int(started.response.run_id)
    run = _followed(place, name, run_id, tell)
    if run.state and run.state.result_state == RunResultState.SUCCESS:
        tell(f"{name}: done")
        return
    raise _failure(place, name, run)


def _followed(place: Place, name: str, run_id: int, tell: Tell) -> Run:
    """Tell what changes until the run has ended."""
    told: dict[int, str] = {}

    def look() -> Run:
        with asking(f"run {run_id} of {name}"):
            return place.client.jobs.get_run(run_id)

    while True:
        run = with_retries(look, tell)
        if not told:
            tell(f"{name}: run {run_id} {run.run_page_url or ''}".rstrip())
        for task in run.tasks or ():
            number, state = int(task.run_id or 0), _words(task.state)
            if told.get(number, "pending") != state:
                tell(f"{task.task_key}: {state}")
            told[number] = state
        if run.state and run.state.life_cycle_state in ENDED:
            return run
        told.setdefault(0, "")
        time.sleep(POLL_S)


def _words(state: RunState | None) -> str:
    shown = (state.result_state or state.life_cycle_state) if state else None
    return shown.value.lower().replace("_", " ") if shown else "pending"


def _failure(place: Place, name: str, run: Run) -> ObservatoryError:
    state = run.state.result_state if run.state else None
    if state == RunResultState.MAXIMUM_CONCURRENT_RUNS_REACHED:
        return LockedError(f"{name}: another run is not over; wait for it")
    failed = [task for task in run.tasks or () if task.state and task.state.result_state == RunResultState.FAILED]
    if not failed:
        text = run.state.state_message if run.state else None
        return TransientError(f"{name}: the run ended as {_words(run.state)}: {text or 'see the workspace'}")
    return _of_task(place, name, failed[-1])


def _of_task(place: Place, name: str, task: RunTask) -> ObservatoryError:
    """Read what the task wrote: our commands end stderr by a line `error: …`, and exit by a code of ours."""
    with asking(f"output of {task.task_key}"):
        output = place.client.jobs.get_run_output(int(task.run_id or 0))
    lines = [line for line in (output.logs or "").splitlines() if line.startswith("error: ")]
    text = lines[-1].removeprefix("error: ") if lines else output.error or "no output"
    code = CODE.search(output.error or "")
    kind = next((kind for kind in KINDS if code and kind.exit_code == int(code[1])), ObservatoryError)
    return kind(f"{name}: task {task.task_key} failed: {text}")
