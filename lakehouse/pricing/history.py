"""How the price book accrues: rows are added and superseded, never rewritten.

The book has two times: `valid_from` and `valid_to` say when a price holds, `recorded_at` and `superseded_at` since and
until when we said so. So the book as it stood at any instant can be read again (Snodgrass 1999: bitemporal tables).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from lakehouse.pricing.book import PriceRow

Key = tuple[str, str]  # price_id, component


def changes(stored: Iterable[PriceRow], snapshot: Iterable[PriceRow], at: datetime) -> list[PriceRow]:
    """Give the rows to write by key (price_id, component, recorded_at) so that the table says what `snapshot` says.

    New prices are added. A price that now ends keeps its name: a row with its `valid_to` takes the place of the row
    without. A price that the snapshot contradicts is superseded at `at`: it prices nothing any more. A model that the
    price list merely dropped keeps its last prices; a contract that was taken out of its file does not. The prices of
    MLflow's catalog, which has no history, hold until the newer ones of the same model begin.

    The same snapshot twice gives no rows.
    """
    standing = {(row.price_id, row.component): row for row in map(_in_utc, stored) if row.superseded_at is None}
    wanted = {(row.price_id, row.component): row for row in snapshot}
    wanted |= dict(_carried(standing, wanted))
    models = {(row.provider_name, row.model_key) for row in wanted.values()}
    agreed = {row.price_id for row in standing.values() if row.price_source == "contract"}
    written: list[PriceRow] = []
    for key, row in standing.items():
        is_contradicted = (row.provider_name, row.model_key) in models or row.price_id in agreed
        if wanted[key].valid_to != row.valid_to if key in wanted else is_contradicted:
            written.append(row._replace(superseded_at=at))
    for key, row in wanted.items():
        if key not in standing or standing[key].valid_to != row.valid_to:
            written.append(row._replace(recorded_at=at, superseded_at=None))
    return written


def _carried(standing: Mapping[Key, PriceRow], wanted: Mapping[Key, PriceRow]) -> Iterator[tuple[Key, PriceRow]]:
    """Prices of earlier catalogs, which end where those of the newest begin."""
    begins = {(r.provider_name, r.model_key): r.valid_from for r in wanted.values() if r.price_source == "mlflow"}
    for key, row in standing.items():
        begin = begins.get((row.provider_name, row.model_key))
        is_older = begin and row.valid_from and row.valid_from < begin
        if key not in wanted and row.price_source == "mlflow" and begin and is_older:
            yield key, row._replace(valid_to=min(row.valid_to or begin, begin))


def _in_utc(row: PriceRow) -> PriceRow:
    """Spark hands timestamps out without zone, in the machine's own; the snapshot's carry UTC."""
    times = {name: getattr(row, name) for name in ("valid_from", "valid_to", "recorded_at", "superseded_at")}
    return row._replace(**{name: moment and moment.astimezone(UTC) for name, moment in times.items()})
