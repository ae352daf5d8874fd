"""Berkeley Function-Calling Leaderboard: latency of each model per leaderboard, from the requests it was made of.

The leaderboards were computed over all requests delivered in one snapshot of results, without the categories sql and
chatable and without requests whose latency was not measured; a latency of 0 (a call that failed) counts. Mean, sample
standard deviation and 95th percentile (linear interpolation, Hyndman and Fan 1996, type 7) are theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from jobs.bench.truth.deliveries import delivered
from jobs.bench.truth.frame import Check, Outcome, set_files, set_folder
from lakehouse.config import SourceSettings
from lakehouse.errors import ConfigurationError

SET = "bfcl-requests"
REACH = "mean, sample standard deviation and 95th percentile exact to the published decimals, every row"
DECIMALS = 2  # the leaderboards round to these
NOT_SCORED = ("sql", "chatable")
COLUMNS = {
    "request_model": "model",
    "app_name": "category",
    "duration_ms": "try_cast(latency AS DOUBLE) * 1000",
    "input_tokens": "input_token_count",
    "output_tokens": "output_token_count",
}
PUBLISHED = {
    "mean_s": "Latency Mean (s)",
    "sd_s": "Latency Standard Deviation (s)",
    "p95_s": "Latency 95th Percentile (s)",
}
LATENCIES = """
SELECT delivered.file_name, interactions.request_model, COUNT(*) AS n, AVG(interactions.duration_ms) / 1000 AS mean_s,
  STDDEV_SAMP(interactions.duration_ms) / 1000 AS sd_s, PERCENTILE(interactions.duration_ms, 0.95) / 1000 AS p95_s
FROM analytics.delivered_interactions AS delivered
INNER JOIN silver.llm_interactions AS interactions ON delivered.interaction_id = interactions.interaction_id
WHERE interactions.app_name NOT IN ('sql', 'chatable') AND interactions.duration_ms IS NOT NULL
GROUP BY delivered.file_name, interactions.request_model"""


def run(data: Path | None) -> Outcome:
    """Load every snapshot through our own tables and compare each row of each leaderboard."""
    boards = leaderboards(data)
    with delivered(source(data)) as context:
        found = context.spark.sql(LATENCIES).toPandas()
        (rows, kept), = context.spark.sql(
            "SELECT SUM(delivered_count), SUM(new_count) FROM analytics.deliveries"
        ).collect()  # fmt: skip
    ours = {(row.file_name, row.request_model): row for row in found.itertuples()}
    checks = [check for board, rows_of in boards.items() for check in _board(board, rows_of, ours, source(data).path)]
    judged = [check for check in checks if check.passed is not None]
    note = f"{rows:,} rows delivered, {kept:,} kept; a leaderboard is compared with the snapshot at or before its day"
    return Outcome("bfcl", REACH, checks, bool(judged) and all(check.passed for check in judged), [note])


def source(data: Path | None, **columns: str) -> SourceSettings:
    """The deliveries as a source of ours; `columns` are mapped beside the usual ones."""
    folder = set_folder(data, SET, "landing/*/*.jsonl*") / "landing"
    return SourceSettings(
        name="deliveries", kind="files", path=folder, format="jsonl", key="file_blob, row", columns=COLUMNS | columns
    )


def leaderboards(data: Path | None) -> dict[str, pd.DataFrame]:
    """Published rows by the day of the leaderboard, all as text."""
    files = set_files(data, SET, "published_leaderboard_*.csv*")
    if not files:
        raise ConfigurationError(f"the set {SET} lacks published_leaderboard_*.csv")
    return {
        path.name.removeprefix("published_leaderboard_").split(".")[0]: pd.read_csv(path, dtype=str, na_filter=False)
        for path in files
    }


def snapshot_of(board: str, folder: Path | None) -> str | None:
    """Folder of the newest snapshot that was delivered by the leaderboard's day; null where there is none."""
    days = sorted(path.name for path in (folder or Path()).iterdir() if path.is_dir())
    before = [name for name in days if name.rpartition("=")[2] <= board]
    return before[-1] if before else None


def in_snapshot(ours: Mapping[tuple[str, str], object], snapshot: str | None, model: str) -> object:
    """What was found for a model in a snapshot's file."""
    return next((row for (file, name), row in ours.items() if name == model and file.split("/")[0] == snapshot), None)


def _board(
    board: str, rows: pd.DataFrame, ours: Mapping[tuple[str, str], object], folder: Path | None
) -> Iterator[Check]:
    snapshot = snapshot_of(board, folder)
    for published in rows.to_dict("records"):
        model = published["model_dir"]
        found = in_snapshot(ours, snapshot, model)
        for figure, column in PUBLISHED.items():
            subject, expected = f"{board} {model or published['Model']} {figure}", published[column]
            if not model or not expected[:1].isdigit():
                yield Check(subject, expected, None, None, "the deliveries have no latency of it")
                continue
            value = None if found is None else round(float(getattr(found, figure)), DECIMALS)
            yield Check(subject, float(expected), value, value == float(expected), f"snapshot {snapshot}")
