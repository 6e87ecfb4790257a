"""The constants that a goal mentions, told from its printed text: for goals that are known as text only."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from types import MappingProxyType

from prover.environments.syntax.lean.states import printed_goal
from prover.environments.syntax.lean.tokens import tokens

_SIGNS = """
= Eq  ≠ Ne  < LT.lt  ≤ LE.le  > GT.gt  ≥ GE.ge  ∣ Dvd.dvd  ≡ Nat.ModEq
∈ Membership.mem  ∉ Membership.mem  ⊆ HasSubset.Subset  ∪ Union.union  ∩ Inter.inter  ∅ EmptyCollection.emptyCollection
+ HAdd.hAdd  - HSub.hSub  * HMul.hMul  / HDiv.hDiv  % HMod.hMod  ^ HPow.hPow  ⁻¹ Inv.inv  • HSMul.hSMul  ! Nat.factorial
∧ And  ∨ Or  ¬ Not  ↔ Iff  ∃ Exists  ∘ Function.comp  | abs  ⊤ Top.top  ⊥ Bot.bot  ⊔ Max.max  ⊓ Min.min  ∞ Top.top
∑ Finset.sum  ∏ Finset.prod  √ Real.sqrt  π Real.pi  ⌊ Int.floor  ⌈ Int.ceil  ∫ MeasureTheory.integral  ⋃ Set.iUnion
⋂ Set.iInter  ℕ Nat  ℤ Int  ℚ Rat  ℝ Real  ℂ Complex  ++ HAppend.hAppend  :: List.cons  [] List.nil
"""
NOTATION = dict(zip(_SIGNS.split()[::2], _SIGNS.split()[1::2], strict=True))
_TWO = re.compile(r"\+\+|::|\[\]|⁻¹")
MOST_MEANINGS = 4
"""A word that more constants end in says nothing of which is meant."""


class PrintedConstants:
    """Which of a library's constants a printed text may mention."""

    def __init__(self, constants: Iterable[str]) -> None:
        self._known = frozenset(constants)
        self._ending: defaultdict[str, list[str]] = defaultdict(list)
        for constant in self._known:
            self._ending[constant.rpartition(".")[2]].append(constant)

    def of_goal(self, text: str) -> tuple[list[str], list[str]]:
        """Return the constants of the target, and those of the hypotheses."""
        printed = printed_goal(text)
        if printed is None:
            return list(self.of(text)), []
        variables = {name: self._type(type_) for name, type_ in printed.hypotheses}
        types = " ; ".join(type_ for _, type_ in printed.hypotheses)
        return list(self.of(printed.target, variables)), list(self.of(types, variables))

    def of(self, text: str, variables: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
        """Yield the constants of a term. `variables`: names that are none, with the constants of their types."""
        yield from (NOTATION[symbol] for symbol in _TWO.findall(text))
        for token in tokens(_TWO.sub(" ", text)):
            if token.kind == "word":
                yield from self._named(token.text, variables)
            elif token.text in NOTATION:
                yield NOTATION[token.text]

    def _named(self, word: str, variables: Mapping[str, str]) -> Iterator[str]:
        first, dot, rest = word.partition(".")
        if word in NOTATION:
            yield NOTATION[word]
        elif first in variables:  # `p.Prime` is `Nat.Prime p`
            yield from self._meant(rest, {variables[first]}) if dot else ()
        elif word in self._known:
            yield word
        else:
            yield from self._meant(word, set(variables.values()))

    def _meant(self, word: str, types: Set[str]) -> Iterator[str]:
        """Yield what a word without its namespace may be; best a function of these types."""
        last = word.rpartition(".")[2]
        operation = f"{last[:1].upper()}{last[1:]}.{last}"  # `min` is `Min.min`
        found = self._ending.get(last, ())
        if ours := [constant for constant in found if constant.rpartition(".")[0] in types]:
            yield from sorted(ours)
        elif operation in self._known:
            yield operation
        elif len(found) <= MOST_MEANINGS:
            yield from sorted(found)

    def _type(self, printed: str) -> str:
        """Return the constant that a printed type begins with: `List` of `List α`, `Nat` of `ℕ`."""
        word = next((token.text for token in tokens(printed) if token.kind == "word"), "")
        return NOTATION.get(word, word)
