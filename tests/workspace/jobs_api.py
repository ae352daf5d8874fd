"""Jobs of the stand-in: kept as given, and run as the platform runs them, in the order of their graph.

Semantics: `depends_on` with `run_if`, `for_each_task` over every input, `max_retries` per task, parameters of the job,
`only`. A task is done by the `Runner` that the test gives.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from itertools import count
from typing import Any

from tests.workspace.server import ApiError, Body, Request, Workspace

Runner = Callable[[Body, list[str]], tuple[int, str]]  # job and argv of a task → exit code and what it wrote


@dataclass
class TaskRun:
    """One try of a task that did or did not go well."""

    run_id: int
    task_key: str
    argv: list[str]
    attempt: int = 0
    state: str = "PENDING"
    result: str | None = None
    code: int | None = None
    logs: str = ""

    def shown(self) -> Body:
        """As the API shows it."""
        state = {"life_cycle_state": self.state, "result_state": self.result}
        return {"run_id": self.run_id, "task_key": self.task_key, "attempt_number": self.attempt, "state": state}


@dataclass
class Run:
    """One run of a job."""

    run_id: int
    job: Body
    parameters: dict[str, str]
    tasks: list[TaskRun] = field(default_factory=list)
    state: str = "RUNNING"
    result: str | None = None

    def shown(self) -> Body:
        """As the API shows it."""
        state = {"life_cycle_state": self.state, "result_state": self.result}
        tasks = [task.shown() for task in self.tasks]
        return {"run_id": self.run_id, "job_id": self.job["job_id"], "state": state, "tasks": tasks,
                "start_time": 1_790_000_000_000, "run_page_url": f"http://127.0.0.1/run/{self.run_id}"}  # fmt: skip


class Jobs:
    """The jobs of a workspace; `runner` does tasks, `runs` is what was run."""

    def __init__(self, workspace: Workspace) -> None:
        self.jobs: dict[int, Body] = {}
        self.runs: dict[int, Run] = {}
        self.runner: Runner = lambda job, argv: (0, "")
        self.numbers, self.tokens = count(1001), dict[str, int]()
        api = r"/api/2\.\d/jobs"
        for method, path, answer in (
            ("POST", "/create", self.create), ("GET", "/get", self.get), ("GET", "/list", self.list),
            ("POST", "/reset", self.reset), ("POST", "/delete", self.delete), ("POST", "/run-now", self.run_now),
            ("GET", "/runs/get", self.get_run), ("GET", "/runs/list", self.list_runs),
            ("GET", "/runs/get-output", self.get_output),
        ):  # fmt: skip
            workspace.route(method, api + path, answer)

    def add(self, settings: Body) -> int:
        """Keep a job; gives its id."""
        job_id = next(self.numbers)
        self.jobs[job_id] = {"job_id": job_id, "settings": settings, "creator_user_name": "deployer@example.com"}
        return job_id

    def named(self, name: str) -> Body:
        """Settings of the job of a name."""
        return next(job["settings"] for job in self.jobs.values() if job["settings"]["name"] == name)

    def create(self, request: Request) -> Body:
        return {"job_id": self.add(request.body)}

    def _job(self, value: object) -> Body:
        if int(str(value)) not in self.jobs:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Job {value} does not exist.")
        return self.jobs[int(str(value))]

    def get(self, request: Request) -> Body:
        return self._job(request.query.get("job_id"))

    def list(self, request: Request) -> Body:
        name = request.query.get("name")
        return {"jobs": [job for job in self.jobs.values() if name in (None, job["settings"]["name"])]}

    def reset(self, request: Request) -> Body:
        self._job(request.body["job_id"])["settings"] = request.body["new_settings"]
        return {}

    def delete(self, request: Request) -> Body:
        self.jobs.pop(self._job(request.body["job_id"])["job_id"])
        return {}

    def run_now(self, request: Request) -> Body:
        job, token = self._job(request.body["job_id"]), request.body.get("idempotency_token")
        if token in self.tokens:
            return {"run_id": self.tokens[token]}
        run = Run(next(self.numbers), job, request.body.get("job_parameters") or {})
        self.runs[run.run_id] = run
        if token:
            self.tokens[token] = run.run_id
        only = request.body.get("only")
        threading.Thread(target=self._work, args=(run, only), daemon=True).start()
        return {"run_id": run.run_id}

    def _run(self, value: object) -> Run:
        if int(str(value)) not in self.runs:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Run {value} does not exist.")
        return self.runs[int(str(value))]

    def get_run(self, request: Request) -> Body:
        return self._run(request.query["run_id"]).shown()

    def list_runs(self, request: Request) -> Body:
        job_id = request.query.get("job_id")
        found = [run for run in self.runs.values() if job_id in (None, str(run.job["job_id"]))]
        return {"runs": [run.shown() for run in reversed(found)][: int(request.query.get("limit", 20))]}

    def get_output(self, request: Request) -> Body:
        wanted = int(request.query["run_id"])
        for task in (task for run in self.runs.values() for task in run.tasks):
            if task.run_id == wanted:
                error = {"error": f"SystemExit: {task.code}"} if task.code else {}
                return {"metadata": task.shown(), "logs": task.logs, **error}
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"Run {wanted} does not exist.")

    def _work(self, run: Run, only: list[str] | None) -> None:
        settings = run.job["settings"]
        tasks = {t["task_key"]: t for t in settings["tasks"] if only is None or t["task_key"] in only}
        after = {
            key: [d["task_key"] for d in t.get("depends_on", ()) if d["task_key"] in tasks] for key, t in tasks.items()
        }
        results: dict[str, str] = {}
        for key in TopologicalSorter(after).static_order():
            befores = [results[name] for name in after[key]]
            results[key] = self._task(run, tasks[key]) if _may_run(tasks[key], befores) else "UPSTREAM_FAILED"
            if results[key] == "UPSTREAM_FAILED":
                run.tasks.append(TaskRun(next(self.numbers), key, [], state="TERMINATED", result="UPSTREAM_FAILED"))
        leaves = set(tasks) - {name for names in after.values() for name in names}
        well = set(results.values()) == {"SUCCESS"}
        ended = {results[key] for key in leaves} == {"SUCCESS"}  # the platform judges a run by its last tasks
        run.result = "SUCCESS" if well else "SUCCESS_WITH_FAILURES" if ended else "FAILED"
        run.state = "TERMINATED"

    def _task(self, run: Run, task: Body) -> str:
        if "for_each_task" not in task:
            return self._tries(run, task, "")
        loop = task["for_each_task"]
        done = [self._tries(run, loop["task"], str(value)) for value in json.loads(loop["inputs"])]
        return "SUCCESS" if set(done) <= {"SUCCESS"} else "FAILED"

    def _tries(self, run: Run, task: Body, value: str) -> str:
        argv = _filled(run, task["python_wheel_task"].get("parameters", []), value)
        for attempt in range(task.get("max_retries", 0) + 1):
            done = TaskRun(next(self.numbers), task["task_key"], argv, attempt, "RUNNING")
            run.tasks.append(done)
            done.code, done.logs = self.runner(run.job, argv)
            done.result, done.state = "FAILED" if done.code else "SUCCESS", "TERMINATED"
            if not done.code:
                return "SUCCESS"
        return "FAILED"


def _may_run(task: Body, befores: list[str]) -> bool:
    return task.get("run_if") == "ALL_DONE" or all(result == "SUCCESS" for result in befores)


def _filled(run: Run, argv: list[str], value: str) -> list[str]:
    known: dict[str, Any] = {
        p["name"]: p["default"] for p in run.job["settings"].get("parameters", ())
    } | run.parameters
    words = {"{{input}}": value} | {f"{{{{job.parameters.{name}}}}}": str(given) for name, given in known.items()}
    return [words.get(word, word) for word in argv]
