"""Two runs over the same theorems, side by side: what each proved, and whether the difference can be chance.

The test is McNemar's in its exact form (McNemar 1947; Mosteller 1952): of the theorems that only one of the two
proves, a fair coin would have to give so uneven a split, or one more uneven, with probability `p`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.bench.pinned import outcomes
from prover.bench.results import RESULTS, read_results
from prover.bench.summary import wilson_interval
from prover.errors import InvalidProblemSetError


@dataclass(frozen=True, slots=True)
class Comparison:
    """Counts over the theorems that both have; names in alphabetical order."""

    common: int
    first: int
    second: int
    both: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    missing_in_first: int
    missing_in_second: int

    @property
    def p(self) -> float:
        """Two-sided p-value of McNemar's exact test."""
        return mcnemar(len(self.only_first), len(self.only_second))

    def as_json(self) -> dict[str, object]:
        """Return everything as data."""
        return {
            "common": self.common,
            "proved": [self.first, self.second],
            "intervals": [wilson_interval(self.first, self.common), wilson_interval(self.second, self.common)],
            "both": self.both,
            "only_first": list(self.only_first),
            "only_second": list(self.only_second),
            "missing": [self.missing_in_first, self.missing_in_second],
            "mcnemar_p": self.p,
        }


def compare(first: Mapping[str, bool], second: Mapping[str, bool]) -> Comparison:
    """Compare outcomes by name. Raises InvalidProblemSetError if no theorem is in both."""
    common = sorted(first.keys() & second.keys())
    if not common:
        raise InvalidProblemSetError("the two have no theorem in common")
    return Comparison(
        common=len(common),
        first=sum(first[name] for name in common),
        second=sum(second[name] for name in common),
        both=sum(first[name] and second[name] for name in common),
        only_first=tuple(name for name in common if first[name] and not second[name]),
        only_second=tuple(name for name in common if second[name] and not first[name]),
        missing_in_first=len(second.keys() - first.keys()),
        missing_in_second=len(first.keys() - second.keys()),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p-value of the exact test on the numbers of pairs that differ."""
    n, fewer = only_first + only_second, min(only_first, only_second)
    tail = sum(math.comb(n, k) for k in range(fewer + 1))
    return float(min(1.0, 2 * tail / 2**n))


def run_outcomes(place: Path) -> dict[str, bool]:
    """Read a run's results: theorem and whether it was proved; false statements and faults of a machine are left out.

    `place`: its folder, its results, or a JSON file in the form that the Llemma authors published, which counts every
    fault as not proved.

    Raises:
        InvalidProblemSetError: there are no results, or they cannot be read.
    """
    if place.suffix == ".json":
        try:
            return outcomes([json.loads(place.read_text(encoding="utf-8"))])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidProblemSetError(f"{place} holds no results in the published form: {error!r}") from error
    return {
        str(row["problem"]): bool(row["proved"])
        for row in _rows(place)
        if not row["canary"] and not str(row["error"] or "").startswith("machine")
    }


def run_assistants(place: Path) -> set[str]:
    """Return the proof assistants of a run, such as `lean4` and `isabelle`, as far as its results name them."""
    if place.suffix == ".json":
        return set()
    return {str(row["environment"]).partition("@")[0] for row in _rows(place) if "environment" in row}


def _rows(place: Path) -> list[dict[str, Any]]:
    return read_results(place / RESULTS if place.is_dir() else place)


def summary_outcomes(path: Path, model: str) -> dict[str, bool]:
    """Read per-theorem results that were put together in one file: `theorems`, each with `solved_by`."""
    try:
        theorems = json.loads(path.read_text(encoding="utf-8"))["theorems"]
        return {str(name): model.replace("-", "_") in theorem["solved_by"] for name, theorem in theorems.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidProblemSetError(f"{path} holds no published results: {error!r}") from error
