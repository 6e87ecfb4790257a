"""Proofs found by search as training steps: state, tactic, premises; optionally whole search trees.

Only verified proofs become steps. Theorems held out for evaluation are neither mined nor offered as premises. As in
every search over library theorems, the theorem itself and those with the same statement are out of reach: forbidden,
erased from simp's and grind's sets, rejected in the proof's term.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import zstandard

from prover.bench.bench import attempt_problem, heading
from prover.bench.problem_sets import Problem
from prover.core.budget import SearchBudget
from prover.core.held_out import is_held_out
from prover.core.library import Library, LibrarySource
from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TimedOut
from prover.core.theorem import Theorem
from prover.data.mining.statements import KeyedEnvironment, held_out_names
from prover.errors import InvalidTheoremError
from prover.policies.generator import TacticGenerator
from prover.policies.premises.retrieval import Premises, PremiseSource
from prover.search.events import Expanded, SearchEvent, Tried, each_of
from prover.search.trace import SearchTrace

TREES = "trees"
RETRIEVED = 16
"""Number of premises recorded for a state, best first."""
_NAME = re.compile(r"[^\W\d][\w'!?.]*")


class MiningPremises(PremiseSource):
    """Premises without those that are held out for evaluation."""

    def __init__(self, library: LibrarySource) -> None:
        super().__init__(library)
        self._held_out: dict[int, frozenset[str]] = {}

    def held_out_of(self, library: Library) -> frozenset[str]:
        """Return the held-out theorems of a library."""
        if id(library) not in self._held_out:
            self._held_out[id(library)] = held_out_names(library)
        return self._held_out[id(library)]

    async def for_theorem(self, theorem: Theorem) -> Premises:
        """Return the premises of a theorem that may be mined."""
        premises = await super().for_theorem(theorem)
        return replace(premises, forbidden=premises.forbidden | self.held_out_of(premises.index.library))


def may_be_mined(problem: Problem, held_out: Set[str]) -> bool:
    """Is nothing of a problem held out: neither it nor a library theorem that it restates?"""
    if is_held_out(problem.name, problem.statement):
        return False
    return not any(is_held_out(name) or name in held_out for name in (problem.name, *problem.forbid))


def cited(tactic: str, known: Mapping[str, int]) -> list[str]:
    """Return the library theorems that a tactic names, in the order of the text."""
    names = (name.rstrip(".") for name in _NAME.findall(tactic))
    return list(dict.fromkeys(name for name in names if name in known))


@dataclass(slots=True)
class ProofListener:
    """Records the states that a search expands, and what failed there."""

    states: dict[tuple[str, ...], ProofState] = field(default_factory=dict)
    failures: dict[ProofState, list[dict[str, str]]] = field(default_factory=dict)

    def __call__(self, event: SearchEvent) -> None:
        """Record one event."""
        match event:
            case Expanded(node):
                self.states[node.tactics] = node.state
            case Tried(node, candidate, outcome):
                if not isinstance(outcome, Advanced | Closed):
                    row = {"tactic": candidate.tactic, "source": candidate.source, "status": _status(outcome)}
                    self.failures.setdefault(node.state, []).append(row)

    def steps(self, tactics: Sequence[str], premises: Premises, negatives: int) -> list[dict[str, Any]]:
        """Return the steps of a proof. `negatives`: most failed tactics to record with each."""
        rows = []
        for length, tactic in enumerate(tactics):
            state = self.states[tuple(tactics[:length])]
            row: dict[str, Any] = {
                "state": state.text,
                "tactic": tactic,
                "premises": cited(tactic, premises.index.number),
                "retrieved": premises.for_goal(state.goals[0], RETRIEVED),
            }
            if negatives:
                row["negatives"] = self.failures.get(state, [])[:negatives]
            rows.append(row)
        return rows


def _status(outcome: Rejected | GaveUp | TimedOut) -> str:
    return {Rejected: "rejected", GaveUp: "gave_up", TimedOut: "timed_out"}[type(outcome)]


async def mine_problem(
    problem: Problem,
    environment: KeyedEnvironment,
    *,
    generator: TacticGenerator,
    premises: MiningPremises,
    budget: SearchBudget,
    seed: int,
    negatives: int,
    trees: Path | None,
    cancel: asyncio.Event | None,
) -> dict[str, Any] | None:
    """Search for a proof; return the line of results, with the proof's steps if it was verified.

    Library theorems with the same statement are forbidden, whether or not the problem says so; if one is held out, the
    result is an error. `trees`: a folder for the whole trees, or None. Returns None if it was cancelled.

    Raises:
        ProofEnvironmentError, GeneratorError: a machine failed.
    """
    try:
        allowed = await premises.for_theorem(problem.theorem())
        same = allowed.index.stating(await environment.key(problem.theorem()))
    except InvalidTheoremError:
        same = []  # the attempt reports what is wrong with it
    if held_out := [name for name in same if name in premises.held_out_of(allowed.index.library)]:
        return {**heading(problem), "proved": False, "error": f"held out: it states the same as {held_out[0]}"}
    problem = problem.model_copy(update={"forbid": tuple(dict.fromkeys([*problem.forbid, *same]))})
    listener, trace = ProofListener(), SearchTrace(problem.statement)
    result = await attempt_problem(
        problem, environment, generator, budget, seed, cancel, each_of(listener, trace) if trees else listener
    )
    if result is None or result["error"]:
        return result
    result["steps"] = []
    if result["proved"]:
        result["steps"] = listener.steps(result["search"]["tactics"], allowed, negatives)
    if trees:
        name = f"{hashlib.sha256(problem.name.encode()).hexdigest()[:16]}.json.zst"
        content = orjson.dumps({"problem": problem.name, **orjson.loads(trace.tree().to_json())})
        part = trees / f"{name}.part"
        part.write_bytes(zstandard.compress(content, 9))
        part.replace(trees / name)
        result["tree"] = f"{TREES}/{name}"
    return result
