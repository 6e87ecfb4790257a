"""Texts of tactics: taken apart, with something left out, laid out; and what Lean suggests."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.environments.syntax.lean.tokens import words
from prover.errors import Message
from prover.proving.shortening.answers import answered, answers, searches
from prover.proving.shortening.closers import CLOSERS, simpler_than
from prover.proving.shortening.layout import WIDTH, laid_out
from prover.proving.shortening.lines import wrapped
from prover.proving.shortening.simpler import simpler
from prover.proving.shortening.steps import steps
from prover.proving.shortening.trials import KnownOutcomes, Trials
from tests.proving.shortening.facts import FactsSession

LONG = (
    "have key : ((List.range 7).all fun (k : Nat) => decide (((-3) ≤ (-3 + (k : Int))) ∧ ((-3 + (k : Int)) ≤ 3) ∧ "
    "(¬(((-3 + (k : Int)) * (-3 + (k : Int))) ≤ 9)) → False)) = true := by decide +kernel",
    "rcases (by omega : x % 4 = 0 ∨ x % 4 = 1 ∨ x % 4 = 2 ∨ x % 4 = 3) with hr|hr|hr|hr <;> simp_all [Int.pow_succ, "
    "Int.add_emod, Int.sub_emod, Int.mul_emod, Int.dvd_iff_emod_eq_zero]",
    "have b : x ≤ 3 := by first | omega | ((try have := Int.mul_pos (a := x) (b := x) (by omega) (by omega)); "
    "(try have := Int.mul_nonneg (a := x) (b := x) (by omega) (by omega)); omega) | grind",
    "simp_all [" + ", ".join(f"Some.Very.Long.Name.of_lemma_{n}" for n in range(12)) + "]",
    "have : " + " ∨ ".join(f"(a % 4 = {n} ∧ a * a % 4 = {n * n % 4})" for n in range(4)) + " := by\n  omega",
    "exact key k (by omega) ⟨" + ", ".join(f"hypothesis_{n}" for n in range(20)) + "⟩",
)


# ---- laid out ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("tactic", LONG)
@pytest.mark.parametrize("width", [60, 80, WIDTH])
def test_no_line_is_too_long_and_no_word_is_lost(tactic: str, width: int) -> None:
    lines = wrapped(tactic, width).split("\n")
    assert max(map(len, lines)) <= width
    assert all(line == line.rstrip() and line.strip() for line in lines)
    assert not any(line.startswith(" ") for line in lines[:1])
    kept = [word for word in words("\n".join(lines)) if word not in {";", "|"}]
    assert kept == [word for word in words(tactic) if word not in {";", "|"}]


def test_line_that_fits_stays_as_it_is() -> None:
    for tactic in ("simp", "have h : a = b := by\n  simp\n  omega", 'exact f "' + "x " * 40 + '"'):
        assert wrapped(tactic, WIDTH) == tactic


def test_text_without_a_place_to_break_it_is_not_broken() -> None:
    assert wrapped("x" * 200, WIDTH) == "x" * 200
    quoted = f'exact f "{"x " * 100}"'
    assert wrapped(quoted, WIDTH).split() == quoted.split()
    assert '"x x' in wrapped(quoted, WIDTH)


def test_block_of_tactics_begins_in_one_column() -> None:
    assert wrapped("have h : x = y := by first | omega | (intro a; (try simp); omega)", 30) == (
        "have h : x = y := by\n  first\n    | omega\n    | (intro a\n       (try simp)\n       omega)"
    )


async def test_each_of_several_goals_has_a_bullet() -> None:
    session = FactsSession("one+two+easy")
    trials = Trials(session, KnownOutcomes(), effort=math.inf, timeout_s=1)
    found = ["have a", "split", "use one [a]", "have b", "use two [a, b]", "skip", "grind"]
    proof = await trials.prove(session.initial, found, most=math.inf)
    assert proof is not None
    assert "\n".join(laid_out(proof)) == ("have a\nsplit\n· use one [a]\n· have b\n  use two [a, b]\n· skip\n  grind")
    assert steps(laid_out(proof)) == tuple(found)


# ---- taken apart -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("block", "found"),
    [
        (
            "intro a\nhave b : c := by\n  simp\n  omega\ngrind",
            ["intro a", "have b : c := by\n  simp\n  omega", "grind"],
        ),
        ("cases n with\n| zero => simp\n| succ n => omega", ["cases n with\n| zero => simp\n| succ n => omega"]),
        ("simp <;>\nomega\nrfl", ["simp <;>\nomega", "rfl"]),
        ("rw [a,\nb]\nrfl", ["rw [a,\nb]", "rfl"]),
        ("split\n· intro h\n  · simp\n  · omega\n· rfl", ["split", "intro h", "simp", "omega", "rfl"]),
        ("-- why\nsimp\n-- and\nrfl", ["-- why\nsimp\n-- and", "rfl"]),
    ],
)
def test_block_is_taken_apart_where_a_tactic_begins(block: str, found: list[str]) -> None:
    assert list(steps([block])) == found


# ---- simpler -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("tactic", "among"),
    [
        ("simp_all [a, b, c, d]", ["simp_all", "simp_all [a, b]", "simp_all [c, d]", "simp_all [a, c, d]"]),
        ("simp only [a, f [b, c]] at h", ["simp only [a] at h", "simp only [f [b, c]] at h"]),
        ("grind +splitImp [a]", ["grind +splitImp", "grind [a]"]),
        ("cases n <;> simp <;> omega", ["cases n <;> simp", "cases n <;> omega", "simp <;> omega"]),
        ("have h : p := by first | omega | (simp; rfl) | grind",
         ["have h : p := by omega", "have h : p := by (simp; rfl)", "have h : p := by grind"]),
        ("(try simp); omega", ["omega", "(simp); omega"]),
        ("decide +kernel", ["decide"]),
        ("have h : p := by\n  intro x\n  have y : q := by\n    simp\n  exact k",
         ["have h : p := by\n  intro x\n  exact k", "have h : p := by grind"]),
        ("exact (f (g x))", ["exact f (g x)"]),
        ("exact f (by norm_num [a] : p)", ["exact f (by omega : p)", "exact f (by norm_num : p)"]),
    ],
)  # fmt: skip
def test_shorter_texts_are_proposed(tactic: str, among: list[str]) -> None:
    assert not set(among) - set(simpler(tactic))


WORDS = (
    "simp_all",
    "[",
    "]",
    ",",
    "a",
    "<;>",
    ";",
    "(",
    ")",
    "by",
    "|",
    "first",
    "\n",
    "\n  ",
    "try",
    "+",
    ":=",
    "⟨",
    "⟩",
)


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join) | st.text(max_size=60))
def test_proposed_texts_are_shorter_and_no_text_is_refused(text: str) -> None:
    for shorter in simpler(text):
        assert shorter
        assert shorter != text
    assert "".join("".join(steps([text])).split()).replace("·", "") == "".join(text.split()).replace("·", "")


def test_simplest_closers_come_first() -> None:
    assert CLOSERS.index("rfl") < CLOSERS.index("simp") < CLOSERS.index("omega") < CLOSERS.index("grind")
    assert simpler_than("rfl") == ()
    assert "grind" in simpler_than("exact some_lemma h")
    assert "simp_all" not in simpler_than("exact h")  # which is shorter


# ---- answers of searches -----------------------------------------------------------------------------------------
def test_suggestions_are_read_in_the_order_of_the_text() -> None:
    messages = (
        Message("info", "Try this:\n  [apply] exact Nat.le_of_lt\n    (h x)", line=9, column=2),
        Message("info", "Try this: exact h", line=3, column=2),
        Message("warning", "unused variable", line=1, column=0),
        Message("info", "Try these:\n  [apply] exact a\n  [apply] exact b\n  -- Remaining subgoals:\n  -- ⊢ p", line=5),
    )  # fmt: skip
    assert answers(messages) == ["exact h", "exact a", "exact b", "exact Nat.le_of_lt (h x)"]


def test_what_a_search_may_be_replaced_by() -> None:
    assert answered("exact?", ["exact h"]) == [("exact h",)]
    assert answered("cases x <;> exact?", ["exact a", "exact b"]) == [
        ("cases x <;> exact a",),
        ("cases x <;> exact b",),
        ("cases x", "exact a", "exact b"),
    ]
    assert answered("simp? [a]", ["simp only [b]"])[0] == ("simp [a]",)
    assert answered("exact h?.get", []) == []
    assert searches("rw? at h")
    assert not searches("refine ⟨?_, ?x⟩")
    assert not searches("exact xs[0]?")


def test_many_lines_are_left_out_by_halves_first() -> None:
    laws = [f"first | (have law_{n} : {n} = {n} := by rfl) | skip" for n in range(8)]
    found = simpler("\n".join([*laws, "grind"]))
    assert found[0] == "grind"
    assert found[1:3] == ["\n".join([*laws[4:], "grind"]), "\n".join([*laws[:4], "grind"])]
