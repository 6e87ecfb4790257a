"""Sessions with a REPL whose answers are Lean's: what becomes of the warm process when tactics do their worst."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from prover.core.proof_state import Advanced, Closed, GaveUp, Rejected, TimedOut
from prover.core.theorem import Theorem
from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_repl.pool import PoolLimits, ReplPool
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError
from prover.proving.verify import verify, verify_source
from tests.conftest import ROOT
from tests.contract.test_environments import TOO_SLOW_FOR_LEAN
from tests.environments.lean_repl.projects import standin_project
from tests.environments.lean_repl.repl import PANIC, serving

CONJUNCTION = Theorem.from_text("theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q")


@pytest.fixture(scope="module")
async def project(lean: LeanWasmEnvironment) -> AsyncIterator[LeanProjectEnvironment]:
    """One whose processes are replaced after twelve requests."""
    async with serving(lean) as command:
        environment = standin_project(command, commands=12)
        yield environment
        await environment.close()


async def test_path_is_replayed_after_a_time_out_a_crash_and_wear(project: LeanProjectEnvironment) -> None:
    async with project.open(CONJUNCTION) as session:
        (split,) = await session.apply(session.initial, ["constructor"], timeout_s=20)
        assert isinstance(split, Advanced)
        slow, left = await session.apply(split.state, [TOO_SLOW_FOR_LEAN, "exact hp"], timeout_s=0.5)
        assert isinstance(slow, TimedOut)
        assert isinstance(left, Advanced)
        (crash, again) = await session.apply(left.state, [f"exact {PANIC}", "exact hq"], timeout_s=20)
        assert isinstance(crash, Rejected)
        assert "ends when this is tried" in crash.message
        assert isinstance(again, Closed)
        worn = await session.apply(left.state, ["exact hp"] * 12, timeout_s=20)
        assert all(isinstance(outcome, Rejected) for outcome in worn)
        assert [type(o) for o in await session.apply(left.state, ["exact hq"], timeout_s=20)] == [Closed]


async def test_goal_without_hypotheses_is_searched(project: LeanProjectEnvironment) -> None:
    async with project.open(Theorem.from_text("theorem t : 1 + 1 = 2 ∧ True")) as session:
        (split,) = await session.apply(session.initial, ["constructor"], timeout_s=20)
        assert isinstance(split, Advanced)
        (closed,) = await session.apply(split.state, ["all_goals trivial"], timeout_s=20)
        assert isinstance(closed, Closed)


async def test_both_shapes_of_failure_and_several_lines(project: LeanProjectEnvironment) -> None:
    async with project.open(CONJUNCTION) as session:
        outcomes = await session.apply(
            session.initial,
            [
                "exact nothing_of_that_name",
                "no_such_tactic hp",
                "have : p := by sorry",
                "theorem u : True",
                'run_tac Lean.logInfo m!""',
                "constructor -- both\n-- parts\n· exact hp\n· exact hq",
            ],
            timeout_s=20,
        )
        assert [type(outcome) for outcome in outcomes] == [Rejected, Rejected, GaveUp, Rejected, Rejected, Closed]


HEADER = """namespace Even

def double (n : Nat) : Nat := n + n

section
theorem helper (n : Nat) : double n = 2 * n := by
  unfold double
  omega

"""
STATEMENT = f"{HEADER}@[simp] theorem t (n : Nat) :\n    double n = 2 * n"


async def test_header_namespace_and_ends_stay_as_they_are(project: LeanProjectEnvironment) -> None:
    theorem = Theorem.from_text(f"{STATEMENT} := by\n  sorry\n\nend\nend Even\n")
    async with project.open(theorem) as session:
        assert session.theorem.name == "Even.t"
        assert session.theorem.header == HEADER.strip("\n")
        (closed,) = await session.apply(session.initial, ["exact helper n"], timeout_s=20)
        assert isinstance(closed, Closed)
    verification = await verify(theorem, ["unfold double", "omega"], project, timeout_s=30)
    assert verification.accepted, verification.reason
    assert verification.tier == "A"
    assert verification.source == f"{STATEMENT} := by\n  unfold double\n  omega\nend\nend Even\n"
    assert [t.name for t in verification.theorems] == ["Even.t"]


MATCHING = Theorem.from_text("theorem t (n : Nat) : (match n with | 0 => 0 | k + 1 => k + 1) = n ∧ True")


async def test_statement_with_a_pattern_match_is_proved_by_whole_commands(project: LeanProjectEnvironment) -> None:
    async with project.open(MATCHING) as session:
        split, wrong = await session.apply(session.initial, ["constructor", "exact nothing_of_that_name"], timeout_s=60)
        assert isinstance(split, Advanced)
        assert isinstance(wrong, Rejected)
        assert [goal.text.partition("\n")[0] for goal in split.state.goals] == ["case left", "case right"]
        (left,) = await session.apply(split.state, ["· cases n <;> rfl"], timeout_s=60)
        assert isinstance(left, Advanced)
        unfinished, closed = await session.apply(left.state, ["· skip", "trivial"], timeout_s=60)
        assert isinstance(unfinished, Rejected)
        assert "unsolved goals" in unfinished.message
        assert isinstance(closed, Closed)
    verification = await verify(MATCHING, ["constructor", "· cases n <;> rfl", "trivial"], project, timeout_s=60)
    assert verification.accepted, verification.reason


async def test_what_is_opened_for_the_theorem_stands_before_it(project: LeanProjectEnvironment) -> None:
    notation = 'namespace N\nscoped notation "two!" => (2 : Nat)\nend N\n\n'
    theorem = Theorem.from_text(f"{notation}open N in\ntheorem t (n : Nat) (h : n = two!) : n + two! = 4")
    async with project.open(theorem) as session:
        (closed,) = await session.apply(session.initial, ["have : two! = 2 := rfl; omega"], timeout_s=60)
        assert isinstance(closed, Closed)
        assert session.theorem.statement.startswith("open N in")


async def test_suggestion_takes_the_place_of_the_tactic_that_made_it(project: LeanProjectEnvironment) -> None:
    async with project.open(Theorem.from_text("theorem t (a b : Nat) : a + b = b + a")) as session:
        (found,) = await session.apply(session.initial, ["exact?"], timeout_s=300)
        (plain,) = await session.apply(session.initial, ["omega"], timeout_s=300)
        assert isinstance(found, Closed)
        assert found.written == "exact Nat.add_comm a b"
        assert isinstance(plain, Closed)
        assert plain.written is None


async def test_long_proof_is_verified_under_the_sum_of_its_limits(project: LeanProjectEnvironment) -> None:
    theorem = Theorem.from_text("set_option maxHeartbeats 1500\n\ntheorem t (a b c : Nat) (h : a + b = c) : c = b + a")
    proof = [*(f"have h{i} : a + b + {i} = c + {i} := by omega" for i in range(12)), "omega"]
    verification = await verify(theorem, proof, project, timeout_s=60)
    assert verification.accepted, verification.reason
    assert f"set_option maxHeartbeats {1500 * len(proof)} in\ntheorem t" in (verification.source or "")
    assert any("a limit for each tactic" in message.text for message in verification.messages)
    plain = await verify(theorem, ["omega"], project, timeout_s=60)
    assert plain.source == f"{theorem.source} := by\n  omega\n"


async def test_names_with_primes_have_axioms(project: LeanProjectEnvironment) -> None:
    for name in ("foo'", "foo''", "«a b»", "N.foo'", "foo₁'"):
        verification = await verify(Theorem.from_text(f"theorem {name} : 1 = 1"), ["rfl"], project, timeout_s=60)
        assert verification.accepted, verification.reason
        assert [t.name for t in verification.theorems] == [name]
    text = "def two' : Nat := 2\n\ntheorem t' : two' = 2 := by\n  rfl\n"
    file = await project.check_file(Theorem.from_text(text), timeout_s=60)
    assert file.accepted, file.reason
    assert [t.name for t in file.theorems] == ["t'", "two'"]


async def test_text_that_is_no_unicode_is_a_rejected_tactic(project: LeanProjectEnvironment) -> None:
    async with project.open(CONJUNCTION) as session:
        broken, whole = await session.apply(session.initial, ["exact \ud800", "exact ⟨hp, hq⟩"], timeout_s=60)
    assert isinstance(broken, Rejected)
    assert isinstance(whole, Closed)


async def test_axioms_are_asked_of_lean(project: LeanProjectEnvironment) -> None:
    honest = Theorem.from_text("theorem t (p : Prop) : p ∨ ¬p")
    verification = await verify(honest, ["exact Classical.em p"], project, timeout_s=30)
    assert verification.accepted
    assert set(verification.axioms) <= {"propext", "Classical.choice", "Quot.sound"}
    cheat = Theorem.from_text("axiom oops : (1 : Nat) = 2\ntheorem t : (1 : Nat) = 2")
    refused = await verify(cheat, ["exact oops"], project, timeout_s=30)
    assert (refused.accepted, refused.reason) == (False, "the proof rests on oops")


@pytest.mark.parametrize(
    "proof",
    [
        "exact foo\n\naxiom foo : 1 = 2", "native_decide", "rfl -/", "/- rfl", "exact sorryAx _ false", "stop\nrfl",
        "admit", "exact lcProof", "set_option debug.skipKernelTC true in\nexact (rfl : 1 = 1)", "exact cheat",
        "trivial\nend\nmacro \"#print\" : command => `(#eval 1)",
        "run_tac Lean.Elab.admitGoal (← Lean.Elab.Tactic.getMainGoal)",
    ],
)  # fmt: skip
async def test_no_cheat_is_accepted(project: LeanProjectEnvironment, proof: str) -> None:
    verification = await verify(Theorem.from_text("theorem cheat : 1 = 2"), [proof], project, timeout_s=30)
    assert not verification.accepted
    assert verification.reason


async def test_file_may_hold_more_lemmas_but_must_state_the_same(project: LeanProjectEnvironment) -> None:
    stated = Theorem.from_text("def two : Nat := 2\n\ntheorem t (n : Nat) : n + two = two + n := by sorry")
    lemma = "theorem comm (a b : Nat) : a + b = b + a := by omega\n"
    good = f"def two : Nat := 2\n{lemma}theorem t (n : Nat) : n + two = two + n := comm n two"
    files = {
        good: None,
        good.replace("n + two = two + n := comm n two", "two + n = n + two := comm two n"): "t states something else",
        good.replace(": Nat := 2", ": Nat := 3"): "the text does not begin with the header of the statement",
        good.replace(lemma, f'{lemma}macro "x" : tactic => `(tactic| rfl)\n'): "`macro` could change what Lean reports",
    }
    for text, reason in files.items():
        verification = await verify_source(Theorem.from_text(text), project, against=stated, timeout_s=30)
        assert verification.reason == reason


async def test_file_on_its_own_is_judged_whole(project: LeanProjectEnvironment) -> None:
    text = "theorem a : 1 = 1 := rfl\nnamespace N\nexample : 2 = 2 := rfl\nend N"
    verification = await verify_source(Theorem.from_text(text), project, timeout_s=30)
    assert verification.accepted, verification.reason
    assert [t.name for t in verification.theorems] == ["a", "N.prover_example_2"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def x := 1", "there is no theorem"),
        ("theorem t : 1 = 1\n\ndef x := 1", "unexpected token 'def'"),
        ("theorem t : 1 = 1\nend\ndef x := 1", "commands after the theorem"),
        ("theorem t : 1 = 1 := rfl", "already|unexpected|has a proof|unsolved|expected"),
        ("theorem t : (sorry : Prop)", "statement itself uses sorry"),
        ("theorem t : Nat.nonsense = 1", "nonsense"),
        ("import Nothing.Of.That.Name\ntheorem t : 1 = 1", "imports cannot be loaded"),
    ],
)
async def test_statements_that_cannot_be_used(project: LeanProjectEnvironment, text: str, reason: str) -> None:
    with pytest.raises(InvalidTheoremError, match=reason):
        async with project.open(Theorem.from_text(text)):
            pass


async def test_repl_that_does_not_start_says_why() -> None:
    pool = ReplPool(("sh", "-c", "echo no such toolchain >&2; exit 1"), ROOT, PoolLimits())
    with pytest.raises(EnvironmentUnavailableError, match="no such toolchain"):
        await pool.acquire(("Init",))
    await pool.close()
