"""Prefix reuse on hand-worked requests and beside a loop over a set."""

from __future__ import annotations

import numpy as np
import pytest

from lakehouse.analyses.prefix_cache import block_tokens, prefix_hits


def test_hand_worked_requests() -> None:
    """A hit ends at the first block that is new, even if later ones are known; a short last block counts its tokens."""
    found = prefix_hits([25, 30, 25, 8], [[1, 2, 3], [1, 9, 3], [1, 2, 3], [7]])
    assert (found.blocks, found.hit_blocks, found.tokens, found.hit_tokens) == (10, 4, 88, 10 + 25)
    assert found.block_ratio == pytest.approx(0.4)
    assert block_tokens(np.array([25, 30, 25, 8]), np.array([3, 3, 3, 1])) == 10


def test_tokens_are_spread_where_no_block_size_fits() -> None:
    """Two requests of ten tokens, in two blocks and in three."""
    found = prefix_hits([10, 10], [["a", "b"], ["a", "b", "c"]])
    assert found.hit_tokens == pytest.approx(10 * 2 / 3)


def test_a_repeat_within_a_request_is_no_hit() -> None:
    """The cache has a request's blocks only once it is done; a request without blocks is no problem."""
    found = prefix_hits([20, 0, 20], [[5, 5], [], [5, 5]])
    assert found.hit_blocks == 2
    assert prefix_hits([0], [[]]).block_ratio == 0


def test_hashes_of_64_bits_stay_apart() -> None:
    """Neither sign nor size is lost."""
    assert prefix_hits([20, 20], [[2**64 - 1, -1], [2**64 - 2, -1]]).hit_blocks == 0
