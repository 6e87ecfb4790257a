"""Without lean_dojo: a library of the same shape whose Dojo hangs and crashes when it is told to."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Any

import pytest

from prover.core.proof_state import Advanced, Closed, GaveUp, Rejected, TimedOut
from prover.core.theorem import Theorem
from prover.environments.lean_dojo.environment import LeanDojoEnvironment
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError

NAMED = Theorem.from_text("Mine/Test.lean::t")


@dataclass(frozen=True)
class TacticState:
    pp: str
    id: int


@dataclass(frozen=True)
class LeanError:
    error: str


class ProofFinished: ...


class ProofGivenUp: ...


class DojoInitError(Exception): ...


class DojoTacticTimeoutError(Exception): ...


class DojoCrashError(Exception):
    is_out_of_memory = False


class OutOfMemoryError(DojoCrashError):
    is_out_of_memory = True


class Dojo:
    """Adds the names of tactics to the goal. Every entering is noted, and every leaving."""

    entered: list[Dojo]
    broken = False

    def __init__(self, entry: Any, timeout: int) -> None:
        self.proc = types.SimpleNamespace(timeout=timeout)
        self.left = False
        self.states: list[TacticState] = []
        self.tactics: list[str] = []

    def __enter__(self) -> tuple[Dojo, TacticState]:
        if self.broken:
            raise DojoInitError("no such theorem")
        self.entered.append(self)
        return self, self.state("⊢ t")

    def __exit__(self, *_: object) -> None:
        self.left = True

    def state(self, printed: str) -> TacticState:
        self.states.append(TacticState(printed, len(self.states)))
        return self.states[-1]

    def run_tac(self, at: TacticState, tactic: str) -> object:
        assert at in self.states
        assert not self.left
        self.tactics.append(tactic)
        match tactic:
            case "finish":
                return ProofFinished()
            case "give_up":
                return ProofGivenUp()
            case "fail":
                return LeanError("it fails")
            case "hang":
                raise DojoTacticTimeoutError
            case "crash":
                raise DojoCrashError
            case "eat":
                raise OutOfMemoryError
        return self.state(f"{at.pp} {tactic}")


@pytest.fixture
def dojo(monkeypatch: pytest.MonkeyPatch) -> type[Dojo]:
    monkeypatch.setattr(Dojo, "entered", [], raising=False)
    return Dojo


@pytest.fixture
def environment(dojo: type[Dojo]) -> LeanDojoEnvironment:
    kinds = [TacticState, LeanError, ProofFinished, ProofGivenUp, DojoInitError, DojoTacticTimeoutError, DojoCrashError]
    names = {kind.__name__: kind for kind in kinds}
    api = types.SimpleNamespace(**names, Dojo=dojo, LeanGitRepo=lambda *_: None, Theorem=lambda *_: None)
    return LeanDojoEnvironment("https://example.org/mine", "0" * 40, api=api)


async def test_results_are_outcomes(environment: LeanDojoEnvironment, dojo: type[Dojo]) -> None:
    async with environment.open(NAMED) as session:
        outcomes = await session.apply(
            session.initial, ["intro x", "fail", "give_up", "exact sorry", "finish", "fail"], timeout_s=60
        )
        assert [type(outcome) for outcome in outcomes] == [Advanced, Rejected, GaveUp, GaveUp, Closed]
    (only,) = dojo.entered
    assert only.left
    assert "exact sorry" not in only.tactics


@pytest.mark.parametrize("tactic", ["hang", "crash", "eat"])
async def test_lost_dojo_is_left_and_another_is_entered(
    environment: LeanDojoEnvironment, dojo: type[Dojo], tactic: str
) -> None:
    async with environment.open(NAMED) as session:
        (first,) = await session.apply(session.initial, ["intro x"], timeout_s=60)
        assert isinstance(first, Advanced)
        lost, second = await session.apply(first.state, [tactic, "intro y"], timeout_s=60)
    assert isinstance(second, Advanced)
    assert second.state.text == "⊢ t intro x intro y"
    assert isinstance(lost, Rejected if tactic == "crash" else TimedOut)
    assert [one.tactics for one in dojo.entered] == (
        [["intro x", tactic], ["intro x", tactic], ["intro x", "intro y"]]
        if tactic == "crash"  # it is tried twice
        else [["intro x", tactic], ["intro x", "intro y"]]
    )
    assert all(one.left for one in dojo.entered)


async def test_several_lines_are_one_tactic_and_lines_that_are_too_long_are_not_sent(
    environment: LeanDojoEnvironment, dojo: type[Dojo]
) -> None:
    async with environment.open(NAMED) as session:
        _, long = await session.apply(session.initial, ["intro x\nintro y", "exact " + "x" * 5000], timeout_s=60)
    assert isinstance(long, Rejected)
    assert dojo.entered[0].tactics == ["(\nintro x\nintro y\n)"]


async def test_dojo_that_cannot_be_entered_says_why(
    environment: LeanDojoEnvironment, dojo: type[Dojo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dojo, "broken", True)
    with pytest.raises(InvalidTheoremError, match="no such theorem"):
        async with environment.open(NAMED):
            pass
    monkeypatch.setattr(dojo, "__enter__", None)
    with pytest.raises(EnvironmentUnavailableError, match="does not start"):
        async with environment.open(NAMED):
            pass
