"""Synthetic LiteLLM traffic of any size, with the shapes of real traffic and every row marked as synthetic."""

from jobs.simulate.load import load
from jobs.simulate.traffic import DAYS, START, generate

__all__ = ["DAYS", "START", "generate", "load"]
