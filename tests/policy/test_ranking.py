from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

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
from prover.ranking import FamilyTable
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

    def order(self, goal: str, premises: Sequence[str], families: Sequence[str], places: Sequence[int]) -> list[int]:
        self.asked.append((goal, premises))
        known = [number for number, family in enumerate(families) if family.startswith("automation: ")]
        return sorted(known, key=lambda number: families[number] != self.family)


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


def test_any_order_only_permutes() -> None:
    chance = random.Random(0)
    for _ in range(50):
        some = [TacticCandidate(str(i), -float(i), "s") for i in range(12)]
        order = chance.sample(range(12), chance.randrange(13))
        found = reordered(some, order)
        assert sorted(c.tactic for c in found) == sorted(c.tactic for c in some)
        assert [c.logprob for c in found] == [c.logprob for c in some]
        assert [int(c.tactic) for c in found if int(c.tactic) in order] == order
        assert all(found[i] == some[i] for i in range(12) if i not in order)


def table(odds: tuple[tuple[float, ...], ...], seconds: tuple[float, ...] = (1.0, 1.0, 1.0)) -> FamilyTable:
    kinds = len(odds)
    return FamilyTable(("f", "g", "h"), (0.0,) * kinds, odds, (0.0, -3.0), (seconds,) * kinds, first_token=0)


def test_the_best_chance_a_second_comes_first_and_places_count() -> None:
    assert table(((0.0, 1.0, -9.0),)).order([0.0], ["f", "g", "?", "g"], [0, 0, 0, 4]) == [1, 0, 3]
    assert table(((0.0, 1.0, -9.0),), (0.1, 1.0, 1.0)).order([0.0], ["f", "g"], [0, 0]) == [0, 1]
    assert table(((0.0, 0.0, 0.0),)).order([0.0], ["?"], [0]) == []
    assert table(((0.0, 0.0, 0.0),)).order([0.0], ["h", "f", "g"], [0, 0, 0]) == [0, 1, 2]


def test_what_fails_together_is_not_tried_together() -> None:
    """`f` and `g` close the same goals, `h` others: after `f` has failed, `h` has the better chance than `g`."""
    two_kinds = table(((2.0, 1.8, -6.0), (-6.0, -6.0, 1.0)))
    assert two_kinds.order([0.5, 0.0], ["f", "g", "h"], [0, 0, 0]) == [0, 2, 1]
    assert two_kinds.order([9.0, 0.0], ["f", "g", "h"], [0, 0, 0]) == [0, 1, 2]
    assert two_kinds.order([0.0, 9.0], ["f", "g", "h"], [0, 0, 0])[0] == 2


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = table(((0.5, -1.0, 0.0), (1.0, 2.0, 3.0)))
    written.write(tmp_path)
    assert FamilyTable.read(tmp_path) == written


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
