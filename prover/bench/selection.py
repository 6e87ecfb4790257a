"""Which problems a run is about: the set that was asked for, the sample of it, and false statements among them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prover.bench.pinned import defects, pinned_name, pins, problem_set
from prover.bench.problem_sets import CORE, Problem, isabelle_canaries, read_problems, with_canaries, with_defects
from prover.errors import InvalidProblemSetError

CANARIES = {"lean": CORE, "lean-project": CORE, "isabelle": isabelle_canaries()}
"""Where the false statements for each environment come from."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Problems, and the pinned set that they belong to (see pinned.json), if any."""

    problems: tuple[Problem, ...]
    statements: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the problems: what is known of a statement's defects makes it no other problem."""
        texts = [p.model_dump_json(exclude={"defect"} if p.informal else {"defect", "informal"}) for p in self.problems]
        return hashlib.sha256("".join(texts).encode()).hexdigest()

    @property
    def version(self) -> dict[str, str]:
        """Which version of the statements it is: results on another say nothing about it."""
        if self.statements is None:
            return {}
        pin = pins()[self.statements]
        return {"statements": self.statements, "version": f"{pin['repository']}@{pin['commit']}"}


def select(name: str, environment: str, cache_dir: Path, *, sample: int | None, canaries: int, seed: int) -> Selection:
    """Read a problem set, fetched if it is a pinned one; `seed` chooses the sample and the false statements.

    Raises:
        InvalidProblemSetError: there is no such set, or this environment cannot do what it asks for.
        InstallationError: it cannot be fetched.
    """
    found, colon, split = name.partition(":")
    pinned = pinned_name(found, environment)
    if pinned is None:
        problems = read_problems(name)
    else:
        path = problem_set(pinned, cache_dir)
        problems = with_defects(read_problems(f"{path}{colon}{split}"), defects(pinned))
    _require_possible(problems, environment)
    if sample is not None:
        problems = _sampled(problems, sample, canaries, seed)
    if source := CANARIES.get(environment):
        problems = with_canaries(problems, canaries, seed, source=source)
    return Selection(tuple(problems), pinned)


def _sampled(problems: Sequence[Problem], count: int, canaries: int, seed: int) -> list[Problem]:
    """Return so many of the problems, and at most `canaries` of the false statements among them, in their order."""
    chosen: list[int] = []
    for false, most in ((False, count), (True, canaries)):
        places = [i for i, problem in enumerate(problems) if problem.canary is false]
        chosen += random.Random(seed).sample(places, min(most, len(places)))
    return [problems[i] for i in sorted(chosen)]


FORBIDDING = ("lean", "lean-project")
"""The environments that know their library as data."""


def _require_possible(problems: Sequence[Problem], environment: str) -> None:
    forbidding = [problem.name for problem in problems if problem.forbid]
    if forbidding and environment not in FORBIDDING:
        raise InvalidProblemSetError(
            f"{len(forbidding)} problems (the first: {forbidding[0]}) forbid theorems of the library, which only "
            f"these can do: --environment {' or '.join(FORBIDDING)}"
        )
