"""What an AI/BI dashboard file says, as far as it is drawn here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakehouse.errors import DashboardError

CHARTS = {"bar": 3, "line": 3, "area": 3, "pie": 3}
FILTERS = dict.fromkeys(("filter-single-select", "filter-multi-select", "filter-date-range-picker"), 2)
DRAWN = {"counter": 2, "table": 1, "text": 0} | CHARTS | FILTERS  # by the version that we write; others are read too


@dataclass(frozen=True)
class Field:
    """One column of a widget's query: an expression over the dataset, under a name."""

    name: str
    expression: str


@dataclass(frozen=True)
class Query:
    """What a widget asks of a dataset: raw rows if `disaggregated`, else grouped by all that is no aggregate."""

    name: str
    dataset: str
    fields: tuple[Field, ...]
    disaggregated: bool


@dataclass(frozen=True)
class Dataset:
    """A named statement; `measures` are expressions that widgets use as ``MEASURE(`name`)``."""

    name: str
    title: str
    sql: str
    measures: Mapping[str, str]
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Widget:
    """One box of a page.

    Attributes:
        kind: Its widgetType; `text` for a text box.
        queries: What it asks; only filters ask more than once.
        encodings: Which field is what; see `fields_of`.
        spec: All of its specification.
        text: Lines of a text box.
        place: x, y, width and height in units of the page's grid.
    """

    name: str
    kind: str
    title: str
    description: str
    queries: tuple[Query, ...]
    encodings: Mapping[str, Any]
    spec: Mapping[str, Any]
    text: str
    place: tuple[int, int, int, int]

    @property
    def order(self) -> tuple[int, int]:
        """Where it comes when a page is read line by line."""
        return self.place[1], self.place[0]

    @property
    def is_filter(self) -> bool:
        """Whether it narrows others instead of showing something."""
        return self.kind.startswith("filter-")

    def fields_of(self, channel: str) -> tuple[Mapping[str, Any], ...]:
        """Encodings of a channel, which is one field, a list, or a mapping with `fields`."""
        found = self.encodings.get(channel, ())
        if isinstance(found, Mapping):
            shared = {name: value for name, value in found.items() if name != "fields"}
            return tuple(shared | one for one in found["fields"]) if "fields" in found else (found,)
        return tuple(found)

    @property
    def encoded(self) -> list[str]:
        """Names of all fields that some channel shows."""
        entries = [entry for channel in self.encodings for entry in self.fields_of(channel)]
        return [entry["fieldName"] for entry in entries if "fieldName" in entry]


@dataclass(frozen=True)
class Page:
    """A canvas, or the filters that hold for every page."""

    name: str
    title: str
    grid: int
    has_global_filters: bool
    widgets: tuple[Widget, ...]


@dataclass(frozen=True)
class Dashboard:
    """One file."""

    name: str
    datasets: Mapping[str, Dataset]
    pages: tuple[Page, ...]

    def filters_of(self, page: Page) -> list[Widget]:
        """Filters that hold for a page: its own and the global ones."""
        pages = [one for one in self.pages if one.has_global_filters or one is page]
        return [widget for one in pages for widget in one.widgets if widget.is_filter]

    @property
    def not_drawn(self) -> list[Widget]:
        """Widgets of a kind that is not drawn here."""
        return [widget for page in self.pages for widget in page.widgets if widget.kind not in DRAWN]


def load(path: Path) -> Dashboard:
    """Read a file.

    Raises:
        DashboardError: It is not there, no JSON, or no AI/BI dashboard; the message says where.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DashboardError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is no text'}") from error
    return parse(text, path.name.removesuffix(".lvdash.json"))


def parse(text: str, name: str) -> Dashboard:
    """Read the text of a file; see `load`."""
    try:
        tree = json.loads(text)
        datasets = [_dataset(entry) for entry in tree["datasets"]]
        pages = tuple(_page(entry) for entry in tree["pages"])
    except json.JSONDecodeError as error:
        raise DashboardError(f"dashboard {name}: not valid JSON: {error}") from error
    except KeyError as error:
        raise DashboardError(f"dashboard {name}: no AI/BI dashboard, it lacks {error}") from error
    except (TypeError, AttributeError, ValueError) as error:
        raise DashboardError(f"dashboard {name}: no AI/BI dashboard: {error}") from error
    return Dashboard(name, {one.name: one for one in datasets}, pages)


def _dataset(entry: Mapping[str, Any]) -> Dataset:
    return Dataset(
        name=entry["name"],
        title=entry.get("displayName", entry["name"]),
        sql="".join(entry["queryLines"]) if "queryLines" in entry else entry["query"],
        measures={one["displayName"]: one["expression"] for one in entry.get("columns", ())},
        parameters=tuple(one["keyword"] for one in entry.get("parameters", ())),
    )


def _page(entry: Mapping[str, Any]) -> Page:
    return Page(
        name=entry["name"],
        title=entry.get("displayName", entry["name"]),
        grid=12 if entry.get("layoutVersion") == "GRID_V1" else 6,
        has_global_filters=entry.get("pageType") == "PAGE_TYPE_GLOBAL_FILTERS",
        widgets=tuple(_widget(item["widget"], item["position"]) for item in entry.get("layout", ())),
    )


def _widget(entry: Mapping[str, Any], place: Mapping[str, int]) -> Widget:
    spec = entry.get("spec", {})
    lines = entry.get("multilineTextboxSpec", {}).get("lines", entry.get("textbox_spec", ""))
    frame = spec.get("frame", {})
    return Widget(
        name=entry["name"],
        kind=spec.get("widgetType", "text" if lines else "unknown"),
        title=frame.get("title", "") if frame.get("showTitle") else "",
        description=frame.get("description", "") if frame.get("showDescription") else "",
        queries=tuple(_query(one["name"], one["query"]) for one in entry.get("queries", ())),
        encodings=spec.get("encodings", {}),
        spec=spec,
        text=lines if isinstance(lines, str) else "".join(lines),
        place=(place["x"], place["y"], place["width"], place["height"]),
    )


def _query(name: str, entry: Mapping[str, Any]) -> Query:
    fields = tuple(Field(one["name"], one["expression"]) for one in entry.get("fields", ()))
    return Query(name, entry["datasetName"], fields, bool(entry.get("disaggregated")))
