"""What to try next: ranked tactics for a proof state, each tried in the proof assistant where that is possible.

Nothing here proves anything: "closes" says that no goals are left, in this session. Verification decides.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Sequence
from typing import Literal, assert_never

from prover.core.proof_state import (
    Advanced,
    Closed,
    GaveUp,
    Goal,
    ProofState,
    Rejected,
    TacticOutcome,
    TimedOut,
    normalise_tactic,
)
from prover.core.theorem import Theorem
from prover.environments.environment import OPEN_TIMEOUT_S, ProofEnvironment, ProofSession
from prover.environments.syntax.lean.states import state_of
from prover.errors import InvalidTheoremError
from prover.policies.automation.completions import completions
from prover.policies.generator import (
    Observant,
    TacticCandidate,
    TacticGenerator,
    for_theorem,
    notes_of,
    put_at_goal,
    put_at_place,
)
from prover.policies.llm.about import query_about
from prover.policies.llm.prompts.states import goals as printed_goals
from prover.proving.client_library import mathlib_candidates, meant_for_mathlib, readings, with_client
from prover.proving.goal_text import INACCESSIBLE, as_printed, renamed, theorem_of_goal
from prover.proving.suggestions import (
    DEFAULTS,
    RANK,
    Outcome,
    Suggestion,
    SuggestionOptions,
    Suggestions,
)

__all__ = ["DEFAULTS", "LONGEST_PATH", "RANK", "Outcome", "Suggester", "Suggestion", "SuggestionOptions", "Suggestions"]

logger = logging.getLogger(__name__)

ENOUGH = 3
"""Number of suggestions that close the goal after which no more are tried."""
WITH_PREFIX, LEAST_WITH_PREFIX = 8, 256
"""With a prefix given, this many times as many candidates are considered, and at least so many: the prefix decides
which are left before they are counted."""
LONGEST_PATH = 500
_USELESS = re.compile(rf"\b(?:sorry|admit)\b|{INACCESSIBLE}")


class Suggester:
    """Suggests with one policy, tries with one proof assistant."""

    def __init__(self, environment: ProofEnvironment, generator: TacticGenerator) -> None:
        self._environment = environment
        self._generator = generator

    async def for_theorem(
        self, theorem: Theorem, tactics: Sequence[str] = (), options: SuggestionOptions = DEFAULTS
    ) -> Suggestions:
        """Suggest what comes after `tactics` in a proof of `theorem`.

        Raises:
            InvalidTheoremError: the theorem cannot be used, or one of `tactics` does not apply.
            ProofEnvironmentError: the assistant failed.
            GeneratorError: the policy failed.
        """
        if len(tactics) > LONGEST_PATH:
            raise InvalidTheoremError(f"{len(tactics)} tactics are given; at most {LONGEST_PATH} are read")
        async with self._environment.open(theorem, timeout_s=OPEN_TIMEOUT_S) as session:
            steps = await _replayed(session, tactics)
            state = _behind(session.initial, steps)
            if state is None:
                return self._answer((), (), "theorem", self._generator)
            return await self._suggest(theorem, state, session, "theorem", options, steps)

    async def for_state(self, state: str, *, header: str = "", options: SuggestionOptions = DEFAULTS) -> Suggestions:
        """Suggest for the first goal of a proof state as Lean prints it.

        The goal is read back as a theorem behind `header` (imports, definitions), or by itself, and the suggestions
        are tried there; a goal that cannot be read back gets suggestions that nobody has tried.

        Raises:
            InvalidTheoremError: the text holds no goal.
            ProofEnvironmentError: the assistant failed.
            GeneratorError: the policy failed.
        """
        alone = theorem_of_goal(state)
        ours = mathlib_candidates(state) if meant_for_mathlib(state, header, self._environment.identity) else ()
        for reading in readings(state, header, self._environment.identity):
            try:
                async with self._environment.open(reading, timeout_s=options.timeout_s) as session:
                    found = await self._suggest(reading, session.initial, session, "goal", options, client=ours)
                return found.model_copy(update={"theorem": reading.source, "renamed": renamed(reading)})
            except InvalidTheoremError as error:
                logger.debug("a printed goal cannot be read back: %s", error)
        unread = state_of([printed_goals(state)[0]]) if "⊢" in state else ProofState((Goal(state.strip()),))
        return await self._suggest(alone, unread, None, None, options, client=ours)

    async def _suggest(
        self,
        theorem: Theorem,
        state: ProofState,
        session: ProofSession | None,
        tried_in: Literal["theorem", "goal"] | None,
        options: SuggestionOptions,
        steps: Sequence[_Step] = (),
        client: Sequence[TacticCandidate] = (),
    ) -> Suggestions:
        """Suggest for a state. `client`: what only the client can try, in a library that the assistant has not."""
        end = time.monotonic() + options.timeout_s
        async with for_theorem(self._generator, theorem) as policy:
            put_at_place(policy, options.context, options.prefix.lstrip())
            if steps:
                _tell(policy, theorem, state, steps, in_context=bool(options.context))
            candidates = await _candidates(policy, state, options)
            outcomes: list[TacticOutcome | None] = [None] * len(candidates)
            if session:
                outcomes = await _tried(session, state, candidates, options.tactic_timeout_s, end)
            suggestions = [_suggestion(*pair) for pair in zip(candidates, outcomes, strict=True)]
            ranked = with_client(suggestions, client, options) if client else sorted(suggestions, key=_rank)
            return self._answer(_printed(state), tuple(ranked), tried_in, policy)

    def _answer(
        self,
        goals: tuple[str, ...],
        suggestions: tuple[Suggestion, ...],
        tried_in: Literal["theorem", "goal"] | None,
        policy: TacticGenerator,
    ) -> Suggestions:
        return Suggestions(
            goals=goals,
            suggestions=suggestions,
            tried_in=tried_in,
            environment=self._environment.identity,
            policy=policy.identity,
            notes=notes_of(policy),
        )


def _rank(suggestion: Suggestion) -> tuple[int, float]:
    return RANK[suggestion.outcome], -suggestion.logprob


def _printed(state: ProofState) -> tuple[str, ...]:
    return tuple(as_printed(goal.text) for goal in state.goals)


_Step = tuple[ProofState, str, Advanced | Closed]
"""A tactic of the user's that applied: in which state, and what came of it."""


async def _replayed(session: ProofSession, tactics: Sequence[str]) -> list[_Step]:
    """Apply the tactics that are there already. Raises InvalidTheoremError if one does not apply."""
    steps: list[_Step] = []
    for number, tactic in enumerate(tactics, 1):
        state = _behind(session.initial, steps)
        if state is None:
            raise InvalidTheoremError(f"nothing is left to prove after tactic {number - 1} of {len(tactics)}")
        (outcome,) = await session.apply(state, [tactic], timeout_s=OPEN_TIMEOUT_S)
        match outcome:
            case Advanced() | Closed():
                steps.append((state, tactic, outcome))
            case Rejected(message) | GaveUp(message) | TimedOut(message):
                raise InvalidTheoremError(f"tactic {number} ({tactic}) does not apply: {message}")
            case _:
                assert_never(outcome)
    return steps


def _behind(initial: ProofState, steps: Sequence[_Step]) -> ProofState | None:
    """Return the state behind the steps, None when they close the theorem."""
    outcome = steps[-1][2] if steps else Advanced(initial)
    return outcome.state if isinstance(outcome, Advanced) else None


def _tell(
    policy: TacticGenerator, theorem: Theorem, state: ProofState, steps: Sequence[_Step], *, in_context: bool
) -> None:
    """Tell a policy of the steps that led to a state, unless its context has them, and what is left to prove."""
    if isinstance(policy, Observant) and not in_context:
        for before, tactic, outcome in steps:
            policy.observe(before, TacticCandidate(tactic, 0.0, "user"), outcome)
    try:
        put_at_goal(policy, theorem_of_goal(state.text, header=query_about(theorem).header))
    except InvalidTheoremError:
        put_at_goal(policy, None)


async def _candidates(policy: TacticGenerator, state: ProofState, options: SuggestionOptions) -> list[TacticCandidate]:
    """Return at most `n` candidates that begin with `prefix`, do not give up, and name nothing that has no name."""
    n, prefix = options.n, options.prefix.lstrip()
    looked_through, most = 0, max(LEAST_WITH_PREFIX, n * WITH_PREFIX) if prefix else n
    found: dict[str, TacticCandidate] = {}
    while len(found) < n and looked_through < most:
        (proposal,) = await policy.propose([state], n=most - looked_through, seed=options.seed, tried=looked_through)
        looked_through += len(proposal.candidates)
        for candidate in proposal.candidates:
            tactic = normalise_tactic(candidate.tactic)
            if tactic.startswith(prefix) and not _USELESS.search(tactic):
                found.setdefault(tactic, candidate)
        if proposal.more is None or not proposal.candidates:
            break
    if prefix:
        for tactic, weight in completions(prefix, state.goals[0].text):
            if not _USELESS.search(tactic):
                found.setdefault(tactic, TacticCandidate(tactic, math.log(weight), "completion"))
        # What would search for the rest, such as `exact?`, says less than what is complete.
        return sorted(found.values(), key=lambda candidate: (candidate.tactic.endswith("?"), -candidate.logprob))[:n]
    return list(found.values())[:n]


async def _tried(
    session: ProofSession, state: ProofState, candidates: Sequence[TacticCandidate], tactic_timeout_s: float, end: float
) -> list[TacticOutcome | None]:
    """Try what there is time for, until enough of it closes the goal."""
    outcomes: list[TacticOutcome] = []
    closing = 0
    while len(outcomes) < len(candidates) and closing < ENOUGH and (left_s := end - time.monotonic()) > 0:
        rest = candidates[len(outcomes) :]
        outcomes += await session.apply(
            state,
            [candidate.tactic for candidate in rest],
            timeout_s=tactic_timeout_s,
            effort=[min(candidate.effort, tactic_timeout_s) for candidate in rest],
            deadline_s=left_s,
        )
        if not outcomes or not isinstance(outcomes[-1], Closed):
            break  # all were tried, or no time is left
        closing += 1
    return [*outcomes, *[None] * (len(candidates) - len(outcomes))]


def _suggestion(candidate: TacticCandidate, outcome: TacticOutcome | None) -> Suggestion:
    about = {"tactic": normalise_tactic(candidate.tactic), "logprob": candidate.logprob, "source": candidate.source}
    match outcome:
        case None:
            return Suggestion(**about)
        case Closed():
            return Suggestion(**about, outcome=Outcome.CLOSES)
        case Advanced(state):
            return Suggestion(**about, outcome=Outcome.ADVANCES, goals=_printed(state))
        case Rejected(message) | GaveUp(message) | TimedOut(message):
            return Suggestion(**about, outcome=Outcome.FAILS, message=as_printed(message))
        case _:
            assert_never(outcome)
