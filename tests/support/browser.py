"""A server of the pages and a headless Chromium, both on this machine."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 120_000  # a page with a new choice asks Spark, on a machine that may be busy
DRAWN = "document.documentElement.dataset.drawn"


def chromium() -> str | None:
    """Where the machine has a Chromium."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start Chromium; as root it runs without its sandbox, which it cannot set up there."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """One page in a tab of its own, and what went wrong in it or left this machine."""

    page: Page
    troubles: list[str] = field(default_factory=list)


@contextmanager
def visit(browser: Browser, url: str, width: int = 1280, dark: bool = False) -> Iterator[Visit]:
    """Open a page and wait until its charts are drawn."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light")
    page.set_default_timeout(PATIENCE_MS)
    seen = Visit(page)
    origin = "/".join(url.split("/", 3)[:3])
    page.on("console", lambda m: seen.troubles.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.troubles.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((origin, "data:")) else seen.troubles.append(r.url))
    try:
        page.goto(url)
        page.wait_for_function(f"{DRAWN} !== undefined")
        yield seen
    finally:
        page.close()
