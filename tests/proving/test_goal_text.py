from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidTheoremError
from prover.proving.goal_text import INACCESSIBLE, as_printed, header_of_context, renamed, theorem_of_goal

READ_BACK = [
    "⊢ 1 + 1 = 2",
    "a b : Nat\nh : a ≤ b\n⊢ a < b + 1",
    "p q : Prop\nhp : p\nhq : q\n⊢ p ∧ q",
    "α : Type u_1\ninst✝ : BEq α\nx✝ : α\nl : List α\n⊢ x✝ ∈ x✝ :: l",
    "n : Nat\nh : n = 1 ∧\n    n ≠ 2\n⊢ n = 1",
    "f : Nat → Nat\nh : ∀ (x : Nat), f x = x\nx✝¹ x✝ : Nat\n⊢ f x✝¹ + x✝ = x✝¹ + x✝",
]


@pytest.mark.parametrize("state", READ_BACK)
async def test_what_lean_prints_is_read_back_as_the_same_goal(lean: LeanWasmEnvironment, state: str) -> None:
    async with lean.open(theorem_of_goal(state)) as session:
        (goal,) = session.initial.goals
        # Long lines are broken elsewhere, and what no name can say comes back by a name.
        assert as_printed(goal.text).split() == state.split()


async def test_goals_that_lean_itself_prints_come_back(lean: LeanWasmEnvironment) -> None:
    theorem = Theorem.from_text("theorem t (l : List Nat) (h : ∃ n, n ∈ l ∧ 3 < n) : l ≠ [] ∧ l.length ≠ 0")
    async with lean.open(theorem) as session:
        (outcome,) = await session.apply(session.initial, ["cases h; constructor"], timeout_s=10)
        state = getattr(outcome, "state")  # noqa: B009  # any other outcome has none
        assert "✝" in state.text
        assert len(state.goals) == 2
    async with lean.open(theorem_of_goal(state.text)) as session:
        assert as_printed(session.initial.goals[0].text) == state.goals[0].text.removeprefix("case left\n").replace(
            "case intro.left\n", ""
        )


def test_the_header_stands_in_front_and_its_imports_first() -> None:
    theorem = theorem_of_goal("⊢ twice 1 = 2", header="import Std\n\ndef twice (n : Nat) := n + n")
    assert theorem.imports == ("Std",)
    assert theorem.body.index("def twice") < theorem.body.index("example")


@pytest.mark.parametrize("state", ["", "no goals", "n : Nat\nn = n", "case h\n", "⊢ \x00", "x" * 200_000 + "\n⊢ True"])
def test_what_is_no_goal_is_bad_input(state: str) -> None:
    with pytest.raises(InvalidTheoremError):
        theorem_of_goal(state)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        theorem = theorem_of_goal(text)
    except InvalidTheoremError:
        return
    assert "⊢" in text
    assert "example" in theorem.source


@given(st.from_regex(r"[a-z][\w']{0,5}✝[¹²³]?", fullmatch=True))
def test_inaccessible_names_come_back_as_printed(name: str) -> None:
    source = theorem_of_goal(f"⊢ {name} = 1").source
    assert INACCESSIBLE in source
    assert as_printed(source).endswith(f": {name} = 1")


def test_context_ends_before_the_declaration_of_the_cursor() -> None:
    context = "def f := 1\n\n@[simp] private theorem t : f = 1 := by\n  have : True := trivial\n  "
    assert header_of_context(context) == "def f := 1\n\n"
    assert header_of_context("no declaration") == ""


async def test_rename_i_takes_the_names_that_we_gave(lean: LeanWasmEnvironment) -> None:
    theorem = Theorem.from_text("theorem t (α : Type) [BEq α] (f : Nat → Nat) : ∀ x y, x ≤ y → f x = x → x < 3 → y ≤ x")
    async with lean.open(theorem) as session:
        (outcome,) = await session.apply(session.initial, ["intros x _ h"], timeout_s=10)
        state = getattr(outcome, "state")  # noqa: B009
        names = renamed(theorem_of_goal(state.text))
        assert len(names) == state.text.split("⊢")[0].count("✝ :") >= 2
        (after,) = await session.apply(state, [f"rename_i {' '.join(names)}"], timeout_s=10)
    (goal,) = getattr(after, "state").goals  # noqa: B009
    assert "✝" not in goal.text
    assert all(f"{name} : " in goal.text for name in names)
