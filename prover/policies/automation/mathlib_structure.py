"""Steps that take a goal and its hypotheses apart, and inductions, in Mathlib's words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from prover.environments.syntax.lean.states import head_of
from prover.environments.syntax.lean.tokens import Token, tokens
from prover.policies.automation.mathlib_goals import NATURAL, MathlibGoal

MOST_PARTS = 6
_CONNECTIVES = frozenset({"∧", "∨", "¬", "↔", "→"})
_SETS = frozenset({"∪", "∩", "⋃", "⋂", "ᶜ", "\\", "Set", "Finset"})


def structure_steps(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    """Yield steps by the connectives of the target and of the hypotheses."""
    yield from _target(goal)
    yield from _hypotheses(goal)
    yield from _inductions(goal)


def _target(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    words = {token.text for token in tokens(goal.target)}
    if _CONNECTIVES & {token.text for token in tokens(goal.text)}:
        yield "tauto", 0.06
    match goal.head:
        case "→":
            yield "intros", 0.10
            yield "rintro", 0.005
        case "And" | "Iff":
            yield "constructor", 0.12
            yield "constructor <;> norm_num", 0.02
            yield "constructor <;> linarith", 0.02
            yield "constructor <;> intro h <;> simp_all", 0.01
        case "Or":
            yield "left", 0.03
            yield "right", 0.03
        case "Not" | "Ne":
            yield "push_neg", 0.02
            yield "intro h", 0.05
        case "Exists":
            for witness in ("0", "1", "2", *(name for name, _ in goal.hypotheses[-3:])):
                yield f"exact ⟨{witness}, by norm_num⟩", 0.01
                yield f"use {witness}", 0.01
        case "HasSubset.Subset":
            yield "intro x hx", 0.10
            yield "intro x hx <;> simp_all", 0.05
        case "Eq" if _SETS & words or "fun" in words:
            yield "ext x", 0.06
            yield "ext x <;> simp", 0.06
            yield "ext x <;> simp <;> tauto", 0.04
            yield "ext x <;> constructor <;> simp_all", 0.01
        case "Eq":
            yield "ext <;> simp", 0.003
            yield "congr 1", 0.003
        case _:
            pass


def _hypotheses(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    taken = {name for name, _ in goal.hypotheses}
    for name, type_ in goal.hypotheses:
        head = goal.heads[name]
        if head in {"And", "Exists", "Or"}:
            pattern = _pattern(type_, _Names(name, set(taken)))
            yield (f"rcases {name} with {pattern}" if "|" in pattern else f"obtain {pattern} := {name}"), 0.08
            if head == "Or":
                yield f"rcases {name} with {pattern} <;> simp_all", 0.03
                yield f"rcases {name} with {pattern} <;> linarith", 0.02
        elif head in {"→", "Iff"}:
            yield f"apply {name}", 0.01
            yield f"simpa using {name}", 0.008
        elif head == "Not":
            yield f"push_neg at {name}", 0.02
            yield f"exact {name} (by simp_all)", 0.004


def _inductions(goal: MathlibGoal) -> Iterator[tuple[str, float]]:
    for name in goal.variables(NATURAL)[:2]:
        weight = 0.02 if any(sign in goal.target for sign in ("∑", "∏", "^", "!", "range")) else 0.004
        sums = "Finset.sum_range_succ, Finset.prod_range_succ, pow_succ, Nat.factorial_succ"
        yield f"induction {name} <;> simp_all [{sums}] <;> ring_nf", weight
        yield f"induction {name} <;> simp_all [{sums}] <;> omega", weight
        yield f"induction {name} <;> simp_all [{sums}] <;> nlinarith", weight * 0.8
        yield f"induction {name} with | zero => simp | succ n ih => simp_all [{sums}] <;> linarith", weight * 0.5


class _Names:
    """Names for the parts of a hypothesis that nothing else has."""

    def __init__(self, stem: str, taken: set[str]) -> None:
        self._taken = taken
        self._fresh = (f"{stem}{number}" for number in itertools.count(1))

    def fresh(self) -> str:
        return next(name for name in self._fresh if name not in self._taken)

    def own(self, word: str) -> str:
        """Return a bound variable's own name, if it is free."""
        if not word.isidentifier() or word in self._taken:
            return self.fresh()
        self._taken.add(word)
        return word


def _pattern(term: str, names: _Names, left: int = MOST_PARTS) -> str:
    """Return the pattern that takes a conjunction, an existential or a disjunction apart as far as it is one."""
    head = head_of(term) if left > 0 else "term"
    match head:
        case "Exists":
            binders, _, body = _bare(term).removeprefix("∃").partition(",")
            bound = binders.partition(":")[0].replace("(", " ").split()
            variables = list(itertools.takewhile(str.isidentifier, bound))
            parts = [names.own(word) for word in variables or ["x"]]
            if len(variables) < len(bound):  # `∃ x > 0, p` has a proof of `x > 0`
                parts.append(names.fresh())
            rest = _pattern(body.strip(), names, left - 1)
            return f"⟨{', '.join([*parts, rest.removeprefix('⟨').removesuffix('⟩') if rest[0] == '⟨' else rest])}⟩"
        case "And":
            return f"⟨{', '.join(_pattern(part, names, left - 1) for part in split_at(term, '∧'))}⟩"
        case "Or":
            found = [_pattern(part, names, left - 1) for part in split_at(term, "∨")]
            return " | ".join(f"({part})" if " | " in part and part[0] != "⟨" else part for part in found)
        case _:
            return names.fresh()


def split_at(term: str, sign: str) -> list[str]:
    """Return the parts of a term between the outermost of these signs."""
    term = _bare(term)
    places = [token.start for token in tokens(term) if token.text == sign and token.depth == 0]
    return [term[a + 1 : b].strip() for a, b in itertools.pairwise([-1, *places, len(term)])]


def _bare(term: str) -> str:
    """Return a term without brackets around all of it."""
    found = tokens(term)
    while len(found) > 1 and found[0].text == "(" and _closing(found) == len(found) - 1:
        term = term.strip()[1:-1]
        found = tokens(term)
    return term.strip()


def _closing(found: list[Token]) -> int:
    return next((i for i, token in enumerate(found[1:], 1) if token.text == ")" and token.depth == 0), -1)
