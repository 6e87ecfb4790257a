"""What Mathlib's tactics look at in a goal, read from its printed text alone: for goals of any Lean, a client's too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from prover.environments.syntax.lean.states import head_of, printed_goal

NATURAL, INTEGER = frozenset({"ℕ", "Nat"}), frozenset({"ℤ", "Int"})
REAL = frozenset({"ℝ", "Real", "ℚ", "Rat", "NNReal", "ℝ≥0"})
NUMBERS = NATURAL | INTEGER | REAL | {"ℂ", "Complex"}
ORDERS = frozenset({"LT.lt", "LE.le", "GT.gt", "GE.ge"})
RELATIONS = ORDERS | {"Eq", "Ne"}
_FINITE = re.compile(r"(Fin \d+|Bool|ZMod \d+)")
_MEMBER = re.compile(r"∈ (\{|Finset\.(Icc|Ico|Ioc|Ioo|range)\b|\[)")


@dataclass(frozen=True)
class MathlibGoal:
    """A goal: names with their types as printed, the target and its head symbol."""

    hypotheses: tuple[tuple[str, str], ...]
    target: str

    @classmethod
    def read(cls, text: str) -> MathlibGoal | None:
        """Read a printed goal; None if it has no target."""
        printed = printed_goal(text)
        return None if printed is None else cls(printed.hypotheses, printed.target)

    @cached_property
    def head(self) -> str:
        """The head symbol of the target, see `head_of`."""
        return head_of(self.target)

    @cached_property
    def heads(self) -> dict[str, str]:
        """The head symbol of each hypothesis' type."""
        return {name: head_of(type_) for name, type_ in self.hypotheses}

    @cached_property
    def text(self) -> str:
        """All types and the target."""
        return "\n".join([*(type_ for _, type_ in self.hypotheses), self.target])

    def variables(self, types: frozenset[str]) -> list[str]:
        """Return the variables of one of these types."""
        return [name for name, type_ in self.hypotheses if type_ in types]

    def facts(self, heads: frozenset[str]) -> list[str]:
        """Return the hypotheses whose head is one of these."""
        return [name for name, head in self.heads.items() if head in heads]

    @cached_property
    def numeric(self) -> bool:
        """Is anything in it about numbers?"""
        typed = bool(self.variables(NUMBERS)) or any(f": {type_}" in self.text for type_ in NUMBERS)
        return typed or re.search(r"[+*^/%]|(?<!\w)\d", self.target) is not None

    @cached_property
    def positive(self) -> list[str]:
        """Terms that prove that something is positive: of variables, and of differences."""
        found = []
        for name, type_ in self.hypotheses:
            if re.match(r"0 < |.* > 0$", type_) and self.heads[name] in ORDERS:
                found.append(name)
            elif self.heads[name] in {"LT.lt", "GT.gt"}:
                found.append(f"(sub_pos.mpr {name})")
        return found

    @cached_property
    def nonnegative(self) -> list[str]:
        """The same of what is not negative."""
        found = []
        for name, type_ in self.hypotheses:
            if re.match(r"0 ≤ |.* ≥ 0$", type_):
                found.append(name)
            elif self.heads[name] in {"LE.le", "GE.ge"}:
                found.append(f"(sub_nonneg.mpr {name})")
        return found

    @cached_property
    def bounded(self) -> list[str]:
        """Natural numbers and integers with numerals for bounds in sight; a natural number needs no lower one."""
        facts = "\n".join(type_ for name, type_ in self.hypotheses if self.heads[name] in ORDERS | {"And"})
        found = []
        for name in self.variables(NATURAL | INTEGER):
            word = rf"(?<![\w.]){re.escape(name)}(?![\w.'])"
            above = re.search(rf"{word} [<≤] \d|\d [>≥] {word}", facts)
            below = re.search(rf"(?:^|[\s(])-?\d+ [<≤] {word}|{word} [>≥] -?\d", facts)
            if above and (below or name in self.variables(NATURAL)):
                found.append(name)
        return found

    @cached_property
    def finite(self) -> list[str]:
        """Variables of a type with few values, and memberships in a set that is written down."""
        return [name for name, type_ in self.hypotheses if _FINITE.fullmatch(type_) or _MEMBER.search(type_)]
