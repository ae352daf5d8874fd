"""llm-error-messages: class of each message by our rules, beside its label; other error texts as held-out evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from jobs.bench.truth.frame import Check, Outcome, set_files
from lakehouse.analyses.errors import STATUSES, classify, originate

NAME, LEAST = "llm-error-messages", 0.95
REACH = f"class of at least {LEAST:.0%} of the labelled messages, given text and status as reported"
SAME = {"engine_crash": "server_error"}  # a label that our taxonomy does not tell apart


def run(data: Path | None) -> Outcome:
    """Classify every message with its status, and again by text alone."""
    files = set_files(data, NAME, "*.csv*")
    rows = pd.concat([pd.read_csv(path) for path in files], ignore_index=True)
    labels = rows["error_class"].replace(SAME).tolist()
    status = [int(code) if pd.notna(code) else None for code in rows["http_status"]]
    texts = rows["message"].tolist()
    checks = [_check(*row) for row in zip(rows["id"], labels, status, texts, strict=True)]
    right = sum(bool(check.passed) for check in checks)
    alone = sum(classify(None, text) == label for text, label in zip(texts, labels, strict=True))
    notes = [f"{right} of {len(rows)} = {right / len(rows):.4f} with the status, {alone / len(rows):.4f} by text alone"]
    notes += _held_out(files[0].parent.parent / "provider-cassettes")
    return Outcome("error-classes", REACH, checks, right >= LEAST * len(rows), notes)


def _check(key: object, label: str, status: int | None, text: str) -> Check:
    kind = classify(status, text)
    return Check(str(key), label, kind, kind == label, f"origin {originate(kind, text) or 'unknown'}")


def _held_out(folder: Path) -> Iterator[str]:
    """How often text alone gives what the recorded answer's status and machine-readable code say."""
    for path in sorted(folder.glob("exchanges.jsonl*")):
        rows = pd.read_json(path, lines=True)
        failed = rows[rows["status"] >= 400]
        answers = [str(body) for body in failed["response_body"]]
        said = [_from_codes(int(code), body) for code, body in zip(failed["status"], answers, strict=True)]
        right = sum(classify(None, body) == kind for body, kind in zip(answers, said, strict=True))
        yield f"held out, {path.parent.name}: text alone gives the class of status and code in {right} of {len(failed)}"


def _from_codes(status: int, body: str) -> str:
    """Class by status, or by the provider's own code where that is one of a missing model."""
    try:
        error = json.loads(body).get("error")
        code = error.get("code") if isinstance(error, dict) else None
    except (AttributeError, ValueError):
        code = None
    by_status = next((kind for kind, codes in STATUSES if status in codes), "other")
    return "model_not_found" if code == "model_not_found" else by_status
