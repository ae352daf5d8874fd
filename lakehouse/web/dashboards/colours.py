"""Which colour a value has: the same on every page, and never the same as another in one chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lakehouse.web.echarts import PALETTE


@dataclass(frozen=True)
class Colours:
    """Values of a field in the order in which they take colours, for fields whose colours must stay."""

    order: Mapping[str, Sequence[str | None]] = field(default_factory=dict)

    def of(self, name: str, values: Sequence[str | None]) -> list[str]:
        """Give each value its own colour of the palette, or the next one that is free in this chart."""
        known = list(self.order.get(name, ()))
        taken: dict[str | None, str] = {}
        free = list(PALETTE)
        ranks = {value: place for place, value in enumerate(known)}
        for value in sorted(values, key=lambda value: ranks.get(value, len(ranks))):
            own = PALETTE[ranks[value] % len(PALETTE)] if value in ranks else None
            colour = own if own in free else (free or list(PALETTE))[0]
            taken[value] = colour
            if colour in free:
                free.remove(colour)
        return [taken[value] for value in values]
