"""The application without an engine: who may ask, what is refused, and that what comes from outside stays text."""

from __future__ import annotations

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from starlette.testclient import TestClient

from lakehouse.backend import CachedBackend
from lakehouse.errors import ConfigurationError, TransientError
from lakehouse.sql.loader import load_query
from lakehouse.web.pages import PATHS, Site
from lakehouse.web.server import COOKIE, create_app
from tests.support.backend import HOSTILE, ShapedBackend

TOKEN = "a-token-of-this-test"
served = create_app(Site(CachedBackend(ShapedBackend())), hosts=("testserver",))
schema = schemathesis.openapi.from_asgi("/openapi.json", served)


def client(backend: ShapedBackend | None = None, token: str | None = None, has_proxy: bool = False) -> TestClient:
    """A client of an application over a backend."""
    app = create_app(Site(CachedBackend(backend or ShapedBackend())), token, has_proxy=has_proxy)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_api_keeps_its_word(case: schemathesis.Case) -> None:
    """Whatever is asked, the answer is what the schema says."""
    case.call_and_validate()


@pytest.mark.parametrize("path", PATHS)
def test_names_from_outside_are_text(path: str) -> None:
    """No tag, no script and no attribute is made of a model's name, wherever it stands, and no template runs in it."""
    answer = client().get(path, params={"source_name" if path == "/quality" else "model_key": HOSTILE})
    assert answer.status_code == 200
    assert "<img src=x" not in answer.text
    assert "49" not in re.findall(r"onerror=alert\(1\)&gt;.{0,20}", answer.text)
    assert answer.text.count("</script>") == answer.text.count("<script")
    assert "{{7*7}}" in answer.text


def test_every_answer_has_its_policy() -> None:
    """Pages, files, API and errors alike; nothing from elsewhere, no script within a page."""
    browser = client()
    for path in (*PATHS, "/static/dashboard.css", "/api/metrics", "/healthz", "/nothing-here"):
        policy = browser.get(path).headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy


def test_pages_load_nothing_from_elsewhere() -> None:
    """Every address in a page is its own."""
    found = re.findall(r'(?:src|href|action)="([^"]*)"', client().get("/").text)
    assert found
    assert all(address.startswith(("/", "#")) for address in found)
    assert all(client().get(address).status_code == 200 for address in set(found) if address.startswith("/static/"))


def test_token() -> None:
    """Whoever shows it is let in, as a bearer, or once in the address and then by a cookie; nobody else is."""
    browser = client(token=TOKEN)
    assert browser.get("/").status_code == 401
    assert browser.get("/api/metrics", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/api/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    first = browser.get("/cost", params={"token": TOKEN}, follow_redirects=False)
    assert first.headers["location"] == "/cost"
    assert "HttpOnly" in first.headers["set-cookie"]
    assert browser.cookies[COOKIE] == TOKEN
    assert browser.get("/cost").status_code == 200


def test_other_names_of_this_machine_are_refused() -> None:
    """A page of another site cannot be pointed at this server."""
    assert client().get("/", headers={"host": "evil.example"}).status_code == 400


def test_user_is_whom_the_platform_names() -> None:
    """And only behind the platform: anybody else could write that header."""
    header = {"x-forwarded-email": "<b>ada@example.com"}
    assert "&lt;b&gt;ada@example.com" in client(has_proxy=True).get("/", headers=header).text
    assert "ada@example.com" not in client().get("/", headers=header).text


@pytest.mark.parametrize(("trouble", "status"), [(ConfigurationError, 500), (TransientError, 503)])
def test_engine_in_trouble(trouble: type[ConfigurationError] | type[TransientError], status: int) -> None:
    """A page that says so, JSON for the API, and a health check that tells."""
    browser = client(ShapedBackend(trouble))
    assert (browser.get("/").status_code, browser.get("/api/metrics").status_code) == (status, status)
    assert "the engine is away" in browser.get("/").text
    assert browser.get("/api/metrics").json() == {"detail": "the engine is away"}
    assert browser.get("/healthz").status_code == 503


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "first_day=yesterday", "model_key=", "provider_name=" + "x" * 501],
)
def test_api_refuses_what_is_absurd(query: str) -> None:
    """With what is wrong, and without asking the engine."""
    backend = ShapedBackend()
    answer = client(backend).get(f"/api/metrics?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "query"
    assert backend.asked == []


def test_api_gives_values_by_marker() -> None:
    """SQL in a parameter is only a value."""
    backend = ShapedBackend()
    answer = client(backend).get("/api/metrics", params={"team_id": "'; DROP TABLE x; --", "limit": 2})
    assert answer.json()["is_cut"] is True
    assert len(answer.json()["rows"]) == 2
    (sql, values) = backend.asked[0]
    assert "DROP" not in sql
    assert values["team_id"] == "'; DROP TABLE x; --"
    assert values["model_key"] is None


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("comparisons?metric=ttft_ms&model_key=a", {"metric": "ttft_ms", "model_key": "a", "other_model_key": None}),
        ("insights?kind=saving&state=standing", {"kind": "saving", "state": "standing"}),
    ],
)
def test_findings(query: str, given: dict[str, str | None]) -> None:
    """Rows of the analyses, narrowed by markers; a word that none of them uses is refused."""
    backend = ShapedBackend()
    answer = client(backend).get(f"/api/{query}&limit=1").json()
    assert (len(answer["rows"]), answer["is_cut"]) == (1, True)
    assert HOSTILE in answer["rows"][0].values()
    assert backend.asked[0][1] == {**given, "row_limit": 2}
    assert client().get(f"/api/{query.split('?')[0]}?metric=nonsense&kind=nonsense").status_code == 422


def test_queries_take_the_parameters_that_they_name() -> None:
    """Head and markers of each file agree."""
    for name in ("metrics", "comparisons", "insights"):
        query = load_query(name)
        body = re.sub(r"--.*", "", query.statement)
        assert set(query.parameters) == set(re.findall(r"(?<![:\w]):(\w+)", body)), name


def test_answers_are_kept_until_the_tables_change() -> None:
    """The second reader of a page costs no query; the first one after a run does."""
    backend = ShapedBackend()
    browser = client(backend)
    browser.get("/")
    asked = len(backend.asked)
    browser.get("/")
    assert len(backend.asked) == asked
    backend.state = "2"
    browser.get("/")
    assert len(backend.asked) == 2 * asked
