"""prefix-cache-traces: hit rates of an unbounded prefix cache, beside a count by a plain loop over a set."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from jobs.bench.truth.frame import Check, Outcome, Value, set_files
from lakehouse.analyses.prefix_cache import PrefixHits, block_tokens, prefix_hits

REACH = "blocks, hits by blocks and hits by tokens equal to a plain count, every trace"
Request = tuple[int, list[int | str]]


def run(data: Path | None) -> Outcome:
    """Count each trace twice."""
    checks = [check for path in set_files(data, "prefix-cache-traces", "*.jsonl*") for check in _trace(path)]
    return Outcome("prefix-cache", REACH, checks, all(check.passed for check in checks))


def _trace(path: Path) -> Iterator[Check]:
    requests, name = _read(path), path.name.split(".")[0]
    ours, plain = prefix_hits([length for length, _ in requests], [ids for _, ids in requests]), _plain(requests)
    pairs: dict[str, tuple[Value, Value]] = {
        "blocks": (plain.blocks, ours.blocks),
        "hit blocks": (plain.hit_blocks, ours.hit_blocks),
        "hit tokens": (plain.hit_tokens, ours.hit_tokens),
        "hit ratio by blocks": (plain.block_ratio, ours.block_ratio),
        "hit ratio by tokens": (plain.token_ratio, ours.token_ratio),
    }
    for figure, (expected, found) in pairs.items():
        same = math.isclose(float(expected or 0), float(found or 0), rel_tol=1e-12)
        yield Check(f"{name} {figure}", expected, found, same, f"{len(requests)} requests")


def _read(path: Path) -> list[Request]:
    """Requests in order of arrival; those of one instant in the file's order."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    rows.sort(key=lambda row: int(row["timestamp"]))
    return [(int(row["input_length"]), row["hash_ids"]) for row in rows]


def _plain(requests: list[Request]) -> PrefixHits:
    """One loop, one set, whole numbers: what the vectorised count has to equal."""
    lengths, counts = (np.array(column) for column in zip(*((n, len(ids)) for n, ids in requests), strict=True))
    size, seen = block_tokens(lengths, counts), set[int | str]()
    blocks = hits = tokens = 0
    reused = Fraction(0)
    for length, ids in requests:
        here = 0
        while here < len(ids) and ids[here] in seen:
            here += 1
        seen.update(ids)
        blocks, hits, tokens = blocks + len(ids), hits + here, tokens + length
        reused += min(here * size, length) if size else Fraction(length * here, max(len(ids), 1))
    return PrefixHits(blocks, hits, tokens, float(reused))
