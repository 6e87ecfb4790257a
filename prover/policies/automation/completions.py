"""What can follow the beginning of a tactic: forms of common tactics over a goal's hypotheses, from its printed text.

For someone who has typed `exact` or `rw [` and wants to see how it goes on. Weights only order them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from prover.environments.syntax.lean.states import PrintedGoal, head_of, printed_goal

CLOSERS = ("simp_all", "omega", "grind", "simp", "decide", "assumption", "rfl")
WITH_FACTS = ("simp", "simp_all", "grind", "simp only", "linarith", "nlinarith", "norm_num", "field_simp", "aesop")
INTRODUCTIONS = {
    "And": ("And.intro",),
    "Or": ("Or.inl", "Or.inr"),
    "Iff": ("Iff.intro",),
    "Exists": ("Exists.intro",),
    "Eq": ("Eq.symm", "congrArg"),
    "LE.le": ("Nat.le_of_lt", "le_of_lt", "le_trans"),
    "LT.lt": ("lt_of_le_of_lt", "lt_of_lt_of_le"),
    "Not": ("fun h => absurd h",),
}
PARTS = {"And": (".1", ".2"), "Iff": (".mp", ".mpr", ".symm"), "Eq": (".symm",), "Ne": (".symm",)}
MOST = 12
"""Hypotheses, the last ones first: they are what a proof has just made."""
_TYPE = re.compile(r"(?:Type|Sort|Prop)\b.*")
_DATA = re.compile(r"[ℕℤℚℝℂ]|(?:Nat|Int|Rat|Bool|Fin|List|Option|String|Char)\b[^=<>≤≥∧∨↔∣∈]*")


def completions(prefix: str, text: str) -> list[tuple[str, float]]:
    """Return tactics that begin with `prefix` at a printed goal, each with a weight, the likeliest first."""
    goal = printed_goal(text)
    if goal is None or not prefix:
        return []
    best: dict[str, float] = {}
    for tactic, weight in _forms(goal):
        if tactic.startswith(prefix):
            best[tactic] = max(weight, best.get(tactic, 0.0))
    return sorted(best.items(), key=lambda entry: -entry[1])


def _forms(goal: PrintedGoal) -> Iterator[tuple[str, float]]:
    names = list(reversed(goal.hypotheses))[:MOST]
    facts = [(name, type_) for name, type_ in names if not _TYPE.fullmatch(type_) and not _DATA.fullmatch(type_)]
    data = [name for name, type_ in names if _DATA.fullmatch(type_)]
    yield from _exact(goal, facts)
    yield from _apply(goal, facts)
    yield from _rewrite(facts)
    yield from _with_facts(facts)
    yield from _by_cases(facts, data)
    yield from _steps(goal, facts)


def _exact(goal: PrintedGoal, facts: list[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    for name, type_ in facts:
        yield f"exact {name}", 0.5 if type_ == goal.target else 0.1
        for part in _parts(type_):
            yield f"exact {name}{part}", 0.09
    for a, _ in facts:
        for b, _ in facts:
            if head_of(goal.target) == "And" and a != b:
                yield f"exact ⟨{a}, {b}⟩", 0.08
    yield "exact rfl", 0.07
    for number, closer in enumerate(CLOSERS):
        yield f"exact by {closer}", 0.06 - 0.004 * number
    yield "exact?", 0.03


def _parts(type_: str) -> tuple[str, ...]:
    """What a fact has that is said with a dot."""
    return PARTS.get(head_of(type_), ())


def _apply(goal: PrintedGoal, facts: list[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    for name, type_ in facts:
        yield f"apply {name}", 0.2 if head_of(type_) == "→" else 0.06
        yield f"refine {name} ?_", 0.1 if head_of(type_) == "→" else 0.02
    for name in INTRODUCTIONS.get(head_of(goal.target), ()):
        yield f"apply {name}", 0.1
    if head_of(goal.target) in {"And", "Iff"}:
        yield "refine ⟨?_, ?_⟩", 0.2
    yield "apply?", 0.02


def _rewrite(facts: list[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    equations = [name for name, type_ in facts if head_of(type_) in {"Eq", "Iff", "→"}]
    for name in equations:
        yield f"rw [{name}]", 0.2
        yield f"rw [← {name}]", 0.1
        for other, _ in facts:
            if other != name:
                yield f"rw [{name}] at {other}", 0.03
    yield "rw?", 0.01


def _with_facts(facts: list[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    for number, tactic in enumerate(WITH_FACTS):
        weight = 0.12 - 0.01 * number
        yield tactic, weight
        for name, _ in facts:
            yield f"{tactic} [{name}]", weight / 2
        if tactic.startswith(("simp", "norm_num", "field_simp")):
            yield f"{tactic} [*]" if tactic != "simp_all" else tactic, weight / 2
            for name, _ in facts:
                yield f"{tactic} at {name}", weight / 4
    for tactic in (*CLOSERS, "ring", "ring_nf", "positivity", "norm_cast", "push_cast", "tauto", "contradiction"):
        yield tactic, 0.1


def _by_cases(facts: list[tuple[str, str]], data: list[str]) -> Iterator[tuple[str, float]]:
    for name in data:
        for verb, weight in (("induction", 0.1), ("cases", 0.06)):
            for closer in CLOSERS[:3]:
                yield f"{verb} {name} <;> {closer}", weight
            yield f"{verb} {name}", weight / 2
    for name, type_ in facts:
        head = head_of(type_)
        if head in {"Or", "And", "Exists", "Iff"}:
            yield f"cases {name}", 0.12
            yield f"rcases {name} with h1 | h2" if head == "Or" else f"obtain ⟨x, hx⟩ := {name}", 0.12
            yield f"cases {name} <;> simp_all", 0.12
        yield f"have := {name}", 0.03
        yield f"specialize {name}", 0.02
        yield f"revert {name}", 0.01


def _steps(goal: PrintedGoal, facts: list[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    head = head_of(goal.target)
    if head in {"→", "Not"}:
        yield "intro h", 0.3
        yield "intros", 0.1
    if head in {"And", "Iff", "Exists"}:
        yield "constructor", 0.2
    if head == "Or":
        yield "left", 0.15
        yield "right", 0.15
    yield from (("exfalso", 0.02), ("by_contra h", 0.03), ("ext", 0.02), ("funext x", 0.02), ("congr", 0.02))
    if head not in {"→", "Exists"} and len(goal.target) < 80:
        yield f"show {goal.target}", 0.01
    for name, type_ in facts:
        if head_of(type_) == "Eq":
            yield f"subst {name}", 0.05
