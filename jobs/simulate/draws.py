"""Random numbers that are a pure function of seed, purpose and row, so that chunks may be cut anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from jobs.simulate.shapes import Floats

PHILOX_WORDS = 4  # numbers that one step of Philox's counter gives


def stream(seed: int, purpose: str) -> np.random.Philox:
    """Give the stream of one purpose; streams of different purposes are independent."""
    return np.random.Philox(key=[seed, crc32(purpose.encode())])


@dataclass(frozen=True)
class Draws:
    """Numbers for the rows `first` to `first + count - 1` of the traffic of one seed."""

    seed: int
    first: int
    count: int

    def uniform(self, purpose: str) -> Floats:
        """One number in [0, 1) a row."""
        bits = stream(self.seed, purpose)
        steps, skip = divmod(self.first, PHILOX_WORDS)
        bits.advance(steps)
        return np.random.Generator(bits).random(skip + self.count)[skip:]

    def normal(self, purpose: str) -> Floats:
        """One standard normal number a row, by Box and Muller, which takes exactly two uniform ones."""
        radius: Floats = np.sqrt(-2 * np.log1p(-self.uniform(f"{purpose}, radius")))
        angle = 2 * np.pi * self.uniform(f"{purpose}, angle")
        return radius * np.cos(angle)
