"""How much of the input a prefix cache without bounds would have served, from the block hashes of each request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class PrefixHits:
    """Sums over all requests; a request's hits are its leading blocks that an earlier request had in the same place.

    Attributes:
        blocks: Blocks asked for.
        hit_blocks: Of these, served by the cache.
        tokens: Input tokens.
        hit_tokens: Of these, served by the cache.
    """

    blocks: int
    hit_blocks: int
    tokens: int
    hit_tokens: float

    @property
    def block_ratio(self) -> float:
        """Share of blocks that hit, 0 to 1; 0 of none."""
        return self.hit_blocks / self.blocks if self.blocks else 0.0

    @property
    def token_ratio(self) -> float:
        """Share of input tokens that hit, 0 to 1; 0 of none."""
        return self.hit_tokens / self.tokens if self.tokens else 0.0


def block_tokens(input_tokens: Integers, blocks: Integers) -> int | None:
    """Tokens of a full block, where one size explains every request's number of blocks; else null."""
    some = blocks > 0
    if not some.any():
        return None
    size = int(np.max(-(-input_tokens[some] // blocks[some])))
    return size if size and bool(np.all(-(-input_tokens[some] // size) == blocks[some])) else None


def prefix_hits(input_tokens: ArrayLike, block_ids: Sequence[Sequence[int | str]]) -> PrefixHits:
    """Count hits of requests in order of arrival, against all blocks of earlier requests.

    Where no block size explains the numbers of blocks, a request's tokens count as spread evenly over its blocks.

    Args:
        input_tokens: One a request.
        block_ids: Chained hashes of each request's blocks: equal ids mean equal prefixes up to there.
    """
    tokens = np.asarray(input_tokens, dtype=np.int64)
    blocks = np.fromiter((len(ids) for ids in block_ids), dtype=np.int64, count=len(block_ids))
    request = np.repeat(np.arange(len(blocks)), blocks)
    code, _ = pd.factorize(np.array([block for row in block_ids for block in row], dtype=object))  # hashes may be long
    _, first = np.unique(code, return_index=True)
    missed = request[first][code] == request  # seen for the first time in this very request
    before = np.concatenate([[0], np.cumsum(missed)])
    starts = np.concatenate([[0], np.cumsum(blocks)])[:-1]
    leading = before[:-1] + missed == np.repeat(before[starts], blocks)  # no miss up to and with this block
    hits = np.bincount(request[leading], minlength=len(blocks))
    size = block_tokens(tokens, blocks)
    reused = np.minimum(hits * size, tokens) if size else tokens * hits / np.maximum(blocks, 1)
    return PrefixHits(int(blocks.sum()), int(hits.sum()), int(tokens.sum()), float(reused.sum()))
