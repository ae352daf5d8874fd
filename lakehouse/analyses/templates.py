"""Templates of log lines and error texts: values are masked, then a tree of fixed depth groups what is left.

The tree is Drain's (He, Zhu, Zheng and Lyu, Drain: An Online Log Parsing Approach with Fixed Depth Tree, ICWS 2017):
length, then the leading words, then the most similar group. Two things differ. Values are masked first, as most of what
Drain gets wrong are values it takes for words; and neighbouring masks count as one, so that lists of values do not make
a template for each length.

Grouping is by distinct masked text in sorted order, so that neither repetition nor order of arrival changes it, and
templates of partitions merge by being mined again: a cluster masks and counts, and only distinct texts come together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

VALUE = "<*>"
DEPTH, SIMILARITY, CHILDREN = 3, 0.4, 100  # leading words; share of equal words; branches of a node
# Pattern and replacement, in this order, without regard to case; Java's and Python's engines both take them.
MASKS: tuple[tuple[str, str], ...] = (
    (r"\b[a-z][a-z0-9+.\-]*://[^\s\"'<>]+", VALUE),
    (r"`[^`\s]+`", VALUE),
    (r"[\w.%+\-]+@[\w\-]+(\.[\w\-]+)+", VALUE),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", VALUE),
    (r"\b(sk|pk|org|req|proj|key|resp|msg|call|run|file|batch|chatcmpl)[-_][a-z0-9*_\-]{6,}", VALUE),
    (r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* +\d+\b", VALUE),
    (r"/?\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b", VALUE),
    (r"(^|[\s=:\[(,'\"])(/[\w.\-+@$%<>*]+)+/?", r"\1" + VALUE),
    (r"\b0x[0-9a-f]+\b", VALUE),
    (r"\b(?=[a-f]*[0-9])[0-9a-f]{8,}\b", VALUE),
    (r"[+\-]?\b\d+([.,:]\d+)*(ms|s|m|h|k|kb|mb|gb|kib|mib|gib)?\b", VALUE),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), replacement) for pattern, replacement in MASKS)
RUN = r"(<\*>[^\sA-Za-z]*)+"
_RUN = re.compile(RUN)
# What wraps an error's message: the JSON around it, and names of exceptions and statuses before it.
MESSAGE = r"""message["']?\s*[:=]\s*(?:"((?:[^"\\]|\\.)+)"|'((?:[^'\\]|\\.)+)')"""
BEFORE = (
    r"^[\s\[({]*(?:(?:[\w.]*(?:error|exception)|error code|status(?: code)?|http|last|failed after \d+ attempts?|\d{3})"
    r"[\s:.\-–(]+)+"
)
_MESSAGE, _BEFORE = (re.compile(pattern, re.IGNORECASE) for pattern in (MESSAGE, BEFORE))

Words = tuple[str, ...]


def masked(text: str) -> Words:
    """Words of a text with its values masked; neighbouring masks are one."""
    for pattern, replacement in _COMPILED:
        text = pattern.sub(replacement, text)
    found: list[str] = []
    for word in text.split():
        plain = _RUN.sub(VALUE, word)
        if plain != VALUE or found[-1:] != [VALUE]:
            found.append(plain)
    return tuple(found)


def unwrapped(text: str) -> str:
    """Message of an error without what libraries and gateways put around it; the text itself where nothing is left."""
    found = _MESSAGE.search(text)
    inner = next((part for part in found.groups() if part), text) if found else text
    return _BEFORE.sub("", inner) or text


def template_id(template: str) -> str:
    """Identify a template by its text alone: the same on every machine and day."""
    return hashlib.sha256(template.encode()).hexdigest()[:16]


@dataclass
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=list)


@dataclass
class _Group:
    words: Words

    def similarity(self, words: Words) -> tuple[float, int]:
        """Share of words equal to the template's constants, and the template's number of values."""
        same = sum(ours == theirs != VALUE for ours, theirs in zip(self.words, words, strict=True))
        return same / max(len(words), 1), self.words.count(VALUE)

    def widen(self, words: Words) -> None:
        """Turn words that differ into values."""
        pairs = zip(self.words, words, strict=True)
        self.words = tuple(ours if ours == theirs else VALUE for ours, theirs in pairs)


class Miner:
    """A tree that takes masked words one by one and groups them."""

    def __init__(self, depth: int = DEPTH, similarity: float = SIMILARITY) -> None:
        self._root, self._depth, self._similarity = _Node(), depth, similarity

    def add(self, words: Words) -> _Group:
        """Find the group of a text, or begin one."""
        leaf = self._leaf(words)
        best = max(leaf.groups, key=lambda group: group.similarity(words), default=None)
        if best is None or best.similarity(words)[0] < self._similarity:
            best = _Group(words)
            leaf.groups.append(best)
        best.widen(words)
        return best

    def _leaf(self, words: Words) -> _Node:
        node = self._root.children.setdefault(str(len(words)), _Node())
        for word in words[: self._depth]:
            step = VALUE if VALUE in word or any(letter.isdigit() for letter in word) else word
            if step not in node.children and len(node.children) >= CHILDREN:
                step = VALUE
            node = node.children.setdefault(step, _Node())
        return node


def mine(texts: Iterable[str], depth: int = DEPTH, similarity: float = SIMILARITY) -> Mapping[str, str]:
    """Template of each distinct text.

    Args:
        texts: Raw texts, or templates of partitions that are to be merged.
        depth: Leading words that must be equal.
        similarity: Share of words that must be equal within a group.
    """
    distinct = {text: masked(text) for text in set(texts)}
    miner = Miner(depth, similarity)
    groups = {words: miner.add(words) for words in sorted(set(distinct.values()))}
    return {text: " ".join(groups[words].words) for text, words in distinct.items()}


def merge(parts: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Join what partitions mined: template of each text over all of them."""
    listed = list(parts)
    merged = mine(template for part in listed for template in part.values())
    return {text: merged[template] for part in listed for text, template in part.items()}
