"""Holes of a file: found by syntax, opened in their place, closed only by what the kernel takes."""

from __future__ import annotations

import pytest

from prover.core.proof_state import Advanced, Closed, GaveUp, Rejected, TacticOutcome
from prover.core.theorem import Theorem
from prover.environments.holes import Hole
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.file import LeanFile
from prover.errors import InvalidTheoremError


async def holes_of(lean: LeanWasmEnvironment, text: str) -> tuple[Hole, ...]:
    async with lean.open_file(Theorem.from_text(text)) as file:
        return file.holes


async def try_in(file: LeanFile, hole: Hole, tactic: str) -> TacticOutcome:
    async with file.open(hole) as session:
        (outcome,) = await session.apply(session.initial, [tactic], timeout_s=300)
        return outcome


async def outcome_of(lean: LeanWasmEnvironment, text: str, tactic: str) -> TacticOutcome:
    """The outcome of a tactic on the last hole of a file."""
    async with lean.open_file(Theorem.from_text(text)) as file:
        return await try_in(file, file.holes[-1], tactic)


async def test_holes_are_found_by_syntax_with_their_places_and_goals(lean: LeanWasmEnvironment) -> None:
    text = """/- sorry -/ -- sorry
namespace A
variable (k : Nat)
lemma a (p q : Prop) (hp : p) (hq : q) : p ∧ q ∧ k = k ∧ "sorry" = "sorry" := by
  have h : p := sorry
  refine ⟨?_, ?_, ?_, ?_⟩
  · sorry -- sorry
  · have α : q := by sorry
    exact α
  · exact rfl
  · admit
end A
"""
    holes = await holes_of(lean, text)
    assert [(hole.line, hole.column, hole.kind) for hole in holes] == [
        (5, 16, "term"), (7, 4, "tactic"), (8, 21, "tactic"), (11, 4, "tactic"),
    ]  # fmt: skip
    assert {hole.declaration for hole in holes} == {"A.a"}
    goals = [(hole.goal or "").splitlines()[-1] for hole in holes]
    assert goals == ["⊢ p", "⊢ p", "⊢ q", '⊢ "sorry" = "sorry"']
    assert "hp : p" in (holes[2].goal or "")


@pytest.mark.parametrize(
    "text",
    [
        "theorem t (n : Nat) : n = n := by sorry",
        "theorem t (n : Nat) : n = n := sorry",
        "example (n : Nat) : n = n := by\n  sorry",
        "section\nvariable (n : Nat)\ntheorem t : n = n := by sorry\nend",
        'notation "N" => Nat\ntheorem t (n : N) : n = n := sorry',
        "mutual\ntheorem a (n : Nat) : n = n := rfl\ntheorem b (n : Nat) : n = n := sorry\nend",
        "open Nat in\nset_option maxRecDepth 1000 in\ntheorem t (n : Nat) : n = n := by sorry",
        "theorem t (n : Nat) : n = n := aux n\nwhere aux (m : Nat) : m = m := by sorry",
        "theorem t (n : Nat) : n = n := match n with\n  | 0 => rfl\n  | k + 1 => sorry",
        "theorem t : (n : Nat) → n = n\n  | 0 => rfl\n  | k + 1 => by sorry",
        "theorem t (a b : Nat) : a + b = b + a := calc\n  a + b = b + a := Nat.add_comm a b\n  _ = b + a := sorry",
        "theorem t (n : Nat) : n = n ∧ True := ⟨sorry, trivial⟩",
        "theorem t (n : Nat) : n = n := by\n  cases n with\n  | zero => rfl\n  | succ k => sorry",
        "theorem t (n : Nat) : n = n := by\n  have := show n = n from sorry\n  exact this",
        "theorem t (n : Nat) : n = n := by first | (skip; sorry) | rfl",
        "structure P where\n  x : Nat\n  h : x = x\ninstance : Inhabited P where\n  default := { x := 1, h := sorry }",
        "structure P where\n  x : Nat\n  h : x = x\ndef p : P where\n  x := 1\n  h := by\n    sorry",
        "class C (α : Type _) where\n  law : ∀ x : α, x = x\ninstance {α : Type _} : C α := ⟨fun x => sorry⟩",
        "def t : {n : Nat // n = n} := ⟨3, sorry⟩",
        "def t (n : Nat) : Nat := go n\nwhere go (m : Nat) : Nat := have : m = m := sorry; m",
        "def t (n : Nat) : Nat :=\n  let rec go (m : Nat) : Nat := m\n  have : go n = go n := sorry\n  go n",
        "theorem t : ∃ n : Nat, n = 3 := by\n  refine ⟨?w, ?_⟩\n  · exact 3\n  · sorry",
        "theorem t (n : Nat) : n = n := by all_goals sorry",
        "theorem t {α : Sort _} (x : α) : x = x := by sorry",
        "theorem t (x : Nat) : x = x := by\n  let n := x + 1\n  have h : n = x + 1 := by sorry\n  rfl",
        "theorem t (xs : List Nat) : xs = xs := by\n  let ys := xs.map id\n  have h : ys = xs.map id := sorry\n  rfl",
        "theorem t {α : Type _} (x : α) : x = x := by\n  let p := (x, some [x])\n  have h : p.1 = x := by sorry\n  rfl",
        "theorem t (x : Nat) : x = x := by\n  let f := (· + x)\n  have h : (f ∘ f) 0 = f (f 0) := by sorry\n  rfl",
    ],
)  # fmt: skip
async def test_every_form_of_hole_opens_and_closes(lean: LeanWasmEnvironment, text: str) -> None:
    async with lean.open_file(Theorem.from_text(text)) as file:
        (hole,) = file.holes
        assert hole.obstacle is None
        assert isinstance(await try_in(file, hole, "rfl"), Closed)
        filling = "rfl" if hole.kind == "tactic" else "(by rfl)"
        trial = await file.fits([(hole.number, filling)])
        assert (trial.problem, trial.sorries) == (None, 0)


async def test_hole_below_a_local_definition_is_closed_by_what_unfolds_it(lean: LeanWasmEnvironment) -> None:
    text = "theorem t (x : Nat) (h : x > 3) : x > 1 := by\n  let n := 2 * x\n  have hn : n > 6 := by sorry\n  omega"
    assert isinstance(await outcome_of(lean, text, "omega"), Closed)
    assert isinstance(await outcome_of(lean, text.replace("> 6", "> 7"), "omega"), Closed)
    assert isinstance(await outcome_of(lean, text.replace("> 6", "> 9"), "omega"), Rejected)


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        ("def f : Nat := sorry", "data"),
        ("example : Nat := by sorry", "data"),
        ("theorem t : ∃ n : Nat, n = 3 := ⟨3, rfl⟩\n#check (sorry : Nat)", "in no proof"),
        ("macro \"todo\" : tactic => `(tactic| sorry)", "in no proof"),
        ('notation "todo" => sorry', "in no proof"),
        ("theorem t : True := by first | trivial | sorry", "never elaborates"),
        ("theorem t : ∃ n : Nat, n = 3 := ⟨sorry, sorry⟩", "mentions another"),
    ],
)  # fmt: skip
async def test_what_is_no_proof_says_so(lean: LeanWasmEnvironment, text: str, obstacle: str) -> None:
    assert obstacle in ((await holes_of(lean, text))[-1].obstacle or "")


@pytest.mark.parametrize(
    ("text", "tactic"),
    [
        ("theorem t : 1 = 2 := by sorry", "sorry"),
        ("theorem t : 1 = 2 := by sorry", "exact sorry"),
        ("theorem t : 1 = 2 := by sorry", "exact sorryAx _"),
        ("theorem t : 1 = 2 := by sorry", "exact t"),
        ("theorem t : 1 = 2 := sorry", "first | exact t | simp"),
        ("macro \"omega\" : tactic => `(tactic| sorry)\ntheorem t : 1 = 2 := by sorry", "omega"),
        ("axiom oops : 1 = 2\ntheorem t : 1 = 2 := by sorry", "exact oops"),
        ("theorem t : 10 ^ 5 % 7 = 4 := by sorry", "native_decide"),
        ("theorem t : 10 ^ 5 % 7 = 5 := by sorry", "native_decide"),
        ("theorem t : 1 = 2 := by\n  have h : 1 = 1 := rfl\n  sorry", "have := sorryAx (1 = 2) true; assumption"),
        ("theorem t : 1 = 1 := by sorry", "rfl\n\ntheorem evil : 1 = 2 := sorry"),
        ("theorem t : 1 = 1 := by sorry", "rfl /-"),
        ("theorem a : 1 = 1 ∧ 1 = 2 := by\n  constructor\n  rfl\n  sorry", "skip; exact a.2"),
    ],
)  # fmt: skip
async def test_nothing_false_or_borrowed_closes_a_hole(lean: LeanWasmEnvironment, text: str, tactic: str) -> None:
    assert isinstance(await outcome_of(lean, text, tactic), Rejected | GaveUp)


async def test_a_hole_may_stand_on_another_hole_of_the_file(lean: LeanWasmEnvironment) -> None:
    text = "theorem a (n : Nat) : n + 0 = n * 1 := by sorry\ntheorem b : 3 + 0 = 3 * 1 := by sorry"
    assert isinstance(await outcome_of(lean, text, "exact a 3"), Closed)
    text = "theorem a (p : Prop) (f : p) : p := by\n  have h : p := sorry\n  sorry"
    assert isinstance(await outcome_of(lean, text, "exact h"), Closed)


async def test_only_the_first_goal_is_the_holes(lean: LeanWasmEnvironment) -> None:
    text = "theorem t (p : Prop) (h : p) : 1 = 1 ∧ p := by\n  constructor\n  sorry\n  sorry"
    async with lean.open_file(Theorem.from_text(text)) as file:
        first, second = file.holes
        async with file.open(first) as session:
            assert [goal.text.splitlines()[-1] for goal in session.initial.goals] == ["⊢ 1 = 1"]
        assert isinstance(await try_in(file, second, "assumption"), Closed)


@pytest.mark.parametrize(
    ("text", "filling", "problem"),
    [
        ("theorem t : 1 = 1 := by sorry", "simp -- and more", None),
        ("theorem t : 1 = 1 := by (sorry)", "rfl -- and more", "expected ')'"),
        ("theorem t : 1 = 1 := by sorry", "rfl\ntheorem u : 1 = 1 := rfl", "read in another way"),
        ("theorem t : True ∧ True := by first | exact ⟨sorry, trivial⟩ | trivial", "by trivial", None),
        ("theorem t : True := id sorry |> id", "by trivial", "read in another way"),
        ("theorem t : True := by sorry; done", "first | trivial", "read in another way"),
        ("theorem t : True ∧ True := by constructor <;> sorry", "trivial; done", "read in another way"),
        ("theorem t : 1 = 2 := by sorry", "rfl", "rfl"),
        ("theorem t : 1 = 1 := by sorry\ntheorem u : 1 = 1 := rfl", "rfl /-", "unterminated comment"),
    ],
)  # fmt: skip
async def test_a_filling_fits_or_not(lean: LeanWasmEnvironment, text: str, filling: str, problem: str | None) -> None:
    async with lean.open_file(Theorem.from_text(text)) as file:
        trial = await file.fits([(0, filling)])
        assert (problem is None) == (trial.problem is None), trial
        assert problem is None or problem in (trial.problem or "")


async def test_a_lost_instance_is_made_good(lean: LeanWasmEnvironment) -> None:
    text = "theorem a : 1 = 1 := by sorry\ntheorem b (p q : Prop) (hp : p) (hq : q) : p ∧ q := by sorry"
    async with lean.open_file(Theorem.from_text(text)) as file, file.open(file.holes[1]) as session:
        (outcome,) = await session.apply(session.initial, ["constructor"], timeout_s=300)
        assert isinstance(outcome, Advanced)
        slow = "exact absurd (show 10 ^ 100000000 = 1 by decide) (by simp)"
        await session.apply(session.initial, [slow], timeout_s=1)
        (outcome,) = await session.apply(outcome.state, ["all_goals assumption"], timeout_s=300)
        assert isinstance(outcome, Closed)
        assert (await file.fits([(1, "exact ⟨hp, hq⟩")])).problem is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("theorem t : 1 = := by sorry", "unexpected token"),
        ("theorem t : foo 1 := by sorry", "foo"),
        ("theorem t : 1 = 2 := by rfl\ntheorem u : 1 = 1 := by sorry", "rfl"),
        ("import Mathlib\ntheorem t : 1 = 1 := by sorry", "no module Mathlib"),
    ],
)
async def test_a_file_with_errors_is_refused(lean: LeanWasmEnvironment, text: str, says: str) -> None:
    with pytest.raises(InvalidTheoremError) as error:
        await holes_of(lean, text)
    assert says in error.value.reason + " ".join(message.text for message in error.value.messages)
