"""The embedded Lean's sessions: outcomes, limits, recovery, and what stays behind (nothing)."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TacticOutcome, TimedOut
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.checkers import Checkers
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.environments.lean_wasm.process import LeanProcess
from prover.environments.lean_wasm.session import LeanSession
from prover.errors import InvalidTheoremError, SessionCrashedError
from tests.conftest import HUNG_S

AND = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q"


async def advance(session: LeanSession, *tactics: str) -> ProofState:
    state = session.initial
    for tactic in tactics:
        (outcome,) = await session.apply(state, [tactic], timeout_s=300)
        assert isinstance(outcome, Advanced), outcome
        state = outcome.state
    return state


async def outcomes_of(
    lean: LeanWasmEnvironment, statement: str, *tactics: str, timeout_s: float = 20
) -> list[TacticOutcome]:
    outcomes: list[TacticOutcome] = []
    async with lean.open(Theorem.from_text(statement)) as session:
        for tactic in tactics:
            outcomes += await session.apply(session.initial, [tactic], timeout_s=timeout_s)
    return outcomes


async def test_goals_are_printed_with_their_hypotheses(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text(AND)) as session:
        assert session.initial.text == "p q : Prop\nhp : p\nhq : q\n⊢ p ∧ q"
        (goal,) = session.initial.goals
        assert goal.target == "And"
        assert [hypothesis.name for hypothesis in goal.hypotheses] == ["p", "q", "hp", "hq"]
        state = await advance(session, "constructor")
        assert [goal.text.splitlines()[0] for goal in state.goals] == ["case left", "case right"]


async def test_header_is_kept_and_the_name_is_full(lean: LeanWasmEnvironment) -> None:
    text = "namespace A\ndef f (n : Nat) := n\nvariable (k : Nat)\ntheorem g : f k = k := by sorry\nend A"
    async with lean.open(Theorem.from_text(text)) as session:
        assert session.theorem.name == "A.g"
        assert session.theorem.statement == "theorem g : f k = k"
        assert session.theorem.header.startswith("namespace A")
        assert session.initial.text == "k : Nat\n⊢ f k = k"


@pytest.mark.parametrize(
    "statement",
    [
        "theorem t (n : Nat) : n = n",
        "theorem t (n : Nat) : n = n := by sorry",
        "theorem t (n : Nat) : n = n := sorry",
        "theorem t (n : Nat) : n = n := by",
        "theorem t (n : Nat) : n = n :=",
        "theorem t (n : Nat) : n = n -- a comment",
        "/-- A doc comment. -/\ntheorem t (n : Nat) :\n    n = n /- := by rfl -/",
        "lemma t (n : Nat) : n = n := by sorry",
        "lemma a : 1 = 1 := rfl\nlemma b : 2 = 2 := a |> fun _ => rfl\nopen Nat in lemma t (n : Nat) : n = n",
        "/-- lemma -/ private lemma t (n : Nat) : n = n",
        "example : Nat := 3\nexample : 1 = 1 := rfl\nexample (n : Nat) : n = n",
        "def A.lemma := 1\ntheorem t (n : Nat) : n + A.lemma = n + 1",
        "@[simp] lemma t (n : Nat) : n + 0 = n",
        "example (n : Nat) : n = n",
        "open Nat in\ntheorem t (n : Nat) : n = n := by sorry",
        "set_option maxRecDepth 1000 in\ntheorem t (n : Nat) : n = n",
        "theorem helper : 1 = 1 := rfl\n\ntheorem t (n : Nat) : n = n",
        "notation \"N\" => Nat\ntheorem t (n : N) : n = n",
        "private theorem t (n : Nat) : n = n",
        "theorem «a name with spaces.and dots» (n : Nat) : n = n",
        "namespace «odd name»\ntheorem t.u (n : Nat) : n = n\nend «odd name»",
        "namespace A\ntheorem _root_.t (n : Nat) : n = n\nend A",
        "protected theorem A.t (n : Nat) : n = n",
        "namespace A\nexample (n : Nat) : n = n := by\nend A",
        "section\nvariable (n : Nat)\ntheorem t : n = n := -- ℕ\nend",
        "theorem t.{u} (α : Type u) (n : α) : n = n",
    ],
)  # fmt: skip
async def test_every_form_of_statement_opens(lean: LeanWasmEnvironment, statement: str) -> None:
    (outcome,) = await outcomes_of(lean, statement, "rfl")
    assert isinstance(outcome, Closed)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("theorem t : 1 = ", "unexpected end of input"),
        ("theorem t (n : Nat) : n = other", "other"),
        ("theorem t : Foo.bar 1", "Foo.bar"),
        ("theorem t (n : Nat) : Nat", "not a proposition"),
        ("theorem t (α : Type u) (a : α) : a = b", "u"),
        ("theorem a : 1 = 1 := by sorry\ntheorem b : 2 = 2 := by sorry", "two theorems"),
        ("theorem a : 1 = 1\ntheorem b : 2 = 2", "two theorems"),
        ("theorem a : 1 = 1 := rfl", "already has a proof"),
        ("theorem a : 1 = 1 := by sorry\ndef x := 3", "after the theorem"),
        ("theorem t (x : ℝ) : x = x", "ℝ"),
        ("hello", "expected command"),
        ("def f (n : Nat) : Nat := f (n + 1)\ntheorem t : f 0 = 0", "f"),
        ("theorem t : (sorry : Prop)", "sorry"),
        ("axiom A : Prop\ntheorem t : A → A", "axiom"),
        ("def x : Prop := sorry\ntheorem t : x → x", "sorry"),
        ("import Nothing.There\ntheorem t : True", "no module Nothing.There"),
        ("def f := 1", "no theorem"),
    ],
)
async def test_bad_statement_is_refused_with_its_reason(lean: LeanWasmEnvironment, statement: str, reason: str) -> None:
    with pytest.raises(InvalidTheoremError) as error:
        await outcomes_of(lean, statement)
    everything = error.value.reason + " ".join(message.text for message in error.value.messages)
    assert reason in everything


async def test_the_word_lemma_in_a_string_stays(lean: LeanWasmEnvironment) -> None:
    (outcome,) = await outcomes_of(lean, 'theorem t : "\nlemma x".length = 8', "decide")
    assert outcome == Closed()
    (outcome,) = await outcomes_of(lean, 'theorem t : "\nlemma x".length = 10', "decide")
    assert isinstance(outcome, Rejected)


async def test_statement_that_takes_too_long_to_read_is_refused_in_time(lean: LeanWasmEnvironment) -> None:
    header = "theorem slow : ∀ a b c d : Fin 60, (a + b) + (c + d) = (d + c) + (b + a) := by decide +kernel"
    theorem = Theorem.from_text(f"{header}\ntheorem t : True")
    with pytest.raises(InvalidTheoremError, match="needs more than 1 s"):
        async with lean.open(theorem, timeout_s=1):
            pass
    verdict = await lean.check(theorem, ["trivial"], timeout_s=1)
    assert verdict.timed_out
    assert not verdict.accepted


async def test_statement_is_read_by_the_processors_time_and_not_by_the_clock(installation: Installation) -> None:
    header = "theorem slow : ∀ a b c d : Fin 6, (a + b) + (c + d) = (d + c) + (b + a) := by decide +kernel"
    theorem = Theorem.from_text(f"{header}\ntheorem t : True")
    environment = LeanWasmEnvironment(installation)
    environment.start_ahead(("Init",))
    try:
        process = psutil.Process((await environment._ahead["Init",]).pid)
        before = process.cpu_times().user
        opening = asyncio.ensure_future(environment._opened(theorem, timeout_s=3))
        async with asyncio.timeout(HUNG_S):
            while process.cpu_times().user < before + 0.1:  # noqa: ASYNC110  # nothing tells that it is being read
                await asyncio.sleep(0.01)
        assert not opening.done()
        process.suspend()  # as if others had all processors
        await asyncio.sleep(4)
        process.resume()
        assert (await opening).theorem.name == "t"
    finally:
        await environment.close()


async def test_statement_with_many_prefixes_is_read_at_once(lean: LeanWasmEnvironment) -> None:
    (outcome,) = await outcomes_of(lean, "open Nat in " * 40 + "\nexample (n : Nat) : n = n", "rfl")
    assert outcome == Closed()


async def test_process_that_may_have_run_foreign_code_serves_no_other_theorem(installation: Installation) -> None:
    lean = LeanWasmEnvironment(installation)  # with no process yet that another test has left
    pids = []
    try:
        for statement, tactic in [
            ("theorem t : True", "trivial"),
            ("theorem t : True", 'run_tac Lean.logInfo m!"x"'),
            ("#eval 1 + 1\ntheorem t : True", "trivial"),
            ("theorem t : True", "trivial"),
        ]:
            async with lean.open(Theorem.from_text(statement)) as session:
                pids.append(session.process.pid)
                await session.apply(session.initial, [tactic], timeout_s=300)
    finally:
        await lean.close()
    first, tactic_ran, header_ran, last = pids
    assert first == tactic_ran
    assert len({tactic_ran, header_ran, last}) == 3


async def test_processes_that_verify_are_few(installation: Installation) -> None:
    lean = LeanWasmEnvironment(installation, checkers=Checkers(kinds=1))
    try:
        for imports in ["", "import Std\n", "import Lean\n", ""]:
            theorem = Theorem.from_text(f"{imports}theorem t : True")
            assert (await lean.check(theorem, ["trivial"], timeout_s=300)).accepted
            assert len(lean._checkers._idle) == 1
    finally:
        await lean.close()


async def test_environments_share_the_processes_that_verify(installation: Installation) -> None:
    checkers = Checkers(at_once=2)
    one, two = (LeanWasmEnvironment(installation, checkers=checkers) for _ in range(2))
    theorem = Theorem.from_text("theorem t : True")
    async with one.open(theorem), two.open(theorem):
        assert (await one.check(theorem, ["trivial"], timeout_s=300)).accepted
        (task,) = checkers._idle[("Init",)]
        assert (await two.check(theorem, ["trivial"], timeout_s=300)).accepted
        assert checkers._idle[("Init",)] == [task]
        both = await asyncio.gather(*(lean.check(theorem, ["trivial"], timeout_s=300) for lean in (one, two)))
        assert all(verification.accepted for verification in both)
        assert len(checkers._idle[("Init",)]) == 2
    process = task.result()
    await one.close()
    assert process.alive
    assert (await two.check(theorem, ["trivial"], timeout_s=300)).accepted
    await two.close()
    assert not process.alive
    assert not checkers._idle


async def test_error_points_at_its_place(lean: LeanWasmEnvironment) -> None:
    with pytest.raises(InvalidTheoremError) as error:
        await outcomes_of(lean, "\nlemma t : 1 =\n  foo")
    (message,) = error.value.messages
    assert (message.line, message.column) == (3, 2)
    with pytest.raises(InvalidTheoremError) as error:
        await outcomes_of(lean, "lemma t : foo")
    assert error.value.messages[0].column == 10


async def test_mathlib_names_get_a_hint(lean: LeanWasmEnvironment) -> None:
    with pytest.raises(InvalidTheoremError) as error:
        await outcomes_of(lean, "theorem t (x : ℝ) : x = x")
    assert "Mathlib" in (error.value.hint or "")


@pytest.mark.parametrize(
    "tactic",
    [
        *("sorry", "admit", "exact sorry", "exact ⟨hp, by sorry⟩", "constructor <;> sorry", "stop\nrfl"),
        *("have : False := sorry", "exact sorryAx _ false", "refine ⟨?_, sorry⟩", "first | sorry | skip"),
    ],
)
async def test_sorry_in_any_form_is_giving_up(lean: LeanWasmEnvironment, tactic: str) -> None:
    (outcome,) = await outcomes_of(lean, AND, tactic)
    assert isinstance(outcome, GaveUp)


async def test_native_code_is_never_a_proof(lean: LeanWasmEnvironment) -> None:
    outcomes = await outcomes_of(lean, "theorem t : 10 ^ 5 % 7 = 5", "native_decide", "decide +native")
    assert all(isinstance(outcome, Rejected) for outcome in outcomes)
    assert "compiled code" in str(outcomes[0])


async def test_tactic_of_several_lines(lean: LeanWasmEnvironment) -> None:
    text = "theorem t (n : Nat) : 0 + n = n"
    proof = "  induction n with\n  | zero => rfl\n  | succ n ih =>\n    rw [← Nat.add_assoc, ih]\n"
    assert await outcomes_of(lean, text, proof) == [Closed()]


@pytest.mark.parametrize(
    "tactic", ["", "  ", "-- nothing", "rfl)", "exact (", "rfl\n\ntheorem u : True := trivial", "· "]
)
async def test_text_that_is_no_tactic_is_rejected(lean: LeanWasmEnvironment, tactic: str) -> None:
    (outcome,) = await outcomes_of(lean, AND, tactic)
    assert isinstance(outcome, Rejected)
    assert outcome.message


LOOPS = {
    "kernel": "have : ∀ a b c d : Fin 60, (a + b) + (c + d) = (d + c) + (b + a) := by decide +kernel",
    "big number": "have : 7 ^ (2 ^ 30) % 3 = 1 := by decide +kernel",
    "elaborator": "have : ∀ a b c d e : Fin 30, a + b + c + d + e = e + d + c + b + a := by\n"
    "  set_option maxRecDepth 1000000 in decide",
    "recursion": "have : (List.replicate 1000000 0).length = 1000000 := by\n"
    "  set_option maxRecDepth 100000000 in simp [List.replicate]",
    "parser": "exact " + "(" * 20000 + "hp" + ")" * 20000,
    "repeat": "repeat' (have := hp)",
}


@pytest.mark.parametrize("name", LOOPS)
async def test_runaway_tactic_costs_its_limit_and_states_survive(lean: LeanWasmEnvironment, name: str) -> None:
    async with lean.open(Theorem.from_text(AND)) as session:
        state = await advance(session, "constructor")
        async with asyncio.timeout(HUNG_S):
            (outcome,) = await session.apply(state, [LOOPS[name]], timeout_s=0.5)
        assert isinstance(outcome, TimedOut | Rejected), outcome
        assert await advance(session, "constructor") == state
        (outcome,) = await session.apply(state, ["all_goals assumption"], timeout_s=300)
        assert outcome == Closed()


async def test_state_with_metavariables_is_reached_again(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text("theorem t (p : Prop) : p")) as session:
        state = await advance(session, "exfalso", "apply false_of_ne")
        assert "?m.1" in state.text or "?a" in state.text
        assert await advance(session, "exfalso", "apply false_of_ne") == state  # Lean numbers its metavariables anew
        await session.apply(state, [LOOPS["kernel"]], timeout_s=0.5)
        (outcome,) = await session.apply(state, ["fail"], timeout_s=300)
        assert isinstance(outcome, Rejected)
        assert "replaying" not in outcome.message


async def test_state_that_cannot_be_reached_again_costs_only_itself(
    lean: LeanWasmEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lean.open(Theorem.from_text(AND)) as session:
        state = await advance(session, "constructor")
        session.release([state])
        monkeypatch.setattr(session._states[state], "tactic", "exact ⟨hp, hq⟩")
        (outcome,) = await session.apply(state, ["rfl"], timeout_s=300)
        assert isinstance(outcome, Rejected)
        assert "did not give the state it gave before" in outcome.message
        assert await outcomes_of(lean, AND, "exact ⟨hp, hq⟩") == [Closed()]


async def test_tactics_after_a_runaway_one_in_the_same_batch_are_tried(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text(AND)) as session:
        outcomes = await session.apply(
            session.initial, ["omega", LOOPS["big number"], LOOPS["kernel"], "exact ⟨hp, hq⟩", "rfl"], timeout_s=0.5
        )
    assert [isinstance(outcome, Closed) for outcome in outcomes] == [False, False, False, True]


async def test_exhausting_memory_costs_one_tactic(lean: LeanWasmEnvironment) -> None:
    bomb = "have : (List.replicate 300000000 1).length = 0 := by decide +kernel"
    async with lean.open(Theorem.from_text(AND)) as session:
        state = await advance(session, "constructor")
        (outcome,) = await session.apply(state, [bomb], timeout_s=60)
        assert isinstance(outcome, TimedOut | Rejected)
        (outcome,) = await session.apply(state, ["all_goals assumption"], timeout_s=300)
        assert outcome == Closed()


async def test_killed_process_is_a_machine_fault_and_the_environment_recovers(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text(AND)) as session:
        psutil.Process(session.process.pid).kill()
        with pytest.raises(SessionCrashedError, match="was ended by SIGKILL"):
            await session.apply(session.initial, ["constructor"], timeout_s=300)
    assert await outcomes_of(lean, AND, "exact ⟨hp, hq⟩") == [Closed()]


async def test_process_that_ends_while_nobody_uses_it_is_replaced(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text(AND)) as session:
        process = session.process
    psutil.Process(process.pid).kill()
    assert process.alive, "nobody has noticed yet"
    assert await outcomes_of(lean, AND, "exact ⟨hp, hq⟩") == [Closed()]


async def test_foreign_state_is_an_error(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text(AND)) as session:
        with pytest.raises(ValueError, match="not of this session"):
            await session.apply(ProofState(()), ["rfl"], timeout_s=1)


async def test_cancelled_request_stops_lean_at_once(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text(AND)) as session:
        applying = asyncio.create_task(session.apply(session.initial, [LOOPS["kernel"]], timeout_s=10 * HUNG_S))
        await asyncio.sleep(0.3)
        applying.cancel()
        async with asyncio.timeout(HUNG_S):
            with pytest.raises(asyncio.CancelledError):
                await applying
        (outcome,) = await session.apply(session.initial, ["exact ⟨hp, hq⟩"], timeout_s=300)
        assert outcome == Closed()


async def test_states_are_freed(installation: Installation) -> None:
    process = await LeanProcess.start(installation, "search", ("Init",))
    try:
        for _ in range(3):
            session = LeanSession(process, Theorem.from_text(AND), heartbeats=200_000)
            await session.start()
            state = await advance(session, "constructor")
            for _ in range(5):
                assert await advance(session, "constructor") == state
            statistics = await process.request("statistics", limit_s=10)
            assert statistics["states"] == 2  # equal states are kept once
            session.release([state])
            assert (await process.request("statistics", limit_s=10))["states"] == 1
            session.close()
        statistics = await process.request("statistics", limit_s=10)
        assert (statistics["states"], statistics["sessions"]) == (0, 0)
    finally:
        await process.close()


async def test_two_sessions_at_once_have_their_own_process(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text(AND)) as first, lean.open(Theorem.from_text("theorem u : 1 = 1")) as second:
        results = await asyncio.gather(
            first.apply(first.initial, ["exact ⟨hp, hq⟩"], timeout_s=300),
            second.apply(second.initial, ["rfl"], timeout_s=300),
        )
    assert list(results) == [[Closed()], [Closed()]]


@pytest.mark.parametrize("imports", ["Std", "Lean"])
async def test_other_libraries_can_be_imported(lean: LeanWasmEnvironment, imports: str) -> None:
    name = {"Std": "Std.HashMap", "Lean": "Lean.Name"}[imports]
    statement = f"import {imports}\ntheorem t (n : Nat) : n + 0 = n ∧ Nonempty (Option {name})".replace(
        "Std.HashMap", "(Std.HashMap Nat Nat)"
    )
    assert await outcomes_of(lean, statement, "exact ⟨rfl, ⟨none⟩⟩") == [Closed()]


# ---- what stays behind when our own process ends ---------------------------------------------------------------

HOLD = """
import asyncio
from prover.settings import Settings
from prover.core.theorem import Theorem
from prover.assembly.environments import lean_environment
from tests.conftest import HUNG_S

async def main():
    lean = lean_environment(Settings())
    async with lean.open(Theorem.from_text("theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q")) as session:
        async with lean._checkers.one(("Init",), lean._start_checker):
            pass
        print("ready", flush=True)
        await session.apply(session.initial, [%r], timeout_s=600)

asyncio.run(main())
"""  # fmt: skip


def end_by_kill(parent: psutil.Process) -> None:
    parent.kill()


def end_by_terminate(parent: psutil.Process) -> None:
    parent.terminate()


def end_by_ctrl_c(parent: psutil.Process) -> None:
    parent.send_signal(signal.SIGINT)


@pytest.mark.parametrize("end", [end_by_kill, end_by_terminate, end_by_ctrl_c])
def test_no_process_stays_behind(
    end: Callable[[psutil.Process], None], installation: Installation, tmp_path: Path
) -> None:
    assert installation.manifest.exists()
    code = HOLD % LOOPS["kernel"]
    log = tmp_path / "stderr"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", code], stdout=subprocess.PIPE, stderr=errors, text=True
        ) as held,
    ):
        assert held.stdout is not None
        assert held.stdout.readline() == "ready\n"
        parent = psutil.Process(held.pid)
        children = parent.children(recursive=True)
        assert len(children) == 2
        time.sleep(0.3)
        end(parent)
        try:
            held.wait(timeout=120)
        except subprocess.TimeoutExpired:
            held.send_signal(signal.SIGABRT)  # it says where it stands
            held.wait()
            raise AssertionError(log.read_text()) from None
    _, alive = psutil.wait_procs(children, timeout=HUNG_S)
    assert not alive


async def test_lean_processes_get_their_niceness(installation: Installation) -> None:
    environment = LeanWasmEnvironment(installation, nice=7)
    try:
        async with environment.open(Theorem.from_text("theorem t : 1 = 1")):
            children = psutil.Process().children(recursive=True)
            assert 7 in {child.nice() for child in children}
    finally:
        await environment.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such scores")
async def test_lean_processes_end_before_us_when_memory_is_full(installation: Installation) -> None:
    environment = LeanWasmEnvironment(installation)
    try:
        async with environment.open(Theorem.from_text("theorem t : 1 = 1")):
            scores = {
                child.name(): Path(f"/proc/{child.pid}/oom_score_adj").read_text().strip()
                for child in psutil.Process().children(recursive=True)
            }
            assert "1000" in scores.values(), scores
    finally:
        await environment.close()


async def test_a_process_that_was_started_ahead_serves_the_first_session(installation: Installation) -> None:
    environment = LeanWasmEnvironment(installation)
    try:
        environment.start_ahead(("Init",))
        environment.start_ahead(("Init",))
        (ahead,) = environment._ahead.values()
        async with environment.open(Theorem.from_text("theorem t : 1 = 1")) as session:
            assert session.process is await ahead
        environment.start_ahead(("Nowhere",))
        with pytest.raises(InvalidTheoremError, match="no module Nowhere"):
            async with environment.open(Theorem.from_text("import Nowhere\ntheorem t : 1 = 1")):
                pass
        environment.start_ahead(("Init",))
    finally:
        await environment.close()  # also what nobody has used
    assert not ahead.result().alive


async def test_statement_that_was_rehearsed_is_verified_like_any_other(installation: Installation) -> None:
    environment = LeanWasmEnvironment(installation)
    theorem = Theorem.from_text("theorem t (a b : Nat) : a + b = b + a")
    try:
        environment.start_ahead(theorem.imports, statement=theorem.body)
        false = await environment.check(theorem, ["rfl"], timeout_s=60)
        unproved = await environment.check(theorem, ["sorry"], timeout_s=60)
        true = await environment.check(theorem, ["omega"], timeout_s=60)
        assert (false.accepted, unproved.accepted, true.accepted) == (False, False, True)
        assert environment._rehearsals[0].result() is None
    finally:
        await environment.close()


@pytest.mark.parametrize("body", ["theorem t : nonsense", "def f : Nat := by repeat skip\ntheorem t : 1 = 1", ")"])
async def test_rehearsal_of_what_is_no_statement_says_nothing_and_ends_with_the_rest(
    installation: Installation, body: str
) -> None:
    others = set(psutil.Process().children())
    environment = LeanWasmEnvironment(installation)
    environment.start_ahead(("Init",), statement=body)
    (rehearsal,) = environment._rehearsals
    process = await environment._ahead["Init",]
    verdict = await environment.check(Theorem.from_text("theorem t : 1 = 1"), ["rfl"], timeout_s=60)
    assert verdict.accepted  # whatever was rehearsed before
    assert rehearsal.done()
    assert rehearsal.exception() is None
    environment.start_ahead(("Init",), statement=body)
    await asyncio.sleep(0)
    await environment.close()
    assert not process.alive
    assert not environment._rehearsals
    assert not set(psutil.Process().children()) - others
