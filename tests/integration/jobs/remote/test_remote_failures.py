"""Every way in which a workspace can fail is one line that says what to do, with the exit code for it."""

from __future__ import annotations

import time

import pytest

from tests.integration.jobs.conftest import Command
from tests.support.cli import in_process
from tests.workspace.sql_api import Rows, StatementError
from tests.workspace.whole import StandIn

WAREHOUSES = "GET /api/2.0/sql/warehouses"
STATUS = {
    401: (2, "does not accept the credentials: renew DATABRICKS_TOKEN"),
    403: (2, "not permitted: no CAN_USE; ask for the grant"),
    404: (2, "is the target deployed? see `observatory deploy`"),
    409: (3, "somebody else changes it"),
    400: (2, "refused: no CAN_USE"),
    500: (3, "the workspace fails: no CAN_USE; try again"),
    503: (3, "no answer within 4 s"),
}


@pytest.mark.parametrize("status", STATUS)
def test_errors_of_the_api(status: int, workspace: StandIn, observatory: Command) -> None:
    """Each with the exit code that a scheduler needs: 2 asks for a person, 3 for another try."""
    code, message = STATUS[status]
    workspace.fail(WAREHOUSES, status, message="no CAN_USE", times=99, Retry_After="1")
    result = observatory("query", "SELECT 1", "--remote")
    assert (result.code, len(result.errors)) == (code, 1)
    assert message in result.errors[0]
    assert "Traceback" not in result.err


def test_too_many_requests_wait_as_long_as_asked(workspace: StandIn, observatory: Command) -> None:
    """429 with Retry-After: the command waits and then works."""
    workspace.fail(WAREHOUSES, 429, message="slow down", Retry_After="1")
    began = time.monotonic()
    assert observatory("query", "SELECT 1", "--remote").code == 0
    assert time.monotonic() - began >= 1


def test_a_request_that_hangs_is_repeated(workspace: StandIn, observatory: Command) -> None:
    """And a run that was started is not started twice: the request carries a token."""
    workspace.hang("POST .*run-now", 3.0)
    assert observatory("run", "--remote").code == 0
    assert [call for call in workspace.calls if call.endswith("run-now")] == ["POST /api/2.2/jobs/run-now"] * 2
    time.sleep(1.5)  # until the hanging request has been answered, too
    assert len(workspace.jobs.runs) == 1


def test_a_workspace_that_never_answers(workspace: StandIn, observatory: Command) -> None:
    """Exit code 3 after our patience."""
    workspace.hang(WAREHOUSES, 5, times=99)
    result = observatory("query", "SELECT 1", "--remote")
    assert result.code == 3
    assert "no answer within 4 s" in result.errors[0]


@pytest.mark.parametrize("body", [b"<html>please log in</html>", b'{"warehouses": "none"}', b"\xff\xfe"])
def test_answers_that_are_none(body: bytes, workspace: StandIn, observatory: Command) -> None:
    """A proxy's page is no workspace."""
    workspace.garble(WAREHOUSES, body, times=99)
    result = observatory("query", "SELECT 1", "--remote")
    assert (result.code, len(result.errors)) == (2, 1)
    assert "check DATABRICKS_HOST and any proxy" in result.errors[0]


def test_wrong_token(workspace: StandIn, observatory: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token is not shown."""
    monkeypatch.setenv("DATABRICKS_TOKEN", "expired-token")
    for argv in (("query", "SELECT 1"), ("health",), ("run",)):
        result = observatory(*argv, "--remote")
        assert result.code == 2
        assert "renew DATABRICKS_TOKEN" in result.errors[0]
        assert "expired-token" not in result.err


def test_no_workspace_and_no_target(
    workspace: StandIn, observatory: Command, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Missing settings and missing variables are told before anything is asked."""
    result = in_process(capfd, "health", "--remote")
    assert result.code == 2
    assert "--remote needs the settings of a target, such as --config infra/config/prod.toml" in result.errors[0]
    monkeypatch.delenv("DATABRICKS_HOST")
    monkeypatch.delenv("DATABRICKS_TOKEN")
    result = observatory("health", "--remote")
    assert result.code == 2
    assert "set DATABRICKS_HOST" in result.errors[0]
    assert workspace.calls == []


def test_a_stopped_warehouse(workspace: StandIn, observatory: Command) -> None:
    """Normally it wakes; where it does not, exit code 3 says where to look."""
    next(iter(workspace.sql.warehouses.values()))["state"] = "STOPPED"
    result = observatory("query", "SELECT 1", "--remote")
    assert result.code == 3
    assert "it is stopped, starting or full; start it under SQL Warehouses" in result.errors[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[INSUFFICIENT_PERMISSIONS] User does not have USE SCHEMA on Schema gold", "a grant is missing: [INSUF"),
        ("[TABLE_OR_VIEW_NOT_FOUND] gold.usage", "is the target deployed and its task provision done?"),
        ("[PARSE_SYNTAX_ERROR] near FRM", "query: [PARSE_SYNTAX_ERROR] near FRM"),
    ],
)
def test_a_statement_that_fails(text: str, message: str, workspace: StandIn, observatory: Command) -> None:
    """Missing grant, missing table, wrong statement."""

    def engine(statement: str) -> Rows:
        raise StatementError(text)

    workspace.sql.engine = engine
    result = observatory("query", "SELECT 1", "--remote")
    assert result.code == 2
    assert message in result.errors[0]


def test_a_job_that_is_not_there_or_there_twice(workspace: StandIn, observatory: Command) -> None:
    """Not deployed, or two people's copies."""
    workspace.jobs.add(workspace.jobs.named("llm-observatory-pipeline-dev"))
    result = observatory("run", "--remote")
    assert (result.code, "2 jobs are named llm-observatory-pipeline-dev" in result.errors[0]) == (2, True)
    workspace.jobs.jobs.clear()
    result = observatory("run", "--remote")
    assert (result.code, "0 jobs are named" in result.errors[0]) == (2, True)


def test_one_answer_lost_while_following_is_no_end(workspace: StandIn, observatory: Command) -> None:
    """The run goes on in the workspace, so the command does too."""
    workspace.fail("GET .*/runs/get", 500, message="try later")
    result = observatory("run", "--remote")
    assert result.code == 0
    assert "trying again" in result.err
