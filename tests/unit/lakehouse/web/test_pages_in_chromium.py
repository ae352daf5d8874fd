"""The pages in a real browser, over a backend without an engine whose names mean harm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from lakehouse.backend import CachedBackend
from lakehouse.web.pages import PATHS, Site
from lakehouse.web.server import create_app
from tests.support.backend import HOSTILE, ShapedBackend
from tests.support.browser import browsing, chromium, serving, visit

pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium here: install Debian's package chromium")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Address of the served pages."""
    with serving(create_app(Site(CachedBackend(ShapedBackend())))) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with browsing() as one:
        yield one


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_page_draws(browser: Browser, site: str, path: str, dark: bool) -> None:
    """Every chart is drawn, no script of a name runs, nothing is asked of elsewhere, and axe-core finds nothing."""
    with visit(browser, site + path, dark=dark) as seen:
        page = seen.page
        page.on("dialog", lambda dialog: seen.troubles.append(dialog.message))
        assert page.locator(".chart svg").count() == page.locator(".chart").count() >= 4
        assert page.locator(".empty").count() == 0
        assert page.locator("img, iframe, object").count() == 0
        assert page.get_by_text(HOSTILE, exact=True).count() > 0
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert seen.troubles == []


@pytest.mark.parametrize("width", [390, 768, 1100, 1920])
def test_page_fits(browser: Browser, site: str, width: int) -> None:
    """No page scrolls sideways, and no two boxes lie on each other."""
    boxes = "[...document.querySelectorAll('.box')].map((box) => box.getBoundingClientRect().toJSON())"
    for path in PATHS:
        with visit(browser, site + path, width) as seen:
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, path
            places = seen.page.evaluate(boxes)
            for at, one in enumerate(places):
                for other in places[at + 1 :]:
                    apart = one["right"] <= other["left"] or other["right"] <= one["left"]
                    assert apart or one["bottom"] <= other["top"] or other["bottom"] <= one["top"], path
            assert seen.troubles == []


def test_keyboard_and_theme(browser: Browser, site: str) -> None:
    """Series are switched and the theme is changed by keys alone; the theme stays."""
    with visit(browser, site + "/") as seen:
        page = seen.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        series = page.locator("#overview-requests_daily .legend button").first
        drawn = "document.querySelectorAll('#overview-requests_daily .chart svg path').length"
        before = page.evaluate(drawn)
        series.press("Enter")
        assert series.get_attribute("aria-pressed") == "false"
        page.wait_for_function(f"{drawn} < {before}")
        page.locator("#theme").press("Enter")
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert seen.troubles == []


def test_filters_are_kept_in_the_address(browser: Browser, site: str) -> None:
    """Chosen by keys, sent on leaving, shown as chips that take them away again; a hostile name is only a value."""
    with visit(browser, site + "/") as seen:
        page = seen.page
        page.locator("details.pick summary", has_text="Model").press("Enter")
        page.get_by_label(HOSTILE, exact=True).check()
        page.keyboard.press("Escape")
        page.wait_for_url("**/?model_key=**")
        assert page.locator(".chips a").first.text_content() == f"{HOSTILE} ×"
        page.locator(".presets a", has_text="7 d").click()
        page.wait_for_url("**event_date.from=2026-02-03&event_date.to=2026-02-09")
        assert page.locator(".presets a[aria-current]").text_content() == "7 d"
        page.locator(".chips .clear").click()
        page.wait_for_url(site + "/")
        assert page.locator(".chips").count() == 0
        assert seen.troubles == []
