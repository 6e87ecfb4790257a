"""The public API with the real Lean: from scripts, threads, running event loops."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import prover
from examples.own_environment import Counting
from prover import (
    Advanced,
    AsyncProver,
    Closed,
    GaveUp,
    InvalidPolicyError,
    InvalidTheoremError,
    Lean,
    Limits,
    ProofRecord,
    ProofState,
    Proposal,
    Prover,
    Rejected,
    ScriptedPolicy,
    SearchBudget,
    SessionCrashedError,
    TimedOut,
)
from prover.environments.lean_wasm.install import Installation
from prover.environments.toy import ToyEnvironment
from tests.conftest import HUNG_S

COMMUTES = "theorem t (a b : Nat) : a + b = b + a"
AND_SWAP = "theorem and_swap (p q : Prop) (h : p ∧ q) : q ∧ p"
QUICK = ScriptedPolicy(["omega", "constructor", "simp_all"])


@pytest.fixture(scope="module")
def lean(installation: Installation) -> Iterator[Lean]:
    assert installation.manifest.exists()
    with Lean(policy=QUICK) as lean:
        yield lean


def test_prove_works_inside_a_running_event_loop(installation: Installation) -> None:
    async def main() -> ProofRecord:
        return prover.prove(COMMUTES, policy=QUICK)

    assert asyncio.run(main()).proved


def test_aprove_runs_on_the_loop_of_its_caller(installation: Installation) -> None:
    threads = threading.active_count()

    async def main() -> tuple[ProofRecord, bool]:
        record = await prover.aprove(COMMUTES, policy="scripted:omega")
        return record, any(thread.name == "prover" for thread in threading.enumerate())

    record, in_background = asyncio.run(main())
    assert record.proved
    assert not in_background or threads > 1


def test_sync_calls_come_from_many_threads_at_once(lean: Lean) -> None:
    statements = [f"theorem t{n} (a b : Nat) : a + b + {n} = b + {n} + a" for n in range(4)]
    with ThreadPoolExecutor(4) as threads:
        records = list(threads.map(lean.prove, statements))
    assert [record.name for record in records] == ["t0", "t1", "t2", "t3"]
    assert all(record.proved for record in records)


def test_two_leans_do_not_know_of_each_other(lean: Lean) -> None:
    with Lean(policy=QUICK) as other, other.open(AND_SWAP) as session:
        with pytest.raises(ValueError, match="not of this session"), lean.open(COMMUTES) as mine:
            mine.run(session.initial, "skip")
        assert isinstance(session.run(session.initial, "constructor"), Advanced)
    assert lean.prove(COMMUTES).proved


def test_async_with_gives_the_same_methods_to_await(installation: Installation) -> None:
    async def main() -> None:
        async with Lean(policy=QUICK) as lean, lean.open(AND_SWAP) as session:
            advanced, record = await asyncio.gather(session.run(session.initial, "constructor"), lean.prove(COMMUTES))
            assert isinstance(advanced, Advanced)
            assert record.proved

    asyncio.run(main())


def test_sync_and_async_methods_are_the_same() -> None:
    for sync, asynchronous in ((Prover, AsyncProver), (prover.Session, prover.AsyncSession)):
        for name, method in inspect.getmembers(sync, inspect.isfunction):
            if not name.startswith("_"):
                twin = getattr(asynchronous, name)
                assert inspect.signature(method).parameters == inspect.signature(twin).parameters, name


# ---- by hand ------------------------------------------------------------
def test_each_outcome_is_a_value(lean: Lean) -> None:
    with lean.open(AND_SWAP) as session:
        outcomes = session.run_all(
            session.initial, ["constructor", "simp_all", "exact h", "sorry", "exact ⟨h.2, h.1⟩", "skip"]
        )
        assert [type(outcome) for outcome in outcomes] == [Advanced, Closed, Rejected, GaveUp, Closed, Advanced]
        endless = session.run(session.initial, "repeat' (have := h)", effort=0.1)
        assert isinstance(endless, TimedOut | Rejected)


def test_states_are_used_in_any_order(lean: Lean) -> None:
    with lean.open(AND_SWAP) as session:
        split = session.run(session.initial, "constructor")
        assert isinstance(split, Advanced)
        assert [goal.target for goal in split.state.goals] == ["variable", "variable"]
        assert isinstance(session.run(session.initial, "exact ⟨h.2, h.1⟩"), Closed)
        half = session.run(split.state, "exact h.2")
        assert isinstance(half, Advanced)
        assert session.tactics_to(half.state) == ("constructor", "exact h.2")
        assert session.verify((*session.tactics_to(half.state), "exact h.1")).accepted
        assert not session.verify(session.tactics_to(half.state)).accepted


def test_closed_session_says_so(lean: Lean) -> None:
    session = lean.open(AND_SWAP)
    session.close()
    session.close()
    with pytest.raises(RuntimeError, match="closed"):
        session.run(session.initial, "skip")


def test_statement_that_cannot_be_used_raises(lean: Lean) -> None:
    with pytest.raises(InvalidTheoremError, match="nonsense"):
        lean.open("theorem t : nonsense")
    with pytest.raises(InvalidTheoremError, match="empty"):
        lean.prove("")


# ---- many ------------------------------------------------------------
MANY = ["theorem t0 : 1 = 1", "theorem t1 : nonsense", "theorem t2 (n : Nat) : n + 0 = n", "theorem t3 : 2 = 3"]


def told(results: Sequence[ProofRecord | InvalidTheoremError]) -> dict[str, object]:
    """What does not depend on when it happened."""
    found: dict[str, object] = {}
    for result in results:
        if isinstance(result, ProofRecord):
            found[result.name] = (result.proved, result.search.stop, result.search.tactics, result.search.limit)
        else:
            found[str(result.statement)] = result.reason
    return found


def test_records_do_not_depend_on_how_many_work(lean: Lean) -> None:
    one, three = (told(list(lean.prove_many(MANY, workers=n, return_exceptions=True))) for n in (1, 3))
    assert one == three
    assert one["t0"] != one["t3"]
    assert "nonsense" in str(one["theorem t1 : nonsense"])


def test_bad_statement_among_many_raises_unless_it_is_asked_for(lean: Lean) -> None:
    records = lean.prove_many(MANY)
    assert next(records).name == "t0"
    with pytest.raises(InvalidTheoremError, match="nonsense") as caught:
        next(records)
    assert caught.value.statement == MANY[1]
    assert list(records) == []


def test_iteration_can_be_left_and_statements_are_read_as_needed(lean: Lean) -> None:
    taken: list[int] = []

    def endless() -> Iterator[str]:
        while True:
            taken.append(1)
            yield "theorem t : 1 = 1"

    for record in lean.prove_many(endless(), workers=2):
        assert record.proved
        break
    assert len(taken) < 8
    assert lean.prove(COMMUTES).proved


# ---- budgets ------------------------------------------------------------
def test_every_limit_is_a_keyword() -> None:
    assert Limits.__annotations__.keys() == SearchBudget.model_fields.keys()


def test_limits_by_keyword_change_the_budget(lean: Lean) -> None:
    record = lean.prove(COMMUTES, budget=SearchBudget(expansions=7), timeout_s=100, candidates=3)
    assert record.budget == SearchBudget(expansions=7, timeout_s=100, effort=100, candidates=3)


def test_wrong_limits_are_named(lean: Lean) -> None:
    with pytest.raises(TypeError, match="'depth'"):
        lean.prove(COMMUTES, depth=3)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="effort"):
        lean.prove(COMMUTES, effort=-1)


# ---- the rest ------------------------------------------------------------
def test_verify_with_and_without_a_statement(lean: Lean) -> None:
    proof = "theorem t : 1 + 1 = 2 := rfl"
    assert lean.verify(proof).accepted
    assert lean.verify(proof, against="theorem t : 1 + 1 = 2").accepted
    assert not lean.verify(proof, against="theorem t : 1 + 1 = 2 ∧ True").accepted
    assert not prover.verify("theorem t : 1 = 2 := sorry").accepted


def test_fill_leaves_the_file_alone(lean: Lean, tmp_path: Path) -> None:
    path = tmp_path / "Draft.lean"
    text = "theorem a (n : Nat) : n + 0 = n := by\n  sorry\n\ntheorem b : 1 = 2 := by\n  sorry\n"
    path.write_text(text)
    report = lean.fill(path, effort=10)
    assert [hole.filled for hole in report.holes] == [True, False]
    assert report.source == text.replace("sorry", "omega", 1)
    assert path.read_text() == text


def test_files_are_filled_where_that_is_possible(tmp_path: Path) -> None:
    with (
        Prover(ToyEnvironment(), policy=QUICK) as toy,
        pytest.raises(NotImplementedError, match="toy@1 fills no files"),
    ):
        toy.fill(tmp_path / "Draft.lean")


def test_suggestions_for_a_state_are_tried(lean: Lean) -> None:
    with lean.open(AND_SWAP) as session:
        suggested = lean.suggest(session.initial)
    assert suggested.suggestions[0].outcome == "closes"
    beginning = [s.tactic for s in lean.suggest("p : Prop\nh : p\n⊢ p", prefix="sim").suggestions]
    assert beginning[0] == "simp_all"
    assert all(tactic.startswith("sim") for tactic in beginning)


class Doubling:
    """Proposes one thing, and remembers on which thread."""

    identity, reproducible = "doubling", True

    def __init__(self) -> None:
        self.threads: set[str] = set()

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        self.threads.add(threading.current_thread().name)
        return [Proposal((prover.TacticCandidate(t, -1.0, "mine"),)) for t in ["double"] for _ in states]


def test_own_policy_and_own_environment_plug_in() -> None:
    with Prover(Counting(), policy=ScriptedPolicy(["++", "+"])) as counting:
        assert counting.prove("5").search.tactics == ("++", "++", "+")
        assert counting.identity == "counting@1"
        assert counting.verify("++; +++", against="5").accepted
    policy = Doubling()
    with Prover(ToyEnvironment()) as toy:
        assert toy.prove("theorem t : 1 to 1", policy="scripted:done").proved
        assert toy.prove("theorem t : 1 to 3", policy=policy).search.sources == ()
        with pytest.raises(InvalidPolicyError, match="policy="):
            toy.prove("theorem t : 1 to 1")
    assert policy.threads == {"prover"}


def test_unknown_policy_is_an_error(lean: Lean) -> None:
    with pytest.raises(InvalidPolicyError, match="there is no policy 'magic'"):
        lean.prove(COMMUTES, policy="magic")


# ---- ends ------------------------------------------------------------
class Watched(ToyEnvironment):
    """Tells when it is closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    async def close(self) -> None:
        self.closed.set()


def test_closed_prover_says_so() -> None:
    environment = Watched()
    with Prover(environment, policy=QUICK) as toy:
        session = toy.open("theorem t : 1 to 2")
    assert environment.closed.is_set()
    session.close()
    toy.close()
    with pytest.raises(RuntimeError, match="closed"):
        toy.prove("theorem t : 1 to 2")


def test_what_nobody_holds_any_more_is_closed() -> None:
    environment = Watched()
    toy = Prover(environment, policy=QUICK)
    toy.prove("theorem t : 1 to 2")
    del toy
    gc.collect()
    assert environment.closed.wait(HUNG_S)


def test_session_or_iterator_keeps_its_prover() -> None:
    environment = Watched()
    session = Prover(environment, policy=QUICK).open("theorem t : 1 to 2")
    gc.collect()
    assert isinstance(session.run(session.initial, "double"), Advanced)
    assert not environment.closed.is_set()
    del session
    gc.collect()
    assert environment.closed.wait(HUNG_S)
    many = Prover(Watched(), policy=ScriptedPolicy(["done"])).prove_many(["theorem t : 1 to 1"] * 3)
    gc.collect()
    assert all(record.proved for record in many)


def test_closed_async_prover_says_so() -> None:
    async def main() -> None:
        async with Prover(ToyEnvironment(), policy=QUICK) as toy, toy.open("theorem t : 1 to 2") as session:
            assert isinstance(await session.run(session.initial, "double"), Advanced)
        for work in (toy.prove("theorem t : 1 to 2"), session.run(session.initial, "double"), toy.suggest("⊢ 1")):
            with pytest.raises(RuntimeError, match="closed"):
                await work

    asyncio.run(main())


def test_machine_that_fails_again_is_an_exception_and_the_session_goes_on() -> None:
    with Prover(ToyEnvironment()) as toy, toy.open("theorem t : 1 to 4") as session:
        two = session.run(session.initial, "double")
        assert isinstance(two, Advanced)
        with pytest.raises(SessionCrashedError, match="as asked"):
            session.run(two.state, "crash")
        assert isinstance(session.run(two.state, "double"), Advanced)


class Calling:
    """Calls the synchronous API from inside it."""

    identity, reproducible = "calling", True
    toy: Prover

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        self.toy.prove("theorem t : 1 to 1")
        return []


def test_call_that_would_wait_for_itself_is_refused() -> None:
    policy = Calling()
    with Prover(ToyEnvironment(), policy=policy) as policy.toy, pytest.raises(RuntimeError, match="wait for itself"):
        policy.toy.prove("theorem t : 1 to 1")


class Waiting:
    """Says that it was asked, and never answers."""

    identity, reproducible = "waiting", True

    def __init__(self) -> None:
        self.asked, self.cancelled = threading.Event(), threading.Event()

    async def propose(self, states: Sequence[ProofState], *, n: int, seed: int, tried: int = 0) -> list[Proposal]:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
        return []


def test_closing_ends_the_calls_of_other_threads() -> None:
    policy = Waiting()
    toy = Prover(ToyEnvironment(), policy=policy)
    with ThreadPoolExecutor(1) as thread:
        proving = thread.submit(toy.prove, "theorem t : 1 to 1")
        assert policy.asked.wait(HUNG_S)
        toy.close()
        assert policy.cancelled.is_set()
        with pytest.raises(RuntimeError, match="closed while"):
            proving.result(HUNG_S)


def test_many_texts_are_verified_in_order(installation: Installation) -> None:
    good, wrong = f"{COMMUTES} := Nat.add_comm a b", "theorem t : 1 = 2 := rfl"
    with Lean() as lean:
        verdicts = list(lean.verify_many([good, wrong, (good, f"{COMMUTES} := by sorry"), (wrong, COMMUTES)]))
    assert [found.accepted for found in verdicts] == [True, False, True, False]
