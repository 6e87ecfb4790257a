from __future__ import annotations

from collections.abc import Sequence

from prover.policies.generator import Proposal, TacticCandidate
from prover.policies.llm.rounds import Rounds


def candidates(*tactics: str) -> list[TacticCandidate]:
    return [TacticCandidate(tactic, -float(at + 1), "test") for at, tactic in enumerate(tactics)]


class Script:
    """Answers of a model, one list a round; remembers what it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = answers
        self.asked: list[int] = []

    async def ask(self, number: int) -> list[TacticCandidate]:
        self.asked.append(number)
        return candidates(*self.answers[number])


def tactics(proposal: Proposal) -> list[str]:
    return [candidate.tactic for candidate in proposal.candidates]


async def test_model_is_asked_again_only_after_its_candidates_were_tried() -> None:
    script, rounds = Script(["simp", "omega"], ["grind"]), Rounds(2)
    first = await rounds.propose(script.ask, n=1, tried=0)
    second = await rounds.propose(script.ask, n=1, tried=1)
    assert script.asked == [0]
    third = await rounds.propose(script.ask, n=1, tried=2)
    assert script.asked == [0, 1]
    assert [tactics(proposal) for proposal in (first, second, third)] == [["simp"], ["omega"], ["grind"]]
    assert [proposal.more for proposal in (first, second, third)] == [-2.0, -2.0, None]


async def test_rounds_that_bring_nothing_new_are_passed_over() -> None:
    script, rounds = Script(["simp"], ["simp"], [], ["rfl", "simp"]), Rounds(4)
    assert tactics(await rounds.propose(script.ask, n=9, tried=0)) == ["simp"]
    assert tactics(await rounds.propose(script.ask, n=9, tried=1)) == ["rfl"]
    assert script.asked == [0, 1, 2, 3]
    assert await rounds.propose(script.ask, n=9, tried=2) == Proposal(())
    assert script.asked == [0, 1, 2, 3]
