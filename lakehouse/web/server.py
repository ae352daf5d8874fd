"""The web application: the pages, the API under /api, and who may ask."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from lakehouse.errors import ChoiceError, ObservatoryError, TransientError
from lakehouse.web.api import router
from lakehouse.web.assets import templates
from lakehouse.web.pages import PATHS, Site

Next = Callable[[Request], Awaitable[Response]]
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
COOKIE = "observatory_token"
KEPT = "public, max-age=31536000, immutable"  # a file of another build has another address


def create_app(
    site: Site, token: str | None = None, hosts: Sequence[str] = LOOPBACK, has_proxy: bool = False
) -> FastAPI:
    """Make the application.

    Args:
        site: Draws the pages.
        token: Whoever asks must show it, as a bearer or once as `?token=`; None asks for nothing.
        hosts: Names under which it may be reached; `*` for any.
        has_proxy: Whether a proxy before it admits only signed-in users and names them in `X-Forwarded-Email`; without
            one, anybody could write that header, so it is not read.
    """
    app = FastAPI(title="LLM Performance Observatory", version="1", docs_url=None, redoc_url=None)
    app.mount("/static", StaticFiles(directory=str(files("lakehouse.web") / "static")))
    for path in PATHS:
        app.add_api_route(path, _page(site, path, has_proxy), response_class=HTMLResponse, include_in_schema=False)
    app.include_router(router(site.backend))
    app.add_exception_handler(ObservatoryError, _refused)
    app.middleware("http")(_guard(token))
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    return app


def _page(site: Site, path: str, has_proxy: bool) -> Callable[[Request], HTMLResponse]:
    def page(request: Request) -> HTMLResponse:
        user = request.headers.get("x-forwarded-email", "") if has_proxy else ""
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
        return HTMLResponse(site.page(path, query, user))

    return page


def _guard(token: str | None) -> Callable[[Request, Next], Awaitable[Response]]:
    async def guard(request: Request, proceed: Next) -> Response:
        given = request.query_params.get("token", "")
        if token and request.url.path != "/healthz" and not _may(request, token, given):
            return _with_headers(request, _error(request, HTTPStatus.UNAUTHORIZED, "Open it with ?token=… once."))
        if token and given and request.method == "GET":
            response: Response = RedirectResponse(request.url.remove_query_params("token").path or "/")
            response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
            return _with_headers(request, response)
        return _with_headers(request, await proceed(request))

    return guard


def _may(request: Request, token: str, given: str) -> bool:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    shown = (bearer, request.cookies.get(COOKIE, ""), given)
    return any(secrets.compare_digest(one.encode(), token.encode()) for one in shown)


def _with_headers(request: Request, response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.url.path.startswith("/static/") and request.url.query and response.status_code == HTTPStatus.OK:
        response.headers["Cache-Control"] = KEPT
    return response


def _refused(request: Request, error: Exception) -> Response:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, ChoiceError):
        status = HTTPStatus.BAD_REQUEST
    elif isinstance(error, TransientError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return _error(request, status, " ".join(str(error).split()))


def _error(request: Request, status: HTTPStatus, text: str) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"detail": text}, status_code=status)
    page = templates().get_template("error.html.j2").render(title=status.phrase, text=text)
    return HTMLResponse(page, status_code=status)
