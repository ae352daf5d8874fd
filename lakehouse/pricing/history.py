"""How the price book accrues: rows are added and closed, never rewritten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from lakehouse.pricing.book import PriceRow


def changes(stored: Iterable[PriceRow], snapshot: Iterable[PriceRow], at: datetime) -> list[PriceRow]:
    """Give the rows to write by key (price_id, component) so that the table says what `snapshot` says.

    New prices are added. A price that now ends gets its `valid_to` and keeps its name. A price that the snapshot
    contradicts is superseded at `at`: its row stays, so a figure made with it can be made again by its price_id, but
    it prices nothing any more. A model that the price list merely dropped keeps its last prices; a contract that was
    taken out of its file does not.

    The same snapshot twice gives no rows.
    """
    known = {(row.price_id, row.component): row for row in map(_in_utc, stored)}
    wanted = {(row.price_id, row.component): row for row in snapshot}
    models = {(row.provider_name, row.model_key) for row in wanted.values()}
    agreed = {row.price_id for row in known.values() if row.price_source == "contract"}
    written: list[PriceRow] = []
    for key, row in wanted.items():
        before = known.get(key)
        if before is None:
            written.append(row)
        elif (before.valid_to, before.superseded_at) != (row.valid_to, None):
            written.append(before._replace(valid_to=row.valid_to, superseded_at=None))
    for key, row in known.items():
        is_contradicted = (row.provider_name, row.model_key) in models or row.price_id in agreed
        if key not in wanted and row.superseded_at is None and is_contradicted:
            written.append(row._replace(superseded_at=at))
    return written


def _in_utc(row: PriceRow) -> PriceRow:
    """Spark hands timestamps out without zone, in the machine's own; the snapshot's carry UTC."""
    times = {name: getattr(row, name) for name in ("valid_from", "valid_to", "recorded_at", "superseded_at")}
    return row._replace(**{name: moment and moment.astimezone(UTC) for name, moment in times.items()})
