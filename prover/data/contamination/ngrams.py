"""Finding any of many runs of n words in a text, by array arithmetic.

Words are those of `str.split`. A word's hash covers its first eight bytes and its length; the hash of a run is a
polynomial in the hashes of its words, modulo 2^64. Equal runs have equal hashes. The converse must be checked in the
text.

Not every run is looked up. A run of n words contains n - m + 1 windows of m words, and one of them starts at a multiple
of n - m + 1. So it suffices to look up the windows at these positions, and to look closer where one is known.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]

# White space of str.split in UTF-8 beyond ASCII: U+0085, U+00A0, U+1680, U+2000-200A, U+2028, U+2029, U+202F, U+205F,
# U+3000. First and second byte, least and greatest third one (0: there is none).
_WIDE_SPACE = (
    (0xC2, 0x85, 0, 0),
    (0xC2, 0xA0, 0, 0),
    (0xE1, 0x9A, 0x80, 0x80),
    (0xE2, 0x80, 0x80, 0x8A),
    (0xE2, 0x80, 0xA8, 0xA9),
    (0xE2, 0x80, 0xAF, 0xAF),
    (0xE2, 0x81, 0x9F, 0x9F),
    (0xE3, 0x80, 0x80, 0x80),
)
_MAYBE_WIDE = np.zeros(256, np.bool_)
_MAYBE_WIDE[[second for _, second, _, _ in _WIDE_SPACE]] = True
_PAD = 8
_MASK = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)
_FIRST, _LENGTH = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x165667B19E3779F9)
_SHIFT = np.uint64(29)
_BASE = 0xD6E8FEB86659FD93


def _spaces(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which bytes of UTF-8 are white space."""
    found: npt.NDArray[np.bool_] = (text == 32) | (text - np.uint8(9) <= 4) | (text - np.uint8(28) <= 3)
    leads = np.flatnonzero((text == 0xC2) | (text - np.uint8(0xE1) <= 2))
    leads = leads[_MAYBE_WIDE[text[leads + 1]]]
    if len(leads):
        first, second, third = (text[leads + place] for place in range(3))  # the text is padded
        for one, two, least, greatest in _WIDE_SPACE:
            wide = (first == one) & (second == two)
            if greatest:
                wide &= (third >= least) & (third <= greatest)
            for place in range(3 if greatest else 2):
                found[leads[wide] + place] = True
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: the byte offsets of their starts and ends."""

    starts: Offsets
    ends: Offsets
    _at: Hashes
    """The eight bytes from each offset on, as one number; the text is padded."""

    @classmethod
    def of(cls, text: bytes) -> Words:
        """Find the words of UTF-8."""
        padded = np.frombuffer(b" " * _PAD + text + b" " * _PAD, np.uint8)
        space = _spaces(padded)
        edges = np.flatnonzero(space[1:] != space[:-1]) + (1 - _PAD)
        at = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))
        return cls(edges[::2], edges[1::2], at)

    def __len__(self) -> int:
        return len(self.starts)

    def runs(self, n: int, places: Offsets | None = None) -> Hashes:
        """Return the hashes of the runs of n words that start at `places`, or at every word."""
        if places is None:
            places = np.arange(max(0, len(self) - n + 1))
        numbers = places[:, None] + np.arange(n)
        starts = self.starts[numbers]
        lengths = self.ends[numbers] - starts
        hashes = (self._at[starts + _PAD] & _MASK[np.minimum(lengths, 8)]) * _FIRST
        hashes ^= hashes >> _SHIFT
        hashes += lengths.view(np.uint64) * _LENGTH
        hashes ^= hashes >> _SHIFT
        hashes *= _powers(n)
        runs: Hashes = hashes.sum(axis=1, dtype=np.uint64)
        return runs ^ (runs >> _SHIFT)


@functools.cache
def _powers(count: int) -> Hashes:
    return np.array([pow(_BASE, power, 1 << 64) for power in range(count)], np.uint64)


class RunIndex:
    """All runs of n words of many texts, looked up for whole texts at once."""

    def __init__(self, n: int, texts: Sequence[bytes]) -> None:
        self.n = n
        self._short = max(1, n // 4)
        words = [Words.of(text) for text in texts]
        long = [number for number, found in enumerate(words) if len(found) >= n]
        runs = [words[number].runs(n) for number in long]
        hashes = np.concatenate([np.empty(0, np.uint64), *runs])
        owners = np.concatenate([np.empty(0, np.int64), *(np.full(len(r), i) for i, r in zip(long, runs, strict=True))])
        order = np.argsort(hashes, kind="stable")
        self._runs, self._owners = _HashSet(hashes[order]), owners[order]
        within = [words[number].runs(self._short) for number in long]
        self._anchors = _HashSet(np.sort(np.concatenate([np.empty(0, np.uint64), *within])))

    def find(self, words: Words) -> list[tuple[int, Offsets]]:
        """Return where a run may begin, as the number of its first word, and which texts have it."""
        if len(words) < self.n or not len(self._owners):
            return []
        step = self.n - self._short + 1
        anchors = np.arange(0, len(words) - self._short + 1, step)
        anchors = anchors[self._anchors.places(words.runs(self._short, anchors)) >= 0]
        if not len(anchors):
            return []
        maybe = np.unique(anchors[:, None] - np.arange(step))
        maybe = maybe[(maybe >= 0) & (maybe <= len(words) - self.n)]
        runs = words.runs(self.n, maybe)
        first = self._runs.places(runs)
        maybe, runs, first = maybe[first >= 0], runs[first >= 0], first[first >= 0]
        last = np.searchsorted(self._runs.hashes, runs, side="right")
        return [(int(at), self._owners[a:b]) for at, a, b in zip(maybe, first, last, strict=True)]


class _HashSet:
    """Sorted hashes, with a table by some of their bits that answers most lookups from the processor's cache."""

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes
        self._bits = min(21, (16 * len(hashes)).bit_length())
        self._table = np.zeros(1 << self._bits, np.bool_)
        self._table[self._entries(hashes)] = True

    def places(self, hashes: Hashes) -> Offsets:
        """Return where each of `hashes` first stands in the set, or -1."""
        found = np.full(len(hashes), -1)
        maybe = np.flatnonzero(self._table[self._entries(hashes)])
        if len(maybe):
            place = np.minimum(np.searchsorted(self.hashes, hashes[maybe]), len(self.hashes) - 1)
            found[maybe] = np.where(self.hashes[place] == hashes[maybe], place, -1)
        return found

    def _entries(self, hashes: Hashes) -> Offsets:
        return (hashes & np.uint64((1 << self._bits) - 1)).view(np.int64)
