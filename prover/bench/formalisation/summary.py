"""The summary of an autoformalisation run: how often statements compile, and are shown to be equivalent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from prover.bench.formalisation.equivalence import StatementOutcome
from prover.bench.pass_at_k import mean_with_interval, pass_at_k

Row = Mapping[str, Any]


def summarise(results: Iterable[Row]) -> dict[str, Any]:
    """Return pass@k for compiling and for being shown equivalent, with 95 % intervals over problems.

    pass@1 of compiling is the compile rate. Problems whose reference cannot be used, or at which the machine failed,
    are counted apart; answers without a statement count as ones that do not compile.
    """
    rows = list(results)
    errors = Counter(str(row["error"]).partition(":")[0] for row in rows if row["error"] is not None)
    whole = [row for row in rows if row["error"] is None]
    by_split: dict[str, list[Row]] = {}
    for row in whole:
        by_split.setdefault(row["split"] or "none", []).append(row)
    return {
        **_rates(whole),
        "by_split": {split: _rates(by_split[split]) for split in sorted(by_split)} if len(by_split) > 1 else {},
        "unusable_references": errors["reference"],
        "machine_errors": errors["machine"],
    }


def _rates(rows: Sequence[Row]) -> dict[str, Any]:
    shown = [found for row in rows for found in row["candidates"] if found["outcome"] == StatementOutcome.EQUIVALENT]
    return {
        "problems": len(rows),
        "answers": sum(row["answers"] for row in rows),
        "compiles": _passes(rows, lambda found: found["outcome"] != StatementOutcome.DOES_NOT_COMPILE),
        "equivalent": _passes(rows, lambda found: found["outcome"] == StatementOutcome.EQUIVALENT),
        "best": {outcome: count for outcome, count in _counts(row["outcome"] for row in rows).items() if count},
        "statements": {
            outcome: count
            for outcome, count in _counts(found["outcome"] for row in rows for found in row["candidates"]).items()
            if count
        },
        "unread": sum(row["unread"] for row in rows),
        "by_means": dict(Counter(_strongest(found) for found in shown).most_common()),
    }


def _passes(rows: Sequence[Row], good: Callable[[Row], bool]) -> dict[str, Any]:
    if not rows:
        return {}
    most = min(row["answers"] for row in rows)
    powers = [k for k in (2**power for power in range(32)) if k < most] + [most]
    counts = [
        (row["answers"], min(row["answers"], sum(found["times"] for found in row["candidates"] if good(found))))
        for row in rows
    ]
    return {str(k): mean_with_interval([pass_at_k(n, c, k) for n, c in counts]) for k in powers}


def _counts(outcomes: Iterable[str]) -> dict[str, int]:
    counts = Counter(str(outcome) for outcome in outcomes)
    return {str(outcome): counts[outcome] for outcome in StatementOutcome}


def _strongest(found: Row) -> str:
    """Return the stronger of the means that the two directions needed."""
    needed = {found["forward"]["means"], found["backward"]["means"]}
    return next(name for name in ("search", "automation", "structure", "definition") if name in needed)
