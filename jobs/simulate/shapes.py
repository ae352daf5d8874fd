"""Shapes of real traffic, summarised from the ServeGen set; ``shapes.json`` says how each number was computed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """One class of models.

    Attributes:
        hour_profile: Volume by hour of the week (168 values, Monday first) or of the day (24), mean 1.
        volume_log_sd: Standard deviation of the logarithm of a 10-minute volume about its hour's mean.
        input_tokens: Quantiles at the summary's `token_probabilities`.
        output_tokens: The same for output.
    """

    hour_profile: Floats
    volume_log_sd: float
    input_tokens: Floats
    output_tokens: Floats


@dataclass(frozen=True)
class Summary:
    """The whole of ``shapes.json``.

    Attributes:
        shapes: By name: small, mid, large, reason, multimodal.
        token_probabilities: Where the token quantiles of every shape lie.
        gap_probabilities: Where `gap_cv` lies.
        gap_cv: Quantiles of the coefficient of variation of the times between requests.
        client_share: Share of requests by rank of client, sum 1.
    """

    shapes: dict[str, Shape]
    token_probabilities: Floats
    gap_probabilities: Floats
    gap_cv: Floats
    client_share: Floats


@cache
def summary() -> Summary:
    """Read the bundled summary."""
    raw = json.loads(files(__package__).joinpath("shapes.json").read_text(encoding="utf-8"))
    shares = np.array(raw["client_share"])
    return Summary(
        shapes={name: _shape(shape) for name, shape in raw["shapes"].items()},
        token_probabilities=np.array(raw["token_probabilities"]),
        gap_probabilities=np.array(raw["gap_probabilities"]),
        gap_cv=np.array(raw["gap_cv"]),
        client_share=shares / shares.sum(),
    )


def _shape(raw: dict[str, Any]) -> Shape:
    return Shape(
        hour_profile=np.array(raw["hour_profile"]),
        volume_log_sd=raw["volume_log_sd"],
        input_tokens=np.array(raw["input_tokens"]),
        output_tokens=np.array(raw["output_tokens"]),
    )


def token_counts(uniform: Floats, quantiles: Floats) -> Floats:
    """Turn uniform numbers into token counts of at least 1, log-linear between the summary's quantiles."""
    logs = np.log1p(quantiles)
    return np.maximum(np.rint(np.expm1(np.interp(uniform, summary().token_probabilities, logs))), 1)
