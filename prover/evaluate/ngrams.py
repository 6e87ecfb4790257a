"""Hashes of all runs of n words in a text, by whole-array arithmetic.

A word is what `str.split` gives. Its hash takes in its first eight bytes and its length; the hash of a run is a
polynomial of those of its words, modulo 2^64, from sums over the whole text (Karp and Rabin 1987). Equal runs have
equal hashes; that equal hashes are equal runs has to be seen in the text.
"""

from __future__ import annotations

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
_PAD = 8
_MASK = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)
_FIRST, _LENGTH = np.uint64(0x9E3779B97F4A7C15), np.uint64(0x165667B19E3779F9)
_SHIFT = np.uint64(29)
_BASE = 0xD6E8FEB86659FD93
_INVERSE = pow(_BASE, -1, 1 << 64)


def _spaces(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which bytes of UTF-8 are white space."""
    found: npt.NDArray[np.bool_] = (text == 32) | (text - np.uint8(9) <= 4) | (text - np.uint8(28) <= 3)
    leads = np.flatnonzero((text == 0xC2) | (text - np.uint8(0xE1) <= 2))
    if len(leads):
        first, second, third = (text[leads + place] for place in range(3))  # there is padding behind the text
        for one, two, least, greatest in _WIDE_SPACE:
            wide = (first == one) & (second == two)
            if greatest:
                wide &= (third >= least) & (third <= greatest)
            for place in range(3 if greatest else 2):
                found[leads[wide] + place] = True
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: where each begins and ends (bytes), and its hash."""

    starts: Offsets
    ends: Offsets
    hashes: Hashes

    @classmethod
    def of(cls, text: bytes) -> Words:
        """Find the words of UTF-8."""
        padded = np.frombuffer(b" " * _PAD + text + b" " * _PAD, np.uint8)
        space = _spaces(padded)
        edges = np.flatnonzero(space[1:] != space[:-1]) + 1
        starts, ends = edges[::2], edges[1::2]
        # Eight bytes from any place on, as one number.
        at = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))
        lengths = ends - starts
        hashes = (at[starts] & _MASK[np.minimum(lengths, 8)]) * _FIRST
        hashes ^= hashes >> _SHIFT
        hashes += lengths.astype(np.uint64) * _LENGTH
        hashes ^= hashes >> _SHIFT
        return cls(starts - _PAD, ends - _PAD, hashes)

    def runs(self, n: int) -> Hashes:
        """Return the hash of the n words from each word on, [words - n + 1]."""
        if len(self.hashes) < n:
            return np.empty(0, np.uint64)
        count = len(self.hashes)
        sums = np.zeros(count + 1, np.uint64)
        np.cumsum(self.hashes * _powers(_BASE, count), out=sums[1:])
        runs = (sums[n:] - sums[:-n]) * _powers(_INVERSE, count)[: count - n + 1]
        return runs ^ (runs >> _SHIFT)


_tables: dict[int, Hashes] = {}


def _powers(base: int, count: int) -> Hashes:
    """Return base^0, base^1, ... modulo 2^64."""
    table = _tables.get(base)
    if table is None or len(table) < count:
        table = np.ones(1 << max(16, (count - 1).bit_length()), np.uint64)
        known = 1
        while known < len(table):
            table[known : 2 * known] = table[:known] * np.uint64(pow(base, known, 1 << 64))
            known *= 2
        _tables[base] = table
    return table[:count]


class RunIndex:
    """A set of runs of n words, each with the numbers of what it is from; asked about whole texts at once."""

    def __init__(self, n: int, hashes: Hashes, owners: npt.NDArray[np.int64]) -> None:
        """`owners[i]` is what `hashes[i]` is from."""
        self.n = n
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._owners = hashes[order], owners[order]
        # Two tables answer nearly all questions: a small one that stays in the processor's cache, a large one for what
        # passes it (about one in eight, and in 64, of their places are set).
        size = (8 * len(hashes)).bit_length()
        self._tables = [_Table(hashes, min(21, size), 43), _Table(hashes, min(26, size + 3), 0)]

    def find(self, words: Words) -> list[tuple[int, npt.NDArray[np.int64]]]:
        """Return where a run of the set may begin, by the number of its first word, and its owners."""
        runs = words.runs(self.n)
        if not len(self._hashes) or not len(runs):
            return []
        maybe = np.flatnonzero(self._tables[0].has(runs))
        maybe = maybe[self._tables[1].has(runs[maybe])]
        first = np.searchsorted(self._hashes, runs[maybe], side="left")
        first = np.minimum(first, len(self._hashes) - 1)
        hits = self._hashes[first] == runs[maybe]
        maybe, first = maybe[hits], first[hits]
        last = np.searchsorted(self._hashes, runs[maybe], side="right")
        return [(int(at), self._owners[a:b]) for at, a, b in zip(maybe, first, last, strict=True)]


class _Table:
    """Which values some bits of the hashes have."""

    def __init__(self, hashes: Hashes, bits: int, shift: int) -> None:
        """`bits`: how many bits, after leaving out the lowest `shift`."""
        self._mask, self._shift = np.uint64((1 << bits) - 1), np.uint64(shift)
        self._set = np.zeros(1 << bits, np.bool_)
        self._set[self._places(hashes)] = True

    def has(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        return self._set.take(self._places(hashes))

    def _places(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        return ((hashes >> self._shift) & self._mask).view(np.int64)
