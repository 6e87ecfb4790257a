"""Comparing many answers, in the sandbox: a model's expression may take for ever to evaluate."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prover.bench.mathematics.sandbox.run import ProgramLimits, run_program

COMPARE = Path(__file__).with_name("compare.py")
AT_ONCE = 100
"""Number of pairs compared in one process, which takes two seconds to start."""

Pair = tuple[str, str, float]
"""Expected answer, given answer, relative tolerance of numbers."""


def equal_answers(pairs: Sequence[Pair], *, workers: int | None = None) -> list[bool]:
    """Return for each pair whether the answers are the same. Raises SandboxUnavailableError."""
    different = [pair for pair in dict.fromkeys(pairs) if pair[1] and pair[0] != pair[1]]
    parts = [different[start : start + AT_ONCE] for start in range(0, len(different), AT_ONCE)]
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        verdicts = dict(
            zip(different, (verdict for part in pool.map(_compare, parts) for verdict in part), strict=True)
        )
    return [verdicts.get(pair, bool(pair[1])) for pair in pairs]


def _compare(pairs: Sequence[Pair]) -> list[bool]:
    """Compare in one process; a pair that ends it is not equal, and another process goes on behind it."""
    source = COMPARE.read_text(encoding="utf-8")
    verdicts: list[bool] = []
    while len(verdicts) < len(pairs):
        left = pairs[len(verdicts) :]
        result = run_program(
            source,
            files={"pairs.json": json.dumps(left)},
            limits=ProgramLimits(cpu_s=300, wall_s=600.0, file_bytes=1 << 22),
        )
        lines = [line == "true" for line in result.output.splitlines()]
        verdicts += lines if len(lines) == len(left) else [*lines, False]
    return verdicts
