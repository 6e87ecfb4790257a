"""Outcomes of tactics tried in random order: training data for orders of candidates.

A search stops at the first proof, so it says little about tactics that come late in its order. Here each state gets
some effort for attempts: first Lean's own tactics in random order, then the others, drawn at random with likely ones
more often, whether or not another has closed the goal. Then one of the states that they led to gets the same. Where
one of Lean's own tactics closes the goal, there is little else to learn, and the effort goes to the next theorem. So
the choice of attempts depends on chance and on observed outcomes only.

Nothing held out for evaluation is recorded. As in every search over library theorems, the theorem itself is out of
reach.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from prover.bench.bench import heading
from prover.bench.problem_sets import Problem
from prover.core.proof_state import Advanced, Closed, Goal, ProofState, TacticOutcome, TimedOut
from prover.data.mining.statements import KeyedEnvironment
from prover.data.mining.traces import MiningPremises
from prover.environments.environment import ProofSession
from prover.errors import InvalidTheoremError
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.automation.placed_candidates import Placed, placed
from prover.policies.goal_kinds import kind_of
from prover.policies.header import Header
from prover.policies.learned.premise_order import features
from prover.policies.premises.retrieval import REORDERED, PremiseIndex, Premises

PREMISES = 8
AT_ONCE = 16
HANGS_S = 300.0  # only a hanging tactic takes so long


@dataclass(frozen=True, slots=True)
class Exploration:
    """How a theorem is explored, in units of effort (see `prover.core.effort`).

    `root`, `deeper`: for the first state (after its introductions) and for each state below it, of which `own` for
    Lean's own tactics. `easy`: instead, for a state that one of these closes. `depth`: states below the first, each
    reached from the one before. `limit`: for one tactic. `temper`: a candidate of weight w is drawn with probability
    proportional to w to this power; 0 is uniform. `shuffled`: share of theorems whose retrieved premises come in random
    order, so that an order of premises can be learned.
    """

    easy: float = 0.4
    own: float = 1.2
    root: float = 3.0
    deeper: float = 1.0
    depth: int = 1
    limit: float = 1.0
    temper: float = 0.5
    shuffled: float = 0.5

    @classmethod
    def of(cls, effort: float, depth: int) -> Exploration:
        """Spend so much on the first state, a third of it on each of `depth` states below, and on one tactic."""
        return cls(root=effort, deeper=effort / 3, limit=effort / 3, depth=depth)


async def explore_problem(
    problem: Problem,
    environment: KeyedEnvironment,
    *,
    premises: MiningPremises,
    exploration: Exploration,
    seed: int,
) -> dict[str, Any]:
    """Return the line of results: under `states` each state with its attempts.

    An attempt is [family, place, tactic, status, effort, log-probability that the closers give it]. `closed`: the
    state's first goal is closed. `retrieved`: names of premises with their features
    (prover/policies/learned/premise_order.py).

    Raises:
        ProofEnvironmentError: a machine failed.
    """
    first = heading(problem)
    chance = random.Random(f"{seed} {problem.name}")
    try:
        theorem = await environment.forbidding(problem.theorem())
        allowed = await premises.for_theorem(theorem)
        same = allowed.index.stating(await environment.key(problem.theorem()))
        if held_out := [name for name in same if name in premises.held_out_of(allowed.index.library)]:
            return {**first, "error": f"held out: it states the same as {held_out[0]}"}
        if random.Random(f"shuffled {seed} {problem.name}").random() < exploration.shuffled:
            allowed = replace(allowed, order=Shuffled(f"{seed} {problem.name}"))
        policy = ClosersPolicy(premises, premises=allowed, header=Header.of(theorem))
        states: list[dict[str, Any]] = []
        async with environment.open(theorem) as session:
            state: ProofState | None = await introduced(session, policy)
            budget = exploration.root
            for _ in range(exploration.depth + 1):
                if state is None:
                    break
                row, reached = await _explore(session, state, policy, exploration, budget, chance)
                row["premises"] = allowed.for_goal(state.goals[0], PREMISES)
                row["retrieved"] = _retrieved(allowed, state.goals[0])
                states.append(row)
                state = chance.choice(reached) if reached and not _easy(row["attempts"]) else None
                budget = exploration.deeper
    except InvalidTheoremError as error:
        return {**first, "error": f"statement: {error.reason}"[:300]}
    return {**first, "proved": any(row["closed"] for row in states[:1]), "states": states}


@dataclass(frozen=True, slots=True)
class Shuffled:
    """Retrieved premises in random order, early ones more often first; always the same for a goal."""

    seed: str
    identity: str = "shuffled"

    def __call__(self, index: PremiseIndex, goal: Goal, found: Sequence[tuple[int, float]]) -> list[int]:
        """See PremiseOrder. Drawn without replacement, with weight 1 / rank (the Gumbel trick)."""
        chance = random.Random(f"{self.seed} {goal.text}")
        keys = [
            -math.log(rank) - math.log(-math.log(max(chance.random(), 1e-300))) for rank in range(1, len(found) + 1)
        ]
        return [found[at][0] for at in sorted(range(len(found)), key=lambda at: -keys[at])]


def _retrieved(allowed: Premises, goal: Goal) -> list[list[Any]]:
    """Return names and features of the premises retrieved for a goal, in retrieval order."""
    found = allowed.retrieved(goal, REORDERED)
    names = [allowed.index.library.theorems[i].name for i, _ in found]
    seen = features(allowed.index, goal, found)
    return [[name, [round(number, 3) for number in row]] for name, row in zip(names, seen, strict=True)]


async def introduced(session: ProofSession, policy: ClosersPolicy) -> ProofState:
    """Return the state after the introductions that the closers would make first."""
    state = session.initial
    for _ in range(4):
        (proposal,) = await policy.propose([state], n=10_000, seed=0)
        tactics = (candidate.tactic for candidate in proposal.candidates)
        introduction = next((tactic for tactic in tactics if tactic.startswith("intro ")), None)
        if introduction is None:
            break
        (outcome,) = await session.apply(state, [introduction], timeout_s=HANGS_S, effort=5.0)
        if not isinstance(outcome, Advanced):
            break
        state = outcome.state
    return state


async def _explore(
    session: ProofSession,
    state: ProofState,
    policy: ClosersPolicy,
    exploration: Exploration,
    budget: float,
    chance: random.Random,
) -> tuple[dict[str, Any], list[ProofState]]:
    """Spend some effort on candidates; return the row of this state, and the states reached."""
    (proposal,) = await policy.propose([state], n=10_000, seed=0)
    drawn = _drawn(list(placed(proposal.candidates)), exploration.temper, chance)
    attempts: list[list[Any]] = []
    reached: dict[ProofState, None] = {}
    spent = 0.0
    for own, most in ((True, min(budget, exploration.own)), (False, budget)):
        waiting = [each for each in drawn if _own(each.family) is own]
        while waiting and spent < most:
            batch, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
            tried = await _try(session, state, batch, exploration.limit, most - spent)
            waiting = batch[len(tried) :] + waiting  # a tactic that closes the goal ends a batch
            for each, outcome, cut in tried:
                spent += outcome.effort
                if cut:
                    continue
                status = _status(state, outcome)
                prior = round(each.candidate.logprob, 3)
                attempts.append(
                    [each.family, each.place, each.candidate.tactic, status, round(outcome.effort, 4), prior]
                )
                if isinstance(outcome, Advanced) and status == "advanced":
                    reached[outcome.state] = None
            if _easy(attempts):
                most = min(most, exploration.easy)
            if not tried:
                break
        if _easy(attempts):
            break
    closed = any(attempt[3] == "closed" for attempt in attempts)
    row = {"state": state.text, "kind": kind_of(state.goals[0]), "closed": closed, "attempts": attempts}
    return row, list(reached)


async def _try(
    session: ProofSession, state: ProofState, batch: Sequence[Placed], limit: float, left: float
) -> list[tuple[Placed, TacticOutcome, bool]]:
    """Return the outcomes of candidates, and which say nothing because they were cut short for lack of effort."""
    limits = [min(each.candidate.effort, limit) for each in batch]
    tactics = [each.candidate.tactic for each in batch]
    outcomes = await session.apply(state, tactics, timeout_s=HANGS_S, effort=limits, effort_left=left)
    found: list[tuple[Placed, TacticOutcome, bool]] = []
    for each, most, outcome in zip(batch, limits, outcomes, strict=False):
        found.append((each, outcome, isinstance(outcome, TimedOut) and outcome.effort < most))
    return found


def _own(family: str) -> bool:
    """Is it one of Lean's own tactics, which do not depend on the goal?"""
    return family.startswith("automation: ")


def _easy(attempts: Sequence[Sequence[Any]]) -> bool:
    """Has one of Lean's own tactics closed the goal?"""
    return any(status == "closed" and _own(family) for family, _, _, status, *_ in attempts)


def _drawn(candidates: Sequence[Placed], temper: float, chance: random.Random) -> list[Placed]:
    """Return the candidates in random order, drawn without replacement (the Gumbel trick)."""

    def key(each: Placed) -> float:
        return -temper * each.candidate.logprob + math.log(-math.log(max(chance.random(), 1e-300)))

    return [each for _, each in sorted(((key(each), each) for each in candidates), key=lambda pair: pair[0])]


def _status(state: ProofState, outcome: TacticOutcome) -> str:
    if isinstance(outcome, Closed):
        return "closed"
    if isinstance(outcome, Advanced):
        return "closed" if outcome.state.goals == state.goals[1:] else "advanced"
    return "timed_out" if isinstance(outcome, TimedOut) else "failed"
