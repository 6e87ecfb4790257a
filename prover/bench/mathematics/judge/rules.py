"""When numbers are equal: a rule for each benchmark."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """What a benchmark takes for the same number. What is exact is compared exactly under each of them.

    Every rule forgives the noise of floating point: a number of fifteen digits or more, within 1e-9 of its size.
    """

    EXACT = "exact"
    DECIMALS = "decimals"
    """A decimal stands for a number that has no finite decimal form (1/3, a root) if it is right within 1e-6."""
    CLOSE = "close"
    """Numbers that were measured or calculated: relative 1e-5, near zero 1 % (OCWCourses, as its authors)."""
    MINERVA = "minerva"
    """Texts that Minerva's rules have normalised, as the paper compares them on MATH: none of our reading."""
