"""What every policy of the registry promises. They are built as users get them; a server stands in for models."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from prover.assembly.environments import theorem_reader
from prover.assembly.native_lean import NO_PREMISES
from prover.assembly.policies import open_policy
from prover.core.proof_state import Goal, Hypothesis, ProofState, Rejected
from prover.core.theorem import Theorem
from prover.policies.generator import (
    Observant,
    Prefetching,
    ReportsNotes,
    TacticCandidate,
    TacticGenerator,
    TheoremAware,
)
from prover.policies.registry import TITLES, Assistant, PolicyEntry, policies_for
from prover.settings import ModelSettings, Settings
from tests.models.server import Answer, answer, choice, serving

ARGUMENTS = {"scripted": "rfl;;simp;;omega"}
PORTION = 3
OF_A_MODEL_NOBODY_KNOWS = ("tiny is none of the models", "the words around the theorem are ours, and tiny was")
"""Notes that are due."""
MOST_VISITS = 400
STATEMENTS = {
    "lean": "theorem t (n : Nat) : n + 0 = n",
    "isabelle": 'theorem t: fixes n :: nat shows "n + 0 = n"',
}
STATES: dict[Assistant, list[ProofState]] = {
    "lean": [
        ProofState((Goal("⊢ True", "True"),)),
        ProofState((Goal("n : Nat\nh : n = 0\n⊢ p → q", "→", (Hypothesis("n", "Nat"), Hypothesis("h", "Eq"))),)),
        ProofState((Goal("⊢ ∃ x, x = 0", "Exists"), Goal("⊢ 1 = 1", "Eq"))),
    ],
    "isabelle": [
        ProofState((Goal("proof (prove)\ngoal (1 subgoal):\n 1. n + 0 = n"),)),
        ProofState((Goal("proof (prove)\ngoal (1 subgoal):\n 1. P ⟶ Q"),)),
        ProofState((Goal("proof (prove)\ngoal (2 subgoals):\n 1. P\n 2. Q"), Goal("Q"))),
    ],
}
WHOLE_PROOF = f"```lean4\n{STATEMENTS['lean']} := by\n  simp\n```"
SKETCHES = (
    "proof -\n  show ?thesis sledgehammer\nqed",
    "proof -\n  have a: P sledgehammer\n  show ?thesis by simp\nqed",
)
STEPS = {"lean": ("omega", "simp", "exact Nat.add_zero n"), "isabelle": ("by simp", "apply auto", "by presburger")}


@dataclass(frozen=True)
class Case:
    """A policy for an assistant; `prompt`: asked in this format, where there are several kinds of models."""

    assistant: Assistant
    entry: PolicyEntry
    prompt: str = "auto"

    def __str__(self) -> str:
        return f"{self.assistant}-{self.entry.name}" + ("" if self.prompt == "auto" else f"-{self.prompt}")


def _cases() -> list[Case]:
    cases = [Case(assistant, entry) for assistant in TITLES for entry in policies_for(assistant)]
    models = {case.assistant: case.entry for case in cases if case.entry.name == "model"}
    return [*cases, Case("lean", models["lean"], "goedel-v2"), Case("isabelle", models["isabelle"], "isabelle-dsp")]


def _answers(case: Case) -> tuple[str, ...]:
    if case.entry.name == "sketch" or case.prompt == "isabelle-dsp":
        return SKETCHES
    if case.prompt == "goedel-v2":
        return (WHOLE_PROOF,)
    return (
        tuple(f"```lean\n{step}\n```" for step in STEPS["lean"])
        if case.entry.name == "agent"
        else STEPS[case.assistant]
    )


@asynccontextmanager
async def opened(case: Case) -> AsyncIterator[TacticGenerator]:
    """The policy for a theorem, as `prover prove` opens it."""
    said = _answers(case)

    def behave(path: str, body: dict[str, Any]) -> Answer:
        if path == "/v1/chat/completions":
            contents = [{"role": "assistant", "content": said[i % len(said)]} for i in range(body.get("n", 1))]
            return answer(*({"index": i, "message": each, "finish_reason": "stop"} for i, each in enumerate(contents)))
        number = body["n"] * (1 if isinstance(body["prompt"], str) else len(body["prompt"]))
        return answer(*(choice(i, said[i % len(said)], -0.5 - i % len(said)) for i in range(number)))

    async with AsyncExitStack() as stack:
        url = stack.enter_context(serving(behave, context=65_536)).url if case.entry.needs_model else None
        settings = Settings(model=ModelSettings(url=url, prompt=case.prompt))
        argument = ARGUMENTS.get(case.entry.name)
        name = f"{case.entry.name}:{argument}" if argument else case.entry.name
        policy = await stack.enter_async_context(
            open_policy(name, settings, environment=case.assistant, library=NO_PREMISES)
        )
        if isinstance(policy, TheoremAware):
            theorem: Theorem = theorem_reader(case.assistant, settings)(STATEMENTS[case.assistant])
            policy = await stack.enter_async_context(policy.for_theorem(theorem))
        yield policy


async def visited(policy: TacticGenerator, state: ProofState) -> list[TacticCandidate]:
    """All that a policy has for a state, as a search gets it: a portion a visit, until there is no more."""
    found: list[TacticCandidate] = []
    for _ in range(MOST_VISITS):
        (proposal,) = await policy.propose([state], n=PORTION, seed=0, tried=len(found))
        assert len(proposal.candidates) <= PORTION
        found += proposal.candidates
        if proposal.more is None:
            return found
        assert proposal.more <= 0
    raise AssertionError(f"{policy.identity} never comes to an end")


@pytest.fixture(params=_cases(), ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.mark.parametrize("n", [1, 2, 32])
async def test_at_most_n_candidates_for_each_state(case: Case, n: int) -> None:
    states = STATES[case.assistant]
    async with opened(case) as policy:
        proposed = await policy.propose(states, n=n, seed=0)
    assert len(proposed) == len(states)
    assert all(len(proposal.candidates) <= n for proposal in proposed)
    assert proposed[0].candidates


async def test_logprobs_are_not_positive_and_tactics_differ(case: Case) -> None:
    async with opened(case) as policy:
        for proposal in await policy.propose(STATES[case.assistant], n=100, seed=0):
            candidates = proposal.candidates
            assert all(candidate.logprob <= 0 for candidate in candidates)
            assert all(candidate.tactic.strip() and candidate.source for candidate in candidates)
            assert all(candidate.effort > 0 for candidate in candidates)
            assert len({candidate.tactic for candidate in candidates}) == len(candidates)


async def test_portions_never_repeat_and_come_to_an_end(case: Case) -> None:
    async with opened(case) as policy:
        for state in STATES[case.assistant]:
            tactics = [candidate.tactic for candidate in await visited(policy, state)]
            assert len(set(tactics)) == len(tactics)


async def test_same_seed_same_candidates(case: Case) -> None:
    found = []
    for _ in range(2):
        async with opened(case) as policy:
            found.append(await policy.propose(STATES[case.assistant], n=10, seed=3))
            assert await policy.propose(STATES[case.assistant], n=10, seed=3) == found[-1]
    assert found[0] == found[1]


async def test_no_states_no_candidates(case: Case) -> None:
    async with opened(case) as policy:
        assert await policy.propose([], n=5, seed=0) == []


async def test_failures_and_hints_do_no_harm(case: Case) -> None:
    state, *others = STATES[case.assistant]
    async with opened(case) as policy:
        if isinstance(policy, Prefetching):
            policy.prefetch(others, seed=0)
        (first,) = await policy.propose([state], n=1, seed=0)
        if isinstance(policy, Observant):
            policy.observe(state, first.candidates[0], Rejected("no"))
        (second,) = await policy.propose([state], n=1, seed=0, tried=1)
        assert first.candidates[0].tactic not in {candidate.tactic for candidate in second.candidates}


async def test_identity_is_for_records(case: Case) -> None:
    """It stays the same while a theorem is searched, and says which model was asked."""
    async with opened(case) as policy:
        before = policy.identity
        await policy.propose(STATES[case.assistant], n=4, seed=0)
        assert policy.identity == before != ""
        assert policy.reproducible is not case.entry.needs_model
        assert ("tiny" in before) is case.entry.needs_model
        if isinstance(policy, ReportsNotes):
            assert [note for note in policy.notes if not note.startswith(OF_A_MODEL_NOBODY_KNOWS)] == []
