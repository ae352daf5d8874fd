"""A report's HTML taken apart by Python's own parser."""

from __future__ import annotations

import json
from collections import Counter
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """What a browser would see: elements, their attributes, scripts, styles and the tables of each figure."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.texts: list[str] = []
        self.options: dict[str, dict[str, Any]] = {}
        self.values: dict[str, list[str]] = {}
        self.headings: dict[str, list[str]] = {}
        self.cells: dict[str, list[list[str]]] = {}
        self._open: list[tuple[str, dict[str, str]]] = []
        self._figure = ""
        self.feed(html)
        self.close()

    @property
    def csp(self) -> dict[str, list[str]]:
        """The page's policy by directive."""
        text = next(value for tag, name, value in self.attributes if tag == "meta" and value.startswith("default-src"))
        return {words[0]: words[1:] for words in (part.split() for part in text.split(";"))}

    @property
    def text(self) -> str:
        """Everything that is read, in order."""
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count the element and note where it stands."""
        found = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in found.items()]
        if tag not in VOID:
            self._open.append((tag, found))
        if tag == "figure":
            self._figure = found["id"]
            self.values[self._figure], self.cells[self._figure], self.headings[self._figure] = [], [], []
        if tag == "tr":
            self.cells[self._figure].append([])
        if tag in {"td", "th"}:
            self.cells[self._figure][-1].append("")
        if tag == "data":
            self.values[self._figure].append(found["value"])

    def handle_endtag(self, tag: str) -> None:
        """Leave the element; elements that close in another order are an error of the page."""
        assert self._open.pop()[0] == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        """Sort the text by what it stands in."""
        tag, attrs = self._open[-1] if self._open else ("", {})
        if tag == "script" and attrs.get("type") == "application/json":
            self.options[self._figure] = json.loads(data)["baseOption"]
        elif tag == "script":
            self.scripts.append(data)
        elif tag == "style":
            self.styles.append(data)
        else:
            self.texts.append(data)
            if any(name in {"td", "th"} for name, _ in self._open):
                self.cells[self._figure][-1][-1] += data
