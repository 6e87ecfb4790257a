"""The order of a source's documents, and of the sequences cut from them, in each epoch.

It is a function of the seed, the source's name and the epoch, by arithmetic that does not depend on any library's
version. So a run can be resumed years later and on other machines.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return 64 well-mixed bits for each number: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    values = values + _STEP
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))


def shuffled(count: int, *, seed: int, source: str, epoch: int) -> npt.NDArray[np.int64]:
    """Return the numbers 0 to `count` - 1 in the order of that epoch, int64 [count]."""
    key = hashlib.sha256(f"{seed} {epoch} {source}".encode()).digest()
    start = np.uint64(int.from_bytes(key[:8], "little"))
    return np.argsort(mixed(np.arange(count, dtype=np.uint64) ^ start), kind="stable")
