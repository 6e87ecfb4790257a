"""Math-Verify, for what our reader does not know: sums, integrals, limits and their like."""

from __future__ import annotations

from math_verify import LatexExtractionConfig, parse, verify

from prover.bench.mathematics.judge.normalise import normalised


def same_by_library(gold: str, given: str) -> bool:
    """Does Math-Verify read both and find them equal? Its own time limit is off: the caller has one."""
    read = [
        parse(
            f"${normalised(text)}$".replace("\\dollar", ""),
            [LatexExtractionConfig()],
            parsing_timeout=None,
            fallback_mode="no_fallback",
        )
        for text in (gold, given)
    ]
    return all(read) and bool(verify(read[0], read[1], float_rounding=12, timeout_seconds=None))
