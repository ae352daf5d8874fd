"""Number formats of dashboard files, as text here and as JSON for the charts' script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Number = int | float | Decimal
SIZES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
PATTERN = re.compile(r"(?P<prefix>[$€£¥]?)(?P<whole>0,0|0)(?:\.(?P<digits>0+))?(?P<percent>%?)")


@dataclass(frozen=True)
class NumberFormat:
    """How a number is written.

    Attributes:
        prefix: Before it, such as a currency's sign.
        suffix: After it.
        factor: What it is multiplied by first: 100 for a ratio shown as per cent.
        least: Decimal places that are always shown.
        most: Decimal places at most.
        is_compact: Whether thousands become K, millions M and so on.
    """

    prefix: str = ""
    suffix: str = ""
    factor: int = 1
    least: int = 0
    most: int = 2
    is_compact: bool = False

    def text(self, value: Number) -> str:
        """Write a number; one that would be rounded to nothing is written as below the smallest that is shown."""
        number = float(value) * self.factor
        size, unit = abs(number), ""
        if self.is_compact:
            scale, unit = next(((scale, unit) for scale, unit in SIZES if size >= scale), (1.0, ""))
            size /= scale
        smallest = 10.0**-self.most
        below = 0 < size < smallest / 2
        digits = f"{smallest if below else size:,.{self.most}f}"
        whole, _, places = digits.partition(".")
        places = places.rstrip("0").ljust(self.least, "0")
        sign = ("<" if number > 0 else ">−") if below else ("−" if number < 0 else "")
        return f"{sign}{self.prefix}{whole}{'.' if places else ''}{places}{unit}{self.suffix}"

    @property
    def as_json(self) -> Mapping[str, Any]:
        """The same for the script."""
        return {
            "prefix": self.prefix, "suffix": self.suffix, "factor": self.factor, "least": self.least,
            "most": self.most, "compact": self.is_compact,
        }  # fmt: skip


def number_format(encoding: Mapping[str, Any]) -> NumberFormat:
    """Read the format of an encoding: an object `format`, a table's pattern `numberFormat`, or neither."""
    if isinstance(given := encoding.get("format"), Mapping):
        return _of_object(given)
    if found := PATTERN.fullmatch(encoding.get("numberFormat") or ""):
        places, is_percent = len(found["digits"] or ""), bool(found["percent"])
        return NumberFormat(found["prefix"], " %" if is_percent else "", 100 if is_percent else 1, places, places)
    return NumberFormat()


def _of_object(given: Mapping[str, Any]) -> NumberFormat:
    places = given.get("decimalPlaces", {})
    most = int(places.get("places", 2))
    least = most if places.get("type") in ("exact", "fixed") else 0
    if given.get("type") == "number-percent":
        return NumberFormat("", " %", 100, least, most)
    prefix = ""
    if given.get("type") == "number-currency":
        code = str(given.get("currencyCode", "USD"))
        prefix = SYMBOLS.get(code, f"{code} ")
    return NumberFormat(prefix, "", 1, least, most, given.get("abbreviation") == "compact")
