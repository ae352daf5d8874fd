"""genai-prices' own cases: real usage of real responses and what it cost, by the price list of the same commit.

Every case is priced by our price book, loaded from that list, at one request time. A case that is missed then is
priced again at every date and time of day at which a rate of any model of the missed cases begins or ends, by our book
and by genai-prices' own calculator on the same list: between two of these times no price changes. A case that neither
reaches at any of them is named, and why; one that the calculator reaches and we do not is our mistake and fails.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from genai_prices import Usage
from pyspark.sql import Row, SparkSession

from jobs.bench.truth.frame import Check, Outcome, set_folder
from jobs.bench.truth.scratch import scratch_session
from lakehouse.io.frames import local_frame
from lakehouse.pricing.book import Book, load_book, price_rows
from lakehouse.pricing.cost import price
from lakehouse.pricing.match import match
from lakehouse.tables.columns import pick
from lakehouse.tables.gold import PRICES
from lakehouse.tables.model import Table
from lakehouse.tables.silver import ALIASES

SET = "genai-prices"
REACH = "input and output price exact at one request time; a case that no time satisfies is named and passes"
# A time at which most cases hold, found by asking genai-prices at every date and time of day that the set's prices
# depend on: from 2025-06-10 (o3) until 2026-08-31 (claude-sonnet-5), between 00:30 and 16:30 UTC (DeepSeek), 2,109 of
# the 2,117 cases of one half of the set are its own; at any other time 1 to 16 fewer.
TIME = datetime(2026, 8, 20, 12, 0, tzinfo=UTC)
# silver's counts in the set's words; other units of its usage (text, image and video tokens, tool tokens, searches)
# have no rate of their own in the set's prices
COUNTS = {
    "input_tokens": "input_tokens", "cache_read_input_tokens": "cache_read_tokens",
    "cache_write_input_tokens": "cache_write_tokens", "cache_write_1h_input_tokens": "cache_write_1h_tokens",
    "input_audio_tokens": "input_audio_tokens", "cache_audio_read_tokens": "cache_audio_read_tokens",
    "output_tokens": "output_tokens", "output_audio_tokens": "output_audio_tokens",
    "reasoning_output_tokens": "output_reasoning_tokens",
}  # fmt: skip
REQUEST = Table(
    "ops", "priced_case", "One row per case and time",
    pick("source_record_id", "provider_raw", "response_model", "service_tier", "event_at", "event_date",
         "gateway_cache_hit", "cost_reported_usd", *COUNTS),
    key=("source_record_id", "event_at"),
)  # fmt: skip


class Case(NamedTuple):
    """One usage, priced for one provider: body, extraction and extractor by number; no prices where not priced."""

    id: str
    provider: str
    model: str | None
    usage: dict[str, int]
    input_usd: str | None
    output_usd: str | None

    def request(self, at: datetime) -> tuple[object, ...]:
        """The case as a row of `REQUEST`; the set leaves out a count that is 0."""
        counts = (self.usage.get(key, 0) for key in COUNTS.values())
        return (self.id, self.provider, self.model, None, at, None, None, None, *counts)

    def is_met_by(self, row: Row) -> bool:
        """Whether both sides are the published strings, as numbers without rounding."""
        if row.cost_usd is None or self.input_usd is None or self.output_usd is None:
            return False
        cost_input = row.cost_fresh_input_usd + row.cost_cache_read_usd + row.cost_cache_write_usd
        return (cost_input, row.cost_output_usd) == (Decimal(self.input_usd), Decimal(self.output_usd))


class Pricer:
    """Prices cases by one book, in one go."""

    def __init__(self, spark: SparkSession, book: Book, cases: Iterable[Case]) -> None:
        self._spark, self.book, self.rows = spark, book, price_rows(book, TIME)
        self.aliases = match({(case.provider, case.model) for case in cases}, book)

    def price(self, requests: Iterable[tuple[object, ...]]) -> list[Row]:
        """Price rows of `REQUEST`; as many come back."""
        aliases = local_frame(self._spark, ALIASES, [(*alias, TIME) for alias in self.aliases])
        prices = local_frame(self._spark, PRICES, self.rows)
        return price(local_frame(self._spark, REQUEST, requests), aliases, prices).collect()

    def bounds(self, cases: Iterable[Case]) -> list[datetime]:
        """Every instant at which a rate that could price one of the cases begins or ends, and one before the first."""
        spelled = {(case.provider, case.model) for case in cases}
        models = {a[3:5] for a in self.aliases if (a.provider_raw, a.response_model) in spelled}
        mine = [row for row in self.rows if (row.provider_name, row.model_key) in models]
        days = {bound for row in mine for bound in (row.valid_from, row.valid_to) if bound} | {TIME}
        days = {min(days) - timedelta(days=1), *days}
        seconds = {_second(text) for row in mine for text in (row.daily_start, row.daily_end) if text}
        starts = {day.replace(hour=0, minute=0) for day in days}
        return sorted({start + timedelta(seconds=second) for start in starts for second in {0, *seconds}})


def run(data: Path | None) -> Outcome:
    """Price every published case, and those that are missed at every time that could matter."""
    folder = set_folder(data, SET, "usages_with_expected_prices.jsonl*")
    cases = [case for case in read_cases(folder) if case.input_usd is not None]
    with scratch_session() as spark:
        pricer = Pricer(spark, read_book(folder), cases)
        rows = {row.source_record_id: row for row in pricer.price(case.request(TIME) for case in cases)}
        missed = [case for case in cases if not case.is_met_by(rows[case.id])]
        times, reasons = reached_at(pricer, missed), unreached(pricer, missed)
        checks = [_check(case, rows[case.id], case in missed, times, reasons) for case in cases]
        notes = list(_notes(spark, cases, missed, checks))
    return Outcome("prices", REACH, checks, bool(checks) and all(check.passed for check in checks), notes)


def read_cases(folder: Path) -> Iterator[Case]:
    """Read all cases of the set."""
    for path in sorted(folder.glob("usages_with_expected_prices.jsonl*")):
        for number, body in enumerate(map(json.loads, _content(path).splitlines())):
            for i, extracted in enumerate(body["extracted"]):
                for j, by in enumerate(extracted["extractors"]):
                    costs = by.get("input_price"), by.get("output_price")
                    yield Case(f"{number}-{i}-{j}", by["provider_id"], body.get("model"), extracted["usage"], *costs)


def read_book(folder: Path) -> Book:
    """The book from the set's own price file."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "prices_data.json"
        file.write_bytes(_content(next(iter(sorted(folder.glob("prices_data.json*"))), folder / file.name)))
        return load_book(file)


def reached_at(pricer: Pricer, missed: Sequence[Case]) -> dict[str, datetime]:
    """For each missed case that some time satisfies, the first such time."""
    if not missed:
        return {}
    times = pricer.bounds(missed)
    by_id, found = {case.id: case for case in missed}, dict[str, datetime]()
    for row in sorted(pricer.price(c.request(at) for c in missed for at in times), key=lambda row: row.event_at):
        if by_id[row.source_record_id].is_met_by(row):
            found.setdefault(row.source_record_id, row.event_at)
    return found


def unreached(pricer: Pricer, missed: Sequence[Case]) -> dict[str, str]:
    """For each missed case that genai-prices itself reaches at no time either, or only as 0 without a rate: why."""
    times = pricer.bounds(missed) if missed else []
    reasons = {case.id: _reason(case, pricer.book, times) for case in missed}
    return {case: reason for case, reason in reasons.items() if reason}


def _reason(case: Case, book: Book, times: Sequence[datetime]) -> str | None:
    provider = next((p for p in book.providers if p.id == case.provider), None)
    model = provider and case.model and provider.find_model(case.model, all_providers=list(book.providers))
    if not provider or not model:
        return "the set's prices lack the model"
    expected = (Decimal(str(case.input_usd)), Decimal(str(case.output_usd)))
    for at in times:
        found = model.calc_price(Usage(**case.usage), provider, genai_request_timestamp=at)
        if (found.input_price, found.output_price) == expected:
            return None if vars(found.model_price) else "listed without a rate: genai-prices says 0, we say unpriced"
    return "genai-prices' own calculator reaches it with the set's prices at no time"


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _second(text: str) -> int:
    hours, minutes, seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def _check(
    case: Case,
    row: Row,
    is_missed: bool,
    times: Mapping[str, datetime],
    reasons: Mapping[str, str],
) -> Check:
    expected, ours, subject = f"{case.input_usd} {case.output_usd}", str(row.cost_status), f"{case.id} {case.provider}"
    if row.cost_usd is not None:
        cost_input = row.cost_fresh_input_usd + row.cost_cache_read_usd + row.cost_cache_write_usd
        ours = f"{_plain(cost_input)} {_plain(row.cost_output_usd)}"
    is_named = is_missed and case.id in reasons and case.id not in times
    note = f"named: {reasons[case.id]}" if is_named else ""
    if case.id in times:
        note = f"holds at {times[case.id]}"
    return Check(f"{subject} {case.model}", expected, ours, is_named or not is_missed, note)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _notes(
    spark: SparkSession, cases: Sequence[Case], missed: Sequence[Case], checks: Sequence[Check]
) -> Iterator[str]:
    named = [check for check in checks if check.passed and check.note]
    yield f"{len(cases) - len(missed)} of {len(cases)} cases exact at {TIME:%Y-%m-%dT%H:%MZ}; {len(named)} are named"
    for check in named:
        yield f"{check.subject}: {check.note}"
    book = load_book()
    rows = {row.source_record_id: row for row in Pricer(spark, book, cases).price(c.request(TIME) for c in cases)}
    exact = sum(case.is_met_by(rows[case.id]) for case in cases)
    yield f"the installed package's own book, {book.version}: {exact} of {len(cases)} exact"
