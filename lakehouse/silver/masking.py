"""Masks what must not be kept of free text; bounded patterns, no model. Never a guarantee."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

PATTERNS = {
    r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,255}\.[A-Za-z]{2,24}": "<email>",
    r"(?i)\bbearer\s+[A-Za-z0-9._\-]{8,512}": "Bearer <key>",
    r"\b(?:sk|pk|rk|xai|gsk|hf|ghp|dapi|AKIA|AIza)[-_]?[A-Za-z0-9_\-]{12,256}": "<key>",
    r"\beyJ[A-Za-z0-9_\-]{8,2048}\.[A-Za-z0-9_\-]{8,2048}\.[A-Za-z0-9_\-]{0,2048}": "<token>",
    r"(?i)\b(postgres(?:ql)?|mysql|mongodb|redis|amqp)://[^\s@]{1,256}@": "$1://<credentials>@",
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b": "<address>",
}


def masked(text: Column) -> Column:
    """Replace e-mails, keys, tokens, credentials and addresses; null stays null."""
    for pattern, replacement in PATTERNS.items():
        text = F.regexp_replace(text, pattern, replacement)
    return text
