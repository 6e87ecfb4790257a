"""What becomes of Lean's processes: killed ones are replaced, and none is left behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from prover import Advanced, Closed, Lean, Session
from prover.environments.lean_wasm.install import Installation
from tests.api.processes import gone, leans, line, program

AND_SWAP = "theorem and_swap (p q : Prop) (h : p ∧ q) : q ∧ p"
WAITING = """
import asyncio, threading
from prover import Lean, Prover, ScriptedPolicy
from tests.api.processes import leans

class Waiting:
    identity, reproducible = "waiting", True

    async def propose(self, states, *, n, seed, tried=0):
        print("asked", flush=True)
        await asyncio.Event().wait()

COMMUTES = "theorem t (a b : Nat) : a + b = b + a"
"""


@pytest.fixture
def session(installation: Installation) -> Iterator[Session]:
    assert installation.manifest.exists()
    with Lean() as lean, lean.open(AND_SWAP) as session:
        yield session


def kill_lean() -> None:
    """Kill every Lean of this test, as the system does when memory runs out."""
    killed = leans()
    assert killed
    for process in killed:
        process.kill()


def test_session_survives_the_end_of_its_process(session: Session) -> None:
    split = session.run(session.initial, "constructor")
    assert isinstance(split, Advanced)
    half = session.run(split.state, "exact h.2")
    assert isinstance(half, Advanced)
    kill_lean()
    assert isinstance(session.run(half.state, "exact h.1"), Closed)
    kill_lean()
    assert isinstance(session.run(session.initial, "exact ⟨h.2, h.1⟩"), Closed)
    again = session.run(split.state, "exact h.2")
    assert isinstance(again, Advanced)
    assert again.state == half.state
    assert session.verify([*session.tactics_to(half.state), "exact h.1"]).accepted


def test_tactic_runs_while_its_process_is_killed(session: Session) -> None:
    with program(
        WAITING
        + f"""
with Lean() as lean, lean.open({AND_SWAP!r}) as session:
    print("open", flush=True)
    outcomes = session.run_all(session.initial, ["skip"] * 2000, effort=1)
    print(len(outcomes), len(set(map(type, outcomes))))
"""
    ) as process:
        line(process)
        for lean in leans(process.pid):
            lean.kill()
        assert line(process) == "2000 1"


def test_interrupt_leaves_no_process_and_the_prover_usable(installation: Installation) -> None:
    with program(
        WAITING
        + """
with Lean() as lean:
    try:
        lean.prove(COMMUTES, policy=Waiting())
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    print(lean.prove(COMMUTES, policy="scripted:omega").proved, flush=True)
print(leans())
try:
    from prover import prove
    prove(COMMUTES, policy=Waiting())
except KeyboardInterrupt:
    print(leans())
"""
    ) as process:
        for caught in ("inside", "outside"):
            assert line(process) == "asked"
            assert leans(process.pid)
            process.send_signal(signal.SIGINT)
            if caught == "inside":
                assert line(process) == "interrupted"
                assert line(process) == "True"
            assert line(process) == "[]"
        assert process.wait() == 0


def test_interrupt_that_nobody_catches_ends_everything(installation: Installation) -> None:
    with program(WAITING + "Lean().prove(COMMUTES, policy=Waiting())") as process:
        assert line(process) == "asked"
        children = leans(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait() == -signal.SIGINT
        assert said.rstrip().endswith("KeyboardInterrupt")
        assert gone(children)


def test_interrupt_inside_lean_leaves_the_session_usable(installation: Installation) -> None:
    endless = "have : ∀ n < 10000000, n * n ≠ 3 := by decide"
    with program(
        WAITING
        + f"""
with Lean() as lean, lean.open(COMMUTES) as session:
    try:
        print("open", flush=True)
        while True:
            session.run(session.initial, {endless!r}, effort=1000)
    except KeyboardInterrupt:
        print(type(session.run(session.initial, "omega")).__name__, flush=True)
print(leans())
"""
    ) as process:
        assert line(process) == "open"
        process.send_signal(signal.SIGINT)
        assert line(process) == "Closed"
        assert line(process) == "[]"
        assert process.wait() == 0


@pytest.mark.parametrize(
    "ending", ["", "raise SystemExit(3)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_program_that_ends_without_closing_leaves_nothing(ending: str, installation: Installation) -> None:
    code = f"""
lean = Lean()
session = lean.open(COMMUTES)
print("open", flush=True)
input()
{ending}
"""
    with program(WAITING + code) as process:
        assert line(process) == "open"
        children = leans(process.pid)
        assert children
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("\n")
        process.stdin.flush()
        said = process.stderr.read()
        assert process.wait() == {"": 0, "raise SystemExit(3)": 3}.get(ending, -signal.SIGKILL)
        assert said == ""
        assert gone(children)


def test_other_process_is_told_that_it_needs_its_own(installation: Installation) -> None:
    with program(
        WAITING
        + """
import os, warnings
warnings.simplefilter("ignore")
lean = Lean(policy="scripted:omega")
print(lean.prove(COMMUTES).proved, flush=True)
child = os.fork()
if child == 0:
    try:
        lean.prove(COMMUTES)
    except RuntimeError as error:
        print(error, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(lean.prove(COMMUTES).proved)
"""
    ) as process:
        assert line(process) == "True"
        assert "another process" in line(process)
        assert line(process) == "True"
