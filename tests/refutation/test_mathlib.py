"""What a project with Mathlib suggests is read, and used only where it is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from prover.core.proof_state import Advanced, GaveUp, Goal, ProofState, Rejected, TacticOutcome
from prover.core.theorem import Theorem
from prover.environments.environment import OpenedTheorem
from prover.refutation.mathlib import (
    PLAUSIBLE,
    has_libraries,
    instance_from,
    plausible_values,
    steps_known_to,
    suggested_by_plausible,
)
from prover.refutation.types import read_type
from prover.refutation.variables import Kind, Variable

STATE = ProofState((Goal("⊢ False"),))


def found(*lines: str) -> str:
    return "\n".join(("", "=" * 19, "Found a counter-example!", *lines, "(2 shrinks)", "-" * 19, ""))


def variable(name: str, type_: str, kind: Kind = Kind.DATA) -> tuple[Variable, Kind]:
    return Variable(name, type_, read_type(type_)), kind


class Answering:
    """A session that answers by a word of the tactic."""

    counts_effort = False
    initial = STATE
    theorem = OpenedTheorem("t", "", "")

    def __init__(self, **answers: TacticOutcome) -> None:
        self.answers = answers

    async def apply(self, state: ProofState, tactics: Sequence[str], **limits: Any) -> list[TacticOutcome]:
        return [next((o for word, o in self.answers.items() if word in tactic), Advanced(STATE)) for tactic in tactics]

    def release(self, states: Iterable[ProofState]) -> None:
        pass


@pytest.mark.parametrize(
    ("message", "values"),
    [
        (found("x := 104", "guard: ⋯", "issue: 104 < 100 does not hold"), {"x": "104"}),
        (found("a := -3", "xs := [0, 2]", "guard: 0 ≤ 4", "issue: False does not hold"), {"a": "-3", "xs": "[0, 2]"}),
        ("Failed to create a `testable` instance for `x := 3`", {}),
        (found("issue: 2 = 3 does not hold"), {}),
    ],
)
def test_values_of_a_message(message: str, values: dict[str, str]) -> None:
    assert plausible_values(message) == values


def test_instance_has_a_value_for_everything_but_proofs() -> None:
    kinds = [
        variable("α", "Type"),
        variable("inst", "DecidableEq α", Kind.INSTANCE),
        variable("a", "ℤ"),
        variable("h", "a < 0", Kind.PROOF),
        variable("b", "ℕ"),
    ]
    instance = instance_from(found('α := "ℤ"', "a := -3", "guard: -3 < 0", "b := 2", "issue: x"), kinds)
    assert instance is not None
    assert instance.arguments == ("ℤ", "inferInstance", "(-3)", "", "2")
    assert instance.values == {"α": "ℤ", "a": "(-3)", "b": "2"}
    assert instance_from(found("a := -3"), kinds) is None


async def test_only_steps_that_can_be_read_are_taken() -> None:
    nobody = Rejected("<input>:1:20: unknown tactic")
    assert await steps_known_to(Answering(norm_num=nobody, push_neg=nobody)) == ("intro h; linarith",)
    assert "norm_num" in await steps_known_to(Answering())


async def test_plausible_may_be_missing_or_find_nothing() -> None:
    kinds = [variable("n", "ℕ")]
    (instance,) = await suggested_by_plausible(Answering(plausible=Rejected(found("n := 7"))), kinds)
    assert instance.values == {"n": "7"}
    for outcome in (Rejected("unknown tactic"), GaveUp("the proof uses sorry")):
        assert await suggested_by_plausible(Answering(plausible=outcome), kinds) == []
    assert "randomSeed" in PLAUSIBLE  # the same answer every time


@pytest.mark.parametrize(("imports", "more"), [("", False), ("import Mathlib\n", True), ("import Mine.Basic\n", True)])
def test_libraries(imports: str, more: bool) -> None:
    assert has_libraries(Theorem.from_text(f"{imports}theorem t : 1 = 1")) is more
