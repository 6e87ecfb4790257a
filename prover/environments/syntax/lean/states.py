"""Goals as Lean prints them, with what can be told of their shape without Lean: enough for policies that look at it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prover.core.proof_state import Goal, Hypothesis, ProofState
from prover.environments.syntax.lean.tokens import Token, tokens

_HYPOTHESIS = re.compile(r"^(?P<names>[^\s:⊢][^:⊢\n]*?) : ", re.MULTILINE)
_TARGET = re.compile(r"^⊢ ", re.MULTILINE)
_METAVARIABLE = re.compile(r"\?([mu])\.\d+")
# Loosest first: the head of `a = b ∧ c` is that of the loosest operator outside of brackets.
_OPERATORS = (
    {"↔": "Iff"},
    {"→": "→"},
    {"∨": "Or"},
    {"∧": "And"},
    {
        "=": "Eq", "≠": "Ne", "<": "LT.lt", "≤": "LE.le", ">": "GT.gt", "≥": "GE.ge", "∣": "Dvd.dvd",
        "∈": "Membership.mem", "∉": "Not", "≡": "Nat.ModEq", "⊆": "HasSubset.Subset",
    },
    {"+": "HAdd.hAdd", "-": "HSub.hSub"},
    {"*": "HMul.hMul", "/": "HDiv.hDiv", "%": "HMod.hMod"},
    {"^": "HPow.hPow"},
)  # fmt: skip
_BINDERS = {"∀": "→", "∃": "Exists", "¬": "Not", "Type": "Sort", "Prop": "Sort", "Sort": "Sort"}
_NAMES = {"ℕ": "Nat", "ℤ": "Int", "ℚ": "Rat", "ℝ": "Real", "ℂ": "Complex"}


def state_of(texts: Sequence[str]) -> ProofState:
    """Return the state with these goals."""
    return ProofState(tuple(map(goal_of, renumbered(texts))))


def renumbered(goals: Iterable[str]) -> list[str]:
    """Return printed goals with their metavariables numbered in order: Lean's own numbers differ from run to run."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"?{found[1]}.{numbers.setdefault(found[0], len(numbers) + 1)}"

    return [_METAVARIABLE.sub(number, goal) for goal in goals]


@dataclass(frozen=True, slots=True)
class PrintedGoal:
    """A goal in its parts, as they are printed: the names that tactics can use, each with its type, and the target."""

    hypotheses: tuple[tuple[str, str], ...]
    target: str


def printed_goal(text: str) -> PrintedGoal | None:
    """Take one printed goal apart; None if it has no target."""
    target = _TARGET.search(text)
    if target is None:
        return None
    context = text[: target.start()]
    starts = list(_HYPOTHESIS.finditer(context))
    ends = [*(start.start() for start in starts[1:]), *([len(context)] if starts else [])]
    hypotheses = tuple(
        (name, " ".join(context[start.end() : end].partition(" := ")[0].split()))
        for start, end in zip(starts, ends, strict=True)
        for name in start["names"].split()
        if "✝" not in name
    )
    return PrintedGoal(hypotheses, " ".join(text[target.end() :].split()))


def goal_of(text: str) -> Goal:
    """Read one printed goal."""
    printed = printed_goal(text)
    if printed is None:
        return Goal(text)
    hypotheses = tuple(Hypothesis(name, head_of(type_)) for name, type_ in printed.hypotheses)
    return Goal(text, head_of(printed.target), hypotheses)


def head_of(term: str) -> str:
    """Return the head symbol of a printed term, as far as operators and names tell; `term` where they do not."""
    found = tokens(term)
    while len(found) > 1 and found[0].text == "(" and _closing(found) == len(found) - 1:
        found = found[1:-1]
    if not found:
        return "term"
    first, depth = found[0].text, found[0].depth
    if first in ("∀", "∃"):
        return _BINDERS[first]
    for operators in _OPERATORS:
        head = next((operators[t.text] for t in found[1:] if t.depth == depth and t.text in operators), None)
        if head:
            return head
    if head := _BINDERS.get(first) or _NAMES.get(first):
        return head
    if found[0].kind != "word":
        return "term"
    return first if first[0].isupper() else "variable" if len(found) == 1 else "term"


def _closing(found: list[Token]) -> int:
    """Number of the token that closes the bracket which the first one opens."""
    return next((i for i, t in enumerate(found[1:], start=1) if t.text == ")" and t.depth == found[0].depth), -1)
