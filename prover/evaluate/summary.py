"""What a run over a problem set comes to."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

Result = Mapping[str, Any]
"""One line of `results.jsonl`."""


class Count(BaseModel):
    """So many proved of so many, with the Wilson 95 % interval of the rate."""

    proved: int
    total: int
    interval: tuple[float, float]

    @classmethod
    def of(cls, results: Iterable[Result]) -> Count:
        """Count results."""
        outcomes = [bool(result["proved"]) for result in results]
        return cls(proved=sum(outcomes), total=len(outcomes), interval=wilson_interval(sum(outcomes), len(outcomes)))


def wilson_interval(successes: int, trials: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the score interval of a proportion (Wilson 1927), 95 % by default; (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    rate, square = successes / trials, z * z / trials
    centre = (rate + square / 2) / (1 + square)
    spread = z / (1 + square) * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials))
    return round(max(0.0, centre - spread), 4), round(min(1.0, centre + spread), 4)


def summarise(results: Iterable[Result]) -> dict[str, Any]:
    """Return the counts of a run; false statements are counted apart."""
    rows = list(results)
    canaries = [row for row in rows if row["canary"]]
    problems = [row for row in rows if not row["canary"]]
    proved = [row for row in problems if row["proved"]]
    return {
        **Count.of(problems).model_dump(mode="json"),
        "by_split": _groups(problems, lambda row: row["split"] or "none"),
        "by_kind": _groups(problems, lambda row: row["kind"]),
        "by_source": dict(Counter(row["search"]["sources"][-1] for row in proved).most_common()),
        "by_length": dict(sorted(Counter(len(row["search"]["tactics"]) for row in proved).items())),
        "stops": dict(Counter(row["search"]["stop"] for row in problems if "search" in row)),
        "canaries": {
            "total": len(canaries),
            "proved": sum(row["proved"] for row in canaries),
            "names_proved": [row["problem"] for row in canaries if row["proved"]],
        },
        "errors": sum(row["error"] is not None for row in rows),
    }


def _groups(rows: list[Result], key: Callable[[Result], str]) -> dict[str, dict[str, Any]]:
    groups: defaultdict[str, list[Result]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: Count.of(groups[name]).model_dump(mode="json") for name in sorted(groups)}
