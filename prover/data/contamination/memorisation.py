"""Does having seen a test problem help? Accuracy on problems that are in the training data and on those that are not.

The Llemma paper's study (section 3.5): a problem is a hit if it, or its solution, shares a run of 30 words with a
training document (`prover overlap`). Hits may be easier or harder than others, so the comparison is at equal level.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prover.bench.summary import wilson_interval
from prover.errors import InvalidProblemSetError

Z = 1.959964
LEVELS = ("level", "difficulty")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON Lines. Raises InvalidProblemSetError, with the line."""
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InvalidProblemSetError(f"{path}, line {number}: {error}") from error
            if not isinstance(row, dict):
                raise InvalidProblemSetError(f"{path}, line {number}: no JSON object")
            rows.append(row)
    return rows


def memorisation(
    results: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]], *, fields: Sequence[str] = ()
) -> dict[str, Any]:
    """Return accuracy on hits and non-hits by level, and the difference at equal level.

    Args:
        results: lines of `prover eval` (`name`, `correct`, `level`) or of `prover bench` (`problem`, `proved`,
            `difficulty`).
        found: lines of `prover overlap --output` (`item`, `field`).
        fields: only overlaps of these texts, such as `solution`; all if none is given.

    Raises:
        InvalidProblemSetError: the results have no names, or lack a found item.
    """
    outcomes: dict[str, tuple[str, bool]] = {}
    for row in results:
        name, right = row.get("name", row.get("problem")), row.get("correct", row.get("proved"))
        if name is None or right is None:
            raise InvalidProblemSetError("a line of the results has no name, or does not say whether it was right")
        if not row.get("canary"):
            outcomes[str(name)] = next((str(row[level]) for level in LEVELS if row.get(level)), ""), bool(right)
    hits = {str(row["item"]) for row in found if not fields or row.get("field") in fields}
    if strangers := sorted(hits - outcomes.keys()):
        raise InvalidProblemSetError(
            f"{len(strangers)} items of the overlap are not in the results ({', '.join(strangers[:3])}, ...): "
            "both must be of the same problems"
        )
    levels: defaultdict[str, dict[bool, list[bool]]] = defaultdict(lambda: {True: [], False: []})
    for name, (level, right) in outcomes.items():
        levels[level][name in hits].append(right)
    every = {hit: [right for some in levels.values() for right in some[hit]] for hit in (True, False)}
    return {
        "problems": len(outcomes),
        "hits": len(hits),
        "fields": list(fields),
        "all": _row(every),
        "by_level": {level or "none": _row(levels[level]) for level in sorted(levels)},
        "difference_at_equal_level": stratified_difference(
            [(sum(some[True]), len(some[True]), sum(some[False]), len(some[False])) for some in levels.values()]
        ),
    }


def _row(outcomes: Mapping[bool, Sequence[bool]]) -> dict[str, Any]:
    return {
        name: {
            "correct": sum(outcomes[hit]),
            "total": len(outcomes[hit]),
            "accuracy": round(sum(outcomes[hit]) / len(outcomes[hit]), 4) if outcomes[hit] else None,
            "interval": list(wilson_interval(sum(outcomes[hit]), len(outcomes[hit]))),
        }
        for name, hit in (("hits", True), ("others", False))
    }


def stratified_difference(strata: Sequence[tuple[int, int, int, int]]) -> dict[str, Any] | None:
    """Return the difference of two rates at equal level, with its 95 % interval; None if no level has both.

    `strata`: for each level correct and total among hits, correct and total among non-hits. Mantel-Haenszel weights,
    Sato's variance (Sato 1989, Biometrics 45).
    """
    both = [(a, n, b, m) for a, n, b, m in strata if n and m]
    if not both:
        return None
    weight = sum(n * m / (n + m) for _, n, _, m in both)
    difference = sum((a * m - b * n) / (n + m) for a, n, b, m in both) / weight
    p = sum((n * n * b - m * m * a + n * m * (m - n) / 2) / (n + m) ** 2 for a, n, b, m in both)
    q = sum((a * (m - b) + b * (n - a)) / (2 * (n + m)) for a, n, b, m in both)
    deviation = math.sqrt(max(0.0, difference * p + q)) / weight
    interval = [round(max(-1.0, difference - Z * deviation), 4), round(min(1.0, difference + Z * deviation), 4)]
    return {"difference": round(difference, 4), "interval": interval}
