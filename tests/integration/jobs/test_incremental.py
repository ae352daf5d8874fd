"""Runs in steps leave what one run leaves: late, changed, moved and repeated rows, broken runs, windows read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from psycopg.sql import SQL, Identifier
from pyspark.sql import DataFrame

from jobs import batches
from jobs.aggregate import GOLD, aggregate
from jobs.backfill import backfill
from jobs.context import JobContext
from jobs.demo import samples
from jobs.demo.tables import LLM_CALLS
from jobs.ingest import ingest
from jobs.refine import refine
from jobs.spend_logs import TABLE as SPEND_LOGS
from lakehouse.tables.silver import INTERACTIONS
from tests.support.source import Database, Row, demo_sources, rows_of

KEY = {SPEND_LOGS: "request_id", LLM_CALLS: "call_id"}
TIME = {SPEND_LOGS: "startTime", LLM_CALLS: "finished"}
NAMES = {SPEND_LOGS: "litellm", LLM_CALLS: "llm_calls"}
PROVENANCE = ("batch_id", "ingested_at")  # what must differ between one run and several
IN_REACH = timedelta(minutes=100)  # of the 120 that a run looks back
STEPS = 3


def run(context: JobContext) -> None:
    """What the pipeline does between provision and publish."""
    ingest(context)
    refine(context)
    aggregate(context)


def update(database: Database, table: str, row: Row) -> None:
    """Give a row other values; the same ones make a new version of it all the same."""
    values = ", ".join(f"{Identifier(name).as_string()} = %s" for name in row)
    statement = SQL("UPDATE {} SET {} WHERE {} = %s").format(
        Identifier(table),
        SQL(values),
        Identifier(KEY[table]),  # type: ignore[arg-type]
    )
    database.run(statement.as_string(), [*row.values(), row[KEY[table]]])


# ---- a few rows, figures by hand ----


def call(number: str, at: str | None, tokens: int = 100, **more: Any) -> dict[str, Any]:
    """A row of the home-made table at a time of one day."""
    finished = datetime.fromisoformat(f"2025-06-03T{at}:00").replace(tzinfo=UTC) if at else None
    return {"call_id": number, "app": "test", "finished": finished, "tokens_in": tokens, "tokens_out": 1} | more


def hours(context: JobContext) -> dict[str, tuple[int, int]]:
    """Requests and input tokens of each hour in gold; what has no hour is under its date."""
    query = """
    SELECT coalesce(date_format(hour_at, 'HH'), string(event_date)), sum(request_count), sum(input_tokens)
    FROM gold.usage_hourly GROUP BY 1 ORDER BY 1"""
    return {hour: (requests, tokens) for hour, requests, tokens in rows_of(context, query)}


def conserved(context: JobContext) -> list[bool | None]:
    """The verdict on every source."""
    return [verdict for (verdict,) in rows_of(context, "SELECT is_conserved FROM analytics.row_conservation")]


@pytest.fixture(scope="module")
def few(make_database: Callable[[], Database], open_lakehouse: Callable[..., JobContext]) -> JobContext:
    """A lakehouse after a first run over a few calls, and a second one after each of them had a fate of its own."""
    database = make_database()
    context = open_lakehouse(demo_sources(database)[1:])
    rows = [call("stays", "10:05"), call("grows", "10:10"), call("moves", "09:40"), call("repeats", "11:10")]
    database.insert(LLM_CALLS, *rows, call("loses its time", "11:05"), call("newest", "11:30"))
    run(context)
    assert hours(context) == {"09": (1, 100), "10": (2, 200), "11": (3, 300)}
    database.insert(LLM_CALLS, call("late", "09:31", 7))
    update(database, LLM_CALLS, call("grows", "10:10", 1000))
    update(database, LLM_CALLS, call("moves", "10:40"))
    update(database, LLM_CALLS, rows[3])
    update(database, LLM_CALLS, call("loses its time", None, measured_on="2025-06-03"))
    run(context)
    return context


def test_both_windows_of_every_change_are_right(few: JobContext) -> None:
    """The late row came, the larger one counts once, the moved one left its hour, and the untimed one left all."""
    assert hours(few) == {"09": (1, 7), "10": (3, 1200), "11": (2, 200), "2025-06-03": (1, 100)}


def test_every_version_is_accounted_for(few: JobContext) -> None:
    """Bronze keeps all; what does not stand says why."""
    query = "SELECT source_record_id, reason FROM silver.superseded ORDER BY 1"
    reasons = {"grows": "updated", "loses its time": "updated", "moves": "updated", "repeats": "duplicate"}
    assert dict(rows_of(few, query)) == reasons
    assert conserved(few) == [True]
    assert rows_of(few, "SELECT count(*) FROM bronze.llm_calls") == [(11,)]


def test_backfill_changes_nothing_that_is_right(few: JobContext) -> None:
    """Reading a window again, once or twice, leaves every row of every layer as it was."""
    before = contents(few)
    for _ in range(2):
        backfill(few, datetime(2025, 6, 3, 9), datetime(2025, 6, 3, 12))
        assert contents(few) == before


def contents(context: JobContext) -> dict[str, Counter[str]]:
    """All rows of all layers that requests are in."""
    names = ["bronze.llm_calls", INTERACTIONS.full_name, "silver.superseded", *(table.full_name for table, _ in GOLD)]
    return {name: Counter(map(str, rows_of(context, f"SELECT * FROM {name}"))) for name in names}


# ---- real rows, in random steps ----


@dataclass
class Step:
    """What happens at the source before one run: rows that arrive, and rows that change."""

    arriving: list[tuple[str, Row]] = field(default_factory=list)
    changing: list[tuple[str, Row]] = field(default_factory=list)


@dataclass
class Plan:
    """Steps that end with the same rows whatever the seed, and how many old versions they leave of each reason."""

    steps: list[Step] = field(default_factory=lambda: [Step() for _ in range(STEPS)])
    reasons: Counter[str] = field(default_factory=Counter)


def real_rows() -> dict[str, list[Row]]:
    """Part of the bundled requests, in the demo's two tables."""
    found: dict[str, list[Row]] = {SPEND_LOGS: [], LLM_CALLS: []}
    for number, one in enumerate(samples.rows()):
        when = one.row[TIME[one.table]]
        if str(when) >= "2025-03" if one.table == SPEND_LOGS else when is not None or number % 10 == 0:
            found[one.table].append(one.row)
    return found


def plan(seed: int) -> Plan:
    """Deliver real rows in steps: some late, some wrong at first, some touched without a change, all within reach."""
    chance, made = np.random.default_rng(seed), Plan()
    for table, rows in real_rows().items():
        timed = sorted((row for row in rows if row[TIME[table]]), key=lambda row: (row[TIME[table]], row[KEY[table]]))
        cuts = [*sorted(chance.choice(crowded(table, timed), STEPS - 1, replace=False)), len(timed) - 1]
        for step, (begin, end) in enumerate(zip([0, *(cut + 1 for cut in cuts)], cuts, strict=False)):
            newest = timed[end]
            for row in timed[begin : end + 1]:
                near = row is not newest and step < STEPS - 1 and newest[TIME[table]] - row[TIME[table]] < IN_REACH
                deliver(made, step, table, row, pick(chance, FATES) if near else "plain", chance, newest)
            for row in [row for row in rows if not row[TIME[table]]]:
                if chance.integers(STEPS - step) == 0 and not any(row is known for _, known in arrived(made)):
                    fate = "plain" if step == STEPS - 1 or chance.random() < 0.9 else "wrong"
                    deliver(made, step, table, row, fate, chance, newest)
    return made


FATES = ("plain", "late", "wrong", "wrong", "touched")


def pick(chance: np.random.Generator, values: Sequence[Any]) -> Any:
    """One of some values."""
    return values[int(chance.integers(len(values)))]


def crowded(table: str, timed: list[Row]) -> list[int]:
    """Where a step may end: at least four rows are within reach of the newest one."""
    far = range(4, len(timed) - 1)
    return [i for i in far if timed[i][TIME[table]] - timed[i - 4][TIME[table]] < IN_REACH]


def arrived(made: Plan) -> Iterator[tuple[str, Row]]:
    """All that any step delivers or corrects."""
    for step in made.steps:
        yield from (*step.arriving, *step.changing)


def deliver(made: Plan, step: int, table: str, row: Row, fate: str, chance: np.random.Generator, newest: Row) -> None:
    """Put a row into the plan as its fate wants it."""
    if fate == "late":
        made.steps[step + 1].arriving.append((table, row))
        return
    made.steps[step].arriving.append((table, wrong(table, row, chance, newest) if fate == "wrong" else row))
    if fate != "plain":
        made.steps[step + 1].changing.append((table, row))
        made.reasons["updated" if fate == "wrong" else "duplicate"] += 1


def wrong(table: str, row: Row, chance: np.random.Generator, newest: Row) -> Row:
    """The row as it was before it is corrected: other tokens, another model, another hour, or a time it has not."""
    tokens, model = ("prompt_tokens", "model") if table == SPEND_LOGS else ("tokens_in", "model_name")
    when = TIME[table]
    if row[when] is None:
        return {**row, when: newest[when] - timedelta(minutes=int(chance.integers(1, 90)))}
    changes = [{tokens: 424_242}, {model: "another-model"}, {when: row[when] - timedelta(minutes=70)}]
    return {**row, **pick(chance, changes if table == SPEND_LOGS else [*changes, {when: None}])}


@pytest.fixture(scope="module")
def whole(make_database: Callable[[], Database], open_lakehouse: Callable[..., JobContext]) -> tuple[Database, str]:
    """A database with all rows as they are in the end, and the home of a lakehouse after one run over them."""
    database = make_database()
    for table, rows in real_rows().items():
        database.insert(table, *rows)
    context = open_lakehouse(demo_sources(database))
    run(context)
    return database, str(context.settings.home)


@pytest.mark.parametrize(
    ("seed", "window_rows", "breaks"),
    [(1, 1_000_000, False), (2, 300, True)],
    ids=["whole windows", "small and broken"],
)
def test_any_steps_equal_one_run(
    whole: tuple[Database, str],
    make_database: Callable[[], Database],
    open_lakehouse: Callable[..., JobContext],
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    window_rows: int,
    breaks: bool,
) -> None:
    """Silver and all of gold are the same, row for row, and every version is accounted for.

    Where runs break, each of the first two dies once after silver and once after gold was written, and only the
    next step's run goes on.
    """
    made, database = plan(seed), make_database()
    context = open_lakehouse(demo_sources(database, window_rows=window_rows))
    for number, step in enumerate(made.steps):
        for table in (SPEND_LOGS, LLM_CALLS):
            database.insert(table, *(row for name, row in step.arriving if name == table))
        for table, row in step.changing:
            update(database, table, row)
        if breaks and number < STEPS - 1:
            die_at(("REFINED", "AGGREGATED")[number], context, monkeypatch)
        else:
            run(context)
    assert all(same_rows(database, whole[0], table) for table in (SPEND_LOGS, LLM_CALLS))
    assert min(made.reasons["updated"], made.reasons["duplicate"]) > 10

    for table in (INTERACTIONS, *(table for table, _ in GOLD)):
        direct = context.spark.read.format("delta").load(f"{whole[1]}/{table.layer}/{table.name}").drop(*PROVENANCE)
        assert differences(context.spark.table(table.full_name).drop(*PROVENANCE), direct) == []
    assert conserved(context) == [True, True]
    reasons = rows_of(context, "SELECT reason, count(*) FROM silver.superseded GROUP BY 1")
    assert Counter(dict(reasons)) == made.reasons


def die_at(state: str, context: JobContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run until a batch would be said to have reached a state, and no further."""
    advance = batches.advance

    def dies(where: JobContext, rows: list[Any], reached: str) -> None:
        if reached == state:
            raise KeyboardInterrupt
        advance(where, rows, reached)

    with monkeypatch.context() as patched:
        patched.setattr(batches, "advance", dies)
        with pytest.raises(KeyboardInterrupt):
            run(context)


def same_rows(one: Database, other: Database, table: str) -> bool:
    """Whether two databases hold the same rows, but for when they were written."""
    query = f"""SELECT to_jsonb(t) - 'created_at' - 'updated_at' FROM "{table}" t ORDER BY "{KEY[table]}" """
    return one.run(query) == other.run(query)


def differences(one: DataFrame, other: DataFrame) -> list[Any]:
    """Rows that only one of them has, repeated ones counted; a few of them."""
    return [*one.exceptAll(other).limit(3).collect(), *other.exceptAll(one).limit(3).collect()]
