from __future__ import annotations

import random
from collections.abc import Sequence

from prover.budget import SearchBudget
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.library import Library
from prover.policy.closers import ClosersPolicy
from prover.policy.families import placed
from prover.policy.generator import TacticCandidate
from prover.policy.premises import PremiseSource
from prover.policy.ranking import RankedClosers, reordered
from prover.proof_state import Goal, Hypothesis, ProofState
from prover.proving import prove_theorem
from prover.settings import Settings
from prover.theorem import Theorem
from prover.wiring import lean_library

GOAL = Goal("x : Nat\n⊢ p x", "Eq", (Hypothesis("x", "Nat"),))


async def no_library(imports: tuple[str, ...]) -> Library:
    return Library((), (), (), ())


class Favourite:
    """Thinks most of one family, nothing of automation, and does not know the others."""

    identity = "favourite"

    def __init__(self, family: str) -> None:
        self.family = family
        self.asked: list[tuple[str, Sequence[str]]] = []

    def values(
        self, goal: str, premises: Sequence[str], families: Sequence[str], places: Sequence[int]
    ) -> list[float | None]:
        self.asked.append((goal, premises))
        known = {self.family: 1.0, **{f: 0.1 for f in families if f.startswith("automation: ") and f != self.family}}
        return [known.get(family) for family in families]


async def test_only_the_order_of_what_is_ranked_changes() -> None:
    plain = ClosersPolicy().candidates(GOAL)
    ranker = Favourite("automation: omega")
    policy = RankedClosers(ranker, PremiseSource(no_library))
    (proposal,) = await policy.propose([ProofState((GOAL,))], n=1000, seed=0)
    assert sorted(c.tactic for c in proposal.candidates) == sorted(c.tactic for c in plain)
    assert [c.logprob for c in proposal.candidates] == [c.logprob for c in plain]
    automation = [c.tactic for c in proposal.candidates if c.source == "automation"]
    assert automation[0] == "omega"
    for before, after in zip(plain, proposal.candidates, strict=True):
        if before.source != "automation":
            assert after == before


async def test_a_goal_is_ranked_once_and_binders_not_at_all() -> None:
    ranker = Favourite("automation: omega")
    policy = RankedClosers(ranker, PremiseSource(no_library))
    state = ProofState((GOAL,))
    policy.expect([state], seed=0)
    (first,) = await policy.propose([state], n=4, seed=0)
    (second,) = await policy.propose([state], n=4, seed=0, tried=4)
    assert len(ranker.asked) == 1
    assert not {c.tactic for c in first.candidates} & {c.tactic for c in second.candidates}
    bound = ProofState((Goal("⊢ p → q", "→", term=["→", "a", ["p"], ["q"]]),))
    assert await policy.propose([bound], n=9, seed=0) == await ClosersPolicy(PremiseSource(no_library)).propose(
        [bound], n=9, seed=0
    )
    assert len(ranker.asked) == 1
    await policy.stop()


def test_any_values_only_permute() -> None:
    chance = random.Random(0)
    for _ in range(50):
        some = [TacticCandidate(str(i), -float(i), "s") for i in range(12)]
        values = [chance.choice([None, chance.random()]) for _ in some]
        found = reordered(some, values)
        assert sorted(c.tactic for c in found) == sorted(c.tactic for c in some)
        assert [c.logprob for c in found] == [c.logprob for c in some]
        by_tactic = dict(zip((c.tactic for c in some), values, strict=True))
        ranked = [v for c in found if (v := by_tactic[c.tactic]) is not None]
        assert ranked == sorted(ranked, reverse=True)


def test_places_count_within_a_family() -> None:
    some = [TacticCandidate(t, -1.0, "premises") for t in ("grind [A.b]", "grind [C.d, E.f]", "grind [G.h]")]
    assert [(p.family, p.place) for p in placed(some)] == [
        ("premises: grind [1]", 0),
        ("premises: grind [2]", 0),
        ("premises: grind [1]", 1),
    ]


async def test_a_search_in_lean_follows_the_ranking(lean: LeanWasmEnvironment) -> None:
    theorem = Theorem.from_text("theorem t (a b : Nat) (h : a < b) : a + 1 ≤ b")
    library = PremiseSource(lean_library(Settings()))
    for family, tactic in (("automation: omega", "omega"), ("automation: grind", "grind")):
        record = await prove_theorem(
            theorem,
            environment=lean,
            generator=RankedClosers(Favourite(family), library),
            budget=SearchBudget(expansions=5),
        )
        assert record.proved
        assert record.search.tactics == (tactic,)
