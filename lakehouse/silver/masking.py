"""Masks what must not be kept of free text; linear patterns, no model. Never a guarantee."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

# In this order: a password before an @ would else look like an e-mail's name, and its beginning would stay.
PATTERNS = {
    r"(?i)\b([a-z][a-z0-9+.\-]{1,20})://[^\s\"'<>]{1,256}@": "$1://<credentials>@",
    r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,255}\.[A-Za-z]{2,24}": "<email>",
    r"(?i)\bbearer\s+[A-Za-z0-9._~+/\-]{8,}=*": "Bearer <key>",
    r"\b(?:(?:sk|pk|rk|xai|gsk|hf|gh[pousr])[-_]|dapi|AKIA|AIza)[A-Za-z0-9_\-]{12,}": "<key>",
    r"\beyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*){0,2}": "<token>",
    r"(?i)\b((?:password|passwd|pwd|secret|api[_\-]?key)[\"']?\s{0,3}[=:]\s{0,3}[\"']?)[^\s\"'&,;<>]{1,256}": (
        "$1<secret>"
    ),
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b": "<address>",
    # IPv6, whole or shortened inside; a clock time has neither seven colons nor two side by side
    r"\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b": "<address>",
    r"\b(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}\b": "<address>",
}


def masked(text: Column) -> Column:
    """Replace e-mails, keys, tokens, passwords, credentials in URLs and IP addresses; null stays null."""
    for pattern, replacement in PATTERNS.items():
        text = F.regexp_replace(text, pattern, replacement)
    return text
