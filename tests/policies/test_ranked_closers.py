from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from prover.assembly.environments import lean_library
from prover.assembly.native_lean import NO_PREMISES
from prover.assembly.policies import policy as policy_of
from prover.core.budget import SearchBudget
from prover.core.proof_state import Goal, Hypothesis, ProofState, RawTerm
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidPolicyError
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.automation.placed_candidates import placed
from prover.policies.generator import TacticCandidate
from prover.policies.goal_kinds import GoalKind, kind_of
from prover.policies.learned.ranked_closers import RankedClosers, reordered
from prover.policies.learned.tactic_order import TacticOrder, orders_of_kinds
from prover.policies.premises.retrieval import PremiseSource
from prover.proving.prove import prove_theorem
from prover.settings import ModelSettings, Settings

GOAL = Goal("x : Nat\n⊢ p x", "Eq", (Hypothesis("x", "Nat"),))


def favouring(family: str) -> TacticOrder:
    """One family first, then others of automation; it does not know any more."""
    known = ("automation: omega", "automation: grind", "automation: simp_all", "automation: simp")
    return TacticOrder(tuple((each, 0) for each in sorted(known, key=lambda each: each != family)))


async def test_only_the_order_of_what_is_ranked_changes() -> None:
    plain = ClosersPolicy().candidates(GOAL)
    policy = RankedClosers(favouring("automation: omega"), ahead=0)
    (proposal,) = await policy.propose([ProofState((GOAL,))], n=1000, seed=0)
    assert sorted(c.tactic for c in proposal.candidates) == sorted(c.tactic for c in plain)
    assert [c.logprob for c in proposal.candidates] == [c.logprob for c in plain]
    automation = [c.tactic for c in proposal.candidates if c.source == "automation"]
    assert automation[0] == "omega"
    assert automation[0] != next(c.tactic for c in plain if c.source == "automation")
    for before, after in zip(plain, proposal.candidates, strict=True):
        if before.source != "automation":
            assert after == before


async def test_the_first_candidates_keep_their_places() -> None:
    plain = ClosersPolicy().candidates(GOAL)
    ranked = [known for known in placed(plain) if known.family.startswith("automation: ")]
    order = TacticOrder(tuple((known.family, 0) for known in reversed(ranked)))
    (proposal,) = await RankedClosers(order, ahead=3).propose([ProofState((GOAL,))], n=1000, seed=0)
    assert proposal.candidates[:3] == tuple(plain[:3])
    behind = [c.tactic for c in proposal.candidates[3:] if c.source == "automation"]
    assert behind == [c.tactic for c in reversed(plain[3:]) if c.source == "automation"]


async def test_a_clear_step_is_taken_alone() -> None:
    existing: RawTerm = ["Exists", ["Nat"], ["λ", "x", ["Nat"], ["@", "p", "x"]]]
    goal = replace(GOAL, hypotheses=(Hypothesis("h", "Exists", existing),))
    (proposal,) = await RankedClosers(favouring("automation: omega")).propose([ProofState((goal,))], n=32, seed=0)
    assert [c.tactic for c in proposal.candidates] == ["obtain ⟨x, hw⟩ := h"]


async def test_a_kind_of_goals_has_an_order_of_its_own(tmp_path: Path) -> None:
    favouring("automation: omega").write(tmp_path, {})
    favouring("automation: simp").write(tmp_path, {}, GoalKind.OWN)
    of_kinds = orders_of_kinds(tmp_path)
    policy = RankedClosers(TacticOrder.read(tmp_path), ahead=0, of_kinds=of_kinds)
    assert f"own: {of_kinds[GoalKind.OWN].identity}" in policy.identity
    for goal, kind, first in (
        (GOAL, GoalKind.PLAIN, "omega"),
        (replace(GOAL, text="x : Nat\n⊢ f x = x", definitions=("f",)), GoalKind.OWN, "simp"),
        (replace(GOAL, text="⊢ xs.map f = xs", term=["List.map", "f", "xs"]), GoalKind.LIBRARY, "omega"),
    ):
        assert kind_of(goal) is kind
        (proposal,) = await policy.propose([ProofState((goal,))], n=1000, seed=0)
        assert next(c.tactic for c in proposal.candidates if c.source == "automation") == first


async def test_candidates_come_in_portions_and_binders_are_not_ranked() -> None:
    policy = RankedClosers(favouring("automation: omega"), ahead=0)
    state = ProofState((GOAL,))
    (first,) = await policy.propose([state], n=4, seed=0)
    (second,) = await policy.propose([state], n=4, seed=0, tried=4)
    assert not {c.tactic for c in first.candidates} & {c.tactic for c in second.candidates}
    bound = ProofState((Goal("⊢ p → q", "→", term=["→", "a", ["p"], ["q"]]),))
    assert await policy.propose([bound], n=9, seed=0) == await ClosersPolicy().propose([bound], n=9, seed=0)


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


ORDER = TacticOrder((("g", 0), ("f", 0), ("g", 1), ("f", 1)))


def test_places_count_and_the_last_stands_for_all_later_ones() -> None:
    assert ORDER.order(["f", "g", "?", "g"], [0, 0, 0, 4]) == [1, 0, 3]
    assert ORDER.order(["?"], [0]) == []
    assert ORDER.order(["f", "f", "f", "g"], [1, 2, 0, 1]) == [2, 3, 0, 1]


def test_an_order_is_read_as_it_was_written_and_has_a_name(tmp_path: Path) -> None:
    ORDER.write(tmp_path, {"states": 7})
    assert TacticOrder.read(tmp_path) == ORDER
    assert TacticOrder.read(tmp_path).identity == ORDER.identity != TacticOrder(ORDER.ranked[:-1]).identity


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no learned order"), ("{", "is no learned order"), ('{"order": [["f"]]}', "is no learned order")],
)
def test_an_order_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path, content: str | None, said: str) -> None:
    if content is not None:
        (tmp_path / "order.json").write_text(content)
    with pytest.raises(InvalidPolicyError, match=said):
        TacticOrder.read(tmp_path)


async def test_small_and_a_folder_choose_the_learned_order(tmp_path: Path) -> None:
    order = favouring("automation: omega")
    order.write(tmp_path, {})
    own, shipped, unset = [
        (await policy_of(None, ModelSettings(url=url), library=NO_PREMISES)).identity
        for url in (f"small:{tmp_path}", "small", None)
    ]
    assert order.identity in own
    assert shipped == unset
    assert order.identity not in shipped
    with pytest.raises(InvalidPolicyError, match="no learned order"):
        await policy_of("ranked", ModelSettings(url=f"small:{tmp_path / 'none'}"), library=NO_PREMISES)


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
            generator=RankedClosers(favouring(family), library, ahead=0),
            budget=SearchBudget(expansions=5),
        )
        assert record.proved
        assert record.search.tactics == (tactic,)
