"""The summary of a run over a problem set."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from prover.bench.attempts import proposer
from prover.bench.cost import total_cost

Result = Mapping[str, Any]
"""One line of `results.jsonl`."""


class Count(BaseModel):
    """The number of theorems proved out of a total, with the Wilson 95 % interval of the rate."""

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
    """Return the counts of a run; the false statements that were added are counted apart."""
    rows = list(results)
    canaries = [row for row in rows if row["canary"]]
    problems = [row for row in rows if not row["canary"]]
    proved = [row for row in problems if row["proved"]]
    refuted = [row for row in problems if row.get("refutation")]
    by_difficulty = _groups(problems, lambda row: row["difficulty"] or "none")
    return {
        **Count.of(problems).model_dump(mode="json"),
        "refuted": {"total": len(refuted), "names": [row["problem"] for row in refuted]},
        "by_split": _groups(problems, lambda row: row["split"] or "none"),
        "by_kind": _groups(problems, lambda row: row["kind"]),
        **({"by_difficulty": by_difficulty} if set(by_difficulty) - {"none"} else {}),
        "by_proposer": dict(Counter(proof_by(row["search"]["sources"]) for row in proved).most_common()),
        "by_source": dict(Counter(row["search"]["sources"][-1] for row in proved).most_common()),
        "by_length": dict(sorted(Counter(len(row["search"]["tactics"]) for row in proved).items())),
        "within": {name: _within(proved, value) for name, value in SPENT.items()},
        "time_s": time_split(problems),
        "cost": total_cost(rows),
        "reproducible": sum(row["search"].get("reproducible", False) for row in problems if "search" in row),
        "stops": dict(Counter(row["search"]["stop"] for row in problems if "search" in row)),
        "canaries": {
            "total": len(canaries),
            "proved": sum(row["proved"] for row in canaries),
            "names_proved": [row["problem"] for row in canaries if row["proved"]],
        },
        **({"defects": _defects(problems)} if any(row.get("defect") for row in problems) else {}),
        "errors": sum(row["error"] is not None for row in rows),
    }


def _defects(problems: Sequence[Result]) -> dict[str, Any]:
    """Return how many statements are known to be defective, and which of them were proved all the same."""
    rows = [row for row in problems if row.get("defect")]
    names = [row["problem"] for row in rows if row["proved"]]
    return {"total": len(rows), "proved": len(names), "names_proved": names}


SPENT: Mapping[str, Callable[[Result], float]] = {
    "expansions": lambda row: row["search"]["statistics"]["expansions"],
    "tactics": lambda row: row["search"]["statistics"]["tactics"],
    "effort": lambda row: row["search"]["statistics"].get("effort", 0.0),
    "seconds": lambda row: row["search"]["statistics"]["elapsed_s"],
}
"""What a budget limits."""


def _within(proved: Sequence[Result], spent: Callable[[Result], float]) -> dict[str, int]:
    """Return how many were proved with at most 1, 2, 5, 10, … up to the first limit that holds all.

    For expansions and effort this is what runs with smaller budgets would have found, as the search does not look at
    its budget; for seconds it is so on a machine like this one.
    """
    values = sorted(map(spent, proved))
    counts: dict[str, int] = {}
    power = 1
    while values:
        for factor in (1, 2, 5):
            counts[str(power * factor)] = sum(value <= power * factor for value in values)
            if counts[str(power * factor)] == len(values):
                return counts
        power *= 10
    return counts


def proof_by(sources: Iterable[str]) -> str:
    """Return who proposed a proof's tactics: `closers`, `model`, or `both`."""
    kinds = set(map(proposer, sources))
    return "both" if len(kinds) > 1 else next(iter(kinds), "closers")


def time_split(results: Iterable[Result]) -> dict[str, float]:
    """Return where the seconds of all theorems went (summed over workers); empty if no line says.

    `policy`: waiting for candidates; `assistant`: waiting for tactics to be tried; `search`: its own work;
    `verification`; `opening`: reading the statement, starting processes.
    """
    sums: dict[str, float] = defaultdict(float)
    for row in results:
        statistics = row["search"]["statistics"] if "search" in row else {}
        if "policy_s" not in statistics:
            continue
        verification = row.get("verification") or {}
        parts = {name: float(statistics[f"{name}_s"]) for name in ("policy", "assistant")}
        parts["search"] = float(statistics["elapsed_s"]) - sum(parts.values())
        parts["verification"] = float(verification.get("elapsed_s") or 0.0)
        parts["opening"] = float(row["elapsed_s"]) - sum(parts.values())
        for name, seconds in parts.items():
            sums[name] += max(0.0, seconds)
    return {name: round(seconds, 2) for name, seconds in sums.items()}


def _groups(rows: list[Result], key: Callable[[Result], str]) -> dict[str, dict[str, Any]]:
    groups: defaultdict[str, list[Result]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: Count.of(groups[name]).model_dump(mode="json") for name in sorted(groups)}
