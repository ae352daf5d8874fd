"""A reader's choice as the query of a page's address, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from lakehouse.errors import ChoiceError
from lakehouse.web.dashboards.answer import Filter
from lakehouse.web.dashboards.chart import NOT_KNOWN
from lakehouse.web.dashboards.statement import Choice

SPANS = (("7 d", 7), ("30 d", 30), ("90 d", 90))
MOST_VALUES, LONGEST = 200, 500  # of one filter; more is no choice of a reader
ENDS = (".from", ".to")


@dataclass(frozen=True)
class Link:
    """A link; `is_current` tells that it leads to where the reader is."""

    title: str
    href: str
    is_current: bool = False


def read_choice(query: Iterable[tuple[str, str]], fields: Sequence[str]) -> Choice:
    """Read the query of an address.

    Args:
        query: Names and values in their order; a field's days are `field.from` and `field.to`.
        fields: Fields that the page's filters narrow.

    Raises:
        ChoiceError: An unknown name, a day that is none or ends before it begins, or too many or too long values.
    """
    values: dict[str, list[str]] = {}
    days: dict[str, list[date | None]] = {}
    for name, value in query:
        field, end = (name[: name.rindex(".")], name[name.rindex(".") :]) if name.endswith(ENDS) else (name, "")
        if field not in fields:
            raise ChoiceError(f"no filter {name[:60]!r} on this page; there are {', '.join(fields) or 'none'}")
        if end:
            days.setdefault(field, [None, None])[ENDS.index(end)] = _day(name, value)
        else:
            values.setdefault(field, []).append(value)
    for field, given in values.items():
        if len(given) > MOST_VALUES or max(map(len, given)) > LONGEST or any("\0" in value for value in given):
            raise ChoiceError(f"filter {field}: at most {MOST_VALUES} values of {LONGEST} characters")
    for field, (first, last) in days.items():
        if first and last and first > last:
            raise ChoiceError(f"filter {field}: {first} comes after {last}")
    return Choice(
        {field: tuple(dict.fromkeys(given)) for field, given in values.items()},
        {field: (first, last) for field, (first, last) in days.items()},
    )


def _day(name: str, value: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ChoiceError(f"{name}: {value[:60]!r} is no day; write YYYY-MM-DD") from error


def written(choice: Choice) -> str:
    """The query of an address."""
    pairs = [(field, value) for field, values in choice.values.items() for value in values]
    pairs += [
        (f"{field}{end}", str(day))
        for field, both in choice.days.items()
        for end, day in zip(ENDS, both, strict=True)
        if day
    ]
    return f"?{urlencode(pairs)}" if pairs else ""


def chips(path: str, choice: Choice) -> list[Link]:
    """One link for each chosen value, to the same page without it."""
    made = []
    for field, values in choice.values.items():
        for value in values:
            rest = {**choice.values, field: tuple(other for other in values if other != value)}
            made.append(Link(value or NOT_KNOWN, path + written(Choice(rest, choice.days))))
    for field, (first, last) in choice.days.items():
        if first or last:
            rest_days = {name: both for name, both in choice.days.items() if name != field}
            made.append(Link(f"{first or '…'} – {last or '…'}", path + written(Choice(choice.values, rest_days))))
    return made


def presets(path: str, filters: Sequence[Filter], choice: Choice) -> list[Link]:
    """Links to the newest days that there are, counted from the last one with data, and to all."""
    made = []
    for one in filters:
        if not (one.is_days and one.last):
            continue
        last = date.fromisoformat(one.last)
        spans = [(title, (last - timedelta(days=number - 1), last)) for title, number in SPANS]
        for title, both in [*spans, ("All", (None, None))]:
            chosen = Choice(choice.values, {**choice.days, one.field: both})
            made.append(Link(title, path + written(chosen), choice.days.get(one.field, (None, None)) == both))
    return made
