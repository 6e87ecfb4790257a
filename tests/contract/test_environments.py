"""What every proof environment promises, whatever is inside."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from prover.core.budget import SearchBudget
from prover.core.proof_state import Advanced, Closed, GaveUp, Rejected, TimedOut
from prover.core.record import StopReason
from prover.core.theorem import Theorem
from prover.environments.cached import CachedEnvironment
from prover.environments.environment import ProofEnvironment
from prover.environments.syntax.refusal import NO_TACTIC
from prover.environments.toy import ToyEnvironment
from prover.environments.wrapping import WrappingEnvironment
from prover.errors import InvalidTheoremError
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.proving.verify import verify, verify_source
from prover.search.events import Expanded, SearchEvent
from prover.storage.cache import MemoryCache

TOO_SLOW_FOR_LEAN = "have : ∀ a b c d : Fin 60, (a + b) + (c + d) = (d + c) + (b + a) := by decide +kernel"

LEANDOJO = pytest.param("leandojo", marks=pytest.mark.leandojo)


@dataclass(frozen=True)
class Case:
    """An environment, and texts of its language that show each behaviour."""

    environment: ProofEnvironment
    theorem: str
    false_theorem: str
    not_a_theorem: str
    advances: str
    advances_too: str
    """Another way to the same state."""
    closes_after: str
    fails: str
    sorry: str
    too_slow: str


ISABELLE = ("isabelle", "cached isabelle", "our isabelle")
LOOPS = "apply (rule back_subst)+"


@pytest.fixture(params=["toy", "wrapped toy", "lean", "cached lean", "lean project", LEANDOJO, *ISABELLE])
def case(request: pytest.FixtureRequest) -> Case:
    if "isabelle" in request.param:
        ours = request.param == "our isabelle"
        isabelle: ProofEnvironment = request.getfixturevalue("our_isabelle" if ours else "recorded_isabelle")
        if request.param == "cached isabelle":
            isabelle = CachedEnvironment(isabelle, MemoryCache())
        return Case(
            isabelle, 'theorem t: fixes x :: int assumes "3 * x + 5 = 20" shows "x = 5"',
            'lemma f: "(0::nat) = 1"', 'lemma t: "ERROR + ="', "using assms apply linarith",
            "using assms\napply linarith", "done", "by nonsense", "sorry", LOOPS if ours else "apply slow",
        )  # fmt: skip
    if "toy" in request.param:
        toy: ProofEnvironment = ToyEnvironment()
        return Case(
            toy if request.param == "toy" else WrappingEnvironment(toy),
            "theorem t : 2 to 4", "theorem f : 3 to 1", "what?",
            "add 2", "double", "done", "add x", "sorry", "wait 100",
        )  # fmt: skip
    if request.param == "leandojo":
        return Case(
            request.getfixturevalue("lean_dojo"), "Mine/Test.lean::t", "Mine/Test.lean::f", "Mine/Test.lean::unknown",
            "constructor", "apply And.intro", "all_goals assumption", "exact hr", "sorry", TOO_SLOW_FOR_LEAN,
        )  # fmt: skip
    name = "lean_project" if request.param == "lean project" else "lean"
    lean: ProofEnvironment = request.getfixturevalue(name)
    if request.param == "cached lean":
        lean = CachedEnvironment(lean, MemoryCache())
    return Case(
        lean, "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q", "theorem f (p : Prop) : p", "theorem t : what",
        "constructor", "apply And.intro", "all_goals assumption", "exact hr", "sorry", TOO_SLOW_FOR_LEAN,
    )  # fmt: skip


async def test_identity_names_a_version(case: Case) -> None:
    assert "@" in case.environment.identity


async def test_each_outcome_is_told_apart(case: Case) -> None:
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        outcomes = await session.apply(session.initial, [case.advances, case.fails, case.sorry], timeout_s=300)
        assert [type(outcome) for outcome in outcomes] == [Advanced, Rejected, GaveUp]
        advanced = outcomes[0]
        assert isinstance(advanced, Advanced)
        assert advanced.state != session.initial
        (closed,) = await session.apply(advanced.state, [case.closes_after], timeout_s=300)
        assert isinstance(closed, Closed)


async def test_text_without_a_tactic_is_said_to_be_empty(case: Case) -> None:
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        outcomes = await session.apply(session.initial, ["", " \n "], timeout_s=300)
        assert [outcome.message for outcome in outcomes if isinstance(outcome, Rejected)] == [NO_TACTIC] * 2


async def test_states_are_equal_when_printed_alike(case: Case) -> None:
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        first, second = await session.apply(session.initial, [case.advances, case.advances_too], timeout_s=300)
        assert isinstance(first, Advanced)
        assert first == second
        assert hash(first.state) == hash(second.state if isinstance(second, Advanced) else None)


async def test_trying_ends_with_the_tactic_that_closes(case: Case) -> None:
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        (advanced,) = await session.apply(session.initial, [case.advances], timeout_s=300)
        assert isinstance(advanced, Advanced)
        outcomes = await session.apply(advanced.state, [case.fails, case.closes_after, case.fails], timeout_s=300)
        assert [type(outcome) for outcome in outcomes] == [Rejected, Closed]


async def test_no_tactics_no_outcomes(case: Case) -> None:
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        assert await session.apply(session.initial, [], timeout_s=1) == []


async def test_released_state_can_still_be_used(case: Case) -> None:
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        (advanced,) = await session.apply(session.initial, [case.advances], timeout_s=300)
        assert isinstance(advanced, Advanced)
        session.release([advanced.state, session.initial])
        (closed,) = await session.apply(advanced.state, [case.closes_after], timeout_s=300)
        assert isinstance(closed, Closed)


async def test_deadline_holds_for_all_tactics_together(case: Case) -> None:
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        outcomes = await session.apply(session.initial, [case.too_slow] * 50, timeout_s=0.2, deadline_s=0.5)
        assert len(outcomes) < 50  # what found no time has no outcome
        assert not any(isinstance(outcome, Closed | Advanced) for outcome in outcomes)


async def test_effort_is_charged_and_ends_a_batch(case: Case) -> None:
    """Also in an assistant that counts nothing, where a unit is a second."""
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        outcomes = await session.apply(
            session.initial, [case.too_slow] * 50, timeout_s=300, effort=0.2, effort_left=0.5
        )
        assert 1 <= len(outcomes) < 50
        assert not any(isinstance(outcome, Closed | Advanced) for outcome in outcomes)
        assert sum(outcome.effort for outcome in outcomes) > 0.3
        (advanced,) = await session.apply(session.initial, [case.advances], timeout_s=300)
        assert isinstance(advanced, Advanced)


async def test_slow_tactic_costs_its_own_limit_and_the_session_goes_on(case: Case) -> None:
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        slow, advanced = await session.apply(session.initial, [case.too_slow, case.advances], timeout_s=0.3)
        assert isinstance(slow, TimedOut | Rejected)
        assert isinstance(advanced, Advanced)


async def test_bad_statement_is_refused_with_a_reason(case: Case) -> None:
    with pytest.raises(InvalidTheoremError) as error:
        async with case.environment.open(Theorem.from_text(case.not_a_theorem)):
            pass
    assert error.value.reason


async def test_whole_proof_is_verified_and_a_wrong_one_is_not(case: Case) -> None:
    theorem = Theorem.from_text(case.theorem)
    good = await verify(theorem, [case.advances, case.closes_after], case.environment, timeout_s=300)
    assert good.accepted
    assert good.reason is None
    assert good.source is not None
    assert case.closes_after in good.source
    for tactics in ([case.advances], [case.sorry], [case.fails], [], [case.advances, case.closes_after, case.advances]):
        bad = await verify(theorem, tactics, case.environment, timeout_s=300)
        assert not bad.accepted, tactics
        assert bad.reason


async def test_verified_source_verifies_again_against_its_statement_only(case: Case) -> None:
    theorem = Theorem.from_text(case.theorem)
    good = await verify(theorem, [case.advances, case.closes_after], case.environment, timeout_s=300)
    text = Theorem.from_text(good.source or "")
    assert (await verify_source(text, case.environment, against=theorem, timeout_s=300)).accepted
    other = Theorem.from_text(case.false_theorem)
    assert not (await verify_source(text, case.environment, against=other, timeout_s=300)).accepted


async def test_prove_finds_and_verifies(case: Case) -> None:
    record = await prove_theorem(
        Theorem.from_text(case.theorem),
        environment=case.environment,
        generator=ScriptedPolicy([case.fails, case.advances, case.closes_after]),
        budget=SearchBudget(expansions=5),
    )
    assert record.proved
    assert record.search.tactics == (case.advances, case.closes_after)
    assert record.search.sources == ("scripted", "scripted")


async def test_false_theorem_is_not_proved(case: Case) -> None:
    record = await prove_theorem(
        Theorem.from_text(case.false_theorem),
        environment=case.environment,
        generator=ScriptedPolicy([case.sorry, case.fails, case.advances, case.closes_after]),
        budget=SearchBudget(expansions=5),
    )
    assert not record.proved
    assert record.search.stop in {StopReason.EXHAUSTED, StopReason.BUDGET_SPENT}


async def test_cancelling_a_search_is_prompt_and_leaves_the_environment_usable(case: Case) -> None:
    cancel = asyncio.Event()

    def listen(event: SearchEvent) -> None:
        if isinstance(event, Expanded):  # the theorem is open, and its first tactic is about to run
            asyncio.get_running_loop().call_later(0.3, cancel.set)

    async with asyncio.timeout(300):
        record = await prove_theorem(
            Theorem.from_text(case.theorem),
            environment=case.environment,
            generator=ScriptedPolicy([case.too_slow, case.fails]),
            budget=SearchBudget(tactic_timeout_s=15, timeout_s=15),
            listener=listen,
            cancel=cancel,
        )
    assert record.search.stop in {StopReason.CANCELLED, StopReason.EXHAUSTED}
    async with case.environment.open(Theorem.from_text(case.theorem)) as session:
        (outcome,) = await session.apply(session.initial, [case.advances], timeout_s=300)
    assert isinstance(outcome, Advanced)
