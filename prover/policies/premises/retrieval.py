"""Library theorems that may help at a goal, and the tactics that use them.

Retrieval is by the constants that goal and theorem mention, weighted as in BM25 (Robertson and Zaragoza 2009), and by
the words in the theorem's name. Which templates pay was measured on library theorems; benchmarks/README.md has the
figures.
"""

from __future__ import annotations

import copy
import heapq
import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, Self

from prover.core.library import Library, LibrarySource
from prover.core.proof_state import Goal, RawTerm
from prover.core.theorem import Theorem
from prover.policies.premises.printed import PrintedConstants

TRANSFER = re.compile(r"([A-Z]\w*)\.(to(BitVec|Nat|Int)_inj|l[et]_iff_to\w+_l[et]|l[et]_def)")
"""Theorems that reduce a structure to what it is made of: `UInt8.toNat_inj`, `Int8.le_iff_toInt_le`."""

K1, B = 1.2, 0.6  # BM25
NAME_WEIGHT = 0.35  # of a word in a name, against a constant
HYPOTHESIS_WEIGHT = 0.4  # of a constant in a hypothesis, against one in the target
SAME_HEAD = 1.15
MOST_FACTS = 16
COMMON = 30_000
"""A word of more theorems than that, as there are in Mathlib, tells little and costs most of the time."""
REORDERED = 32
"""Number of the best premises that a learned order rearranges."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


class PremiseIndex:
    """The theorems of one library, searchable. Build it once; queries take milliseconds."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.number = {theorem.name: i for i, theorem in enumerate(library.theorems)}
        self._imported: dict[int, frozenset[int]] = {}
        self._printed: PrintedConstants | None = None
        citing: list[list[int]] = [[] for _ in library.symbols]
        named: defaultdict[str, list[int]] = defaultdict(list)
        sizes = []
        for i, theorem in enumerate(library.theorems):  # the first search waits for this
            for symbol in theorem.symbols:
                citing[symbol].append(i)
            words = name_words(theorem.name)
            for word in words:
                named[word].append(i)
            sizes.append(_size(len(theorem.symbols), words))
        mean = sum(sizes) / max(1, len(sizes))
        self._lengths = [K1 * (1 - B + B * size / mean) for size in sizes]
        self._citing = dict(zip(library.symbols, citing, strict=True))
        self._named = dict(named)
        self._postings: dict[str, list[tuple[int, float]]] = {}
        self._rarity: dict[str, float] = {}

    def _numbers(self, word: str) -> list[int]:
        """Return the numbers of the theorems that a word finds, as often as it comes in each."""
        return self._named.get(word[1:], []) if word.startswith("~") else self._citing.get(word, [])

    def _found(self, word: str) -> list[tuple[int, float]]:
        """Return the theorems that a word finds, and how much it counts in each. Few words are ever asked for."""
        if word not in self._postings:
            once, lengths = NAME_WEIGHT if word.startswith("~") else 1.0, self._lengths
            counts = ((i, once * times) for i, times in Counter(self._numbers(word)).items())
            self._postings[word] = [(i, count * (K1 + 1) / (count + lengths[i])) for i, count in counts]
        return self._postings[word]

    def words_of(self, i: int) -> dict[str, float]:
        """Return what a theorem is found by, weighted: the constants that it mentions, words of its name behind `~`."""
        theorem = self.library.theorems[i]
        words: dict[str, float] = {self.library.symbols[s]: 1.0 for s in theorem.symbols}
        for word in name_words(theorem.name):
            words[f"~{word}"] = words.get(f"~{word}", 0.0) + NAME_WEIGHT
        return words

    @cached_property
    def transfers(self) -> dict[str, list[str]]:
        """See TRANSFER."""
        return transfers_of(self.number)

    @cached_property
    def _by_key(self) -> dict[str, list[int]]:
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        for i, theorem in enumerate(self.library.theorems):
            numbers[theorem.key].append(i)
        return dict(numbers)

    def rarity(self, constant: str) -> float:
        """Return how few theorems mention a constant: their inverse document frequency, 0 for unknown ones."""
        if constant not in self._rarity:
            found = len(set(self._numbers(constant)))
            all_ = len(self._lengths)
            self._rarity[constant] = math.log(1 + (all_ - found + 0.5) / (found + 0.5)) if found else 0.0
        return self._rarity[constant]

    def aliases(self, names: Iterable[str]) -> set[str]:
        """Return the theorems that state the same as one of these, and these themselves."""
        found = set(names)
        for name in list(found):
            if name in self.number:
                key = self.library.theorems[self.number[name]].key
                found |= {self.library.theorems[i].name for i in self._by_key[key]}
        return found

    def stating(self, key: str) -> list[str]:
        """Return the theorems with that key."""
        return [self.library.theorems[i].name for i in self._by_key.get(key, [])]

    def visible_from(self, module: int) -> frozenset[int]:
        """Return the modules that a module imports, directly or not."""
        if module not in self._imported:
            seen: set[int] = set()
            waiting = list(self.library.modules[module][1])
            while waiting:
                at = waiting.pop()
                if at not in seen:
                    seen.add(at)
                    waiting += self.library.modules[at][1]
            self._imported[module] = frozenset(seen)
        return self._imported[module]

    def earlier_than(self, theorem: int) -> frozenset[int]:
        """Return the theorems of a theorem's own module that are known to be declared before it."""
        before: set[int] = set()
        after: set[int] = set()
        for order in self.library.orders:
            if theorem in order:
                at = order.index(theorem)
                before.update(order[:at])
                after.update(order[at:])
        return frozenset(before - after)

    def retrieve(
        self,
        goal: Goal,
        count: int,
        *,
        modules: frozenset[int] | None,
        forbidden: Set[str],
        earlier: frozenset[int] = frozenset(),
    ) -> list[tuple[int, float]]:
        """Return the numbers of the theorems that fit the goal best, with their scores.

        Only theorems of these modules, if given, and `earlier`.
        """
        scores: dict[int, float] = defaultdict(float)
        found = {word: weight for word, weight in self.query(goal).items() if self.rarity(word) > 0}
        telling = {word: weight for word, weight in found.items() if len(self._numbers(word)) <= COMMON}
        for word, weight in (telling or found).items():
            value = weight * self.rarity(word)
            for i, frequency in self._found(word):
                scores[i] += value * frequency
        theorems = self.library.theorems
        if modules is not None:
            scores = {i: score for i, score in scores.items() if theorems[i].module in modules or i in earlier}
        for i in scores:
            if theorems[i].head == goal.target:
                scores[i] *= SAME_HEAD
        best = heapq.nlargest(count + len(forbidden), ((score, -i) for i, score in scores.items()))
        return [(-i, score) for score, i in best if theorems[-i].name not in forbidden][:count]

    def query(self, goal: Goal) -> dict[str, float]:
        """Return what a goal is looked up by, with weights."""
        target, given = map(list, self._mentioned(goal))
        weights = dict.fromkeys(target, 1.0)
        if target == ["False"]:  # which is proved from what hypotheses are about, not from what is said of `False`
            weights = dict.fromkeys(given or target, 1.0)
        for constant in given:
            weights.setdefault(constant, HYPOTHESIS_WEIGHT)
        for constant, weight in list(weights.items()):
            for word in name_words(constant):
                weights[f"~{word}"] = max(weights.get(f"~{word}", 0.0), weight)
        return weights

    def _mentioned(self, goal: Goal) -> tuple[Iterable[str], Iterable[str]]:
        """Return the constants of the target and of the hypotheses; of goals without terms, as far as words tell."""
        if goal.term is not None:
            return constants(goal.term), (name for h in goal.hypotheses for name in constants(h.term))
        if self._printed is None:
            self._printed = PrintedConstants(self.library.symbols)
        return self._printed.of_goal(goal.text)


class PremiseOrder(Protocol):
    """Puts what was retrieved for a goal into another order."""

    @property
    def identity(self) -> str:
        """A name that changes with the order: part of every record."""

    def __call__(self, index: PremiseIndex, goal: Goal, found: Sequence[tuple[int, float]]) -> list[int]:
        """Return the numbers of the theorems, the best first. `found`: number and score, the best score first."""


@dataclass(frozen=True, slots=True)
class Premises:
    """An index, and what one theorem may cite of it. `order` rearranges the best; without it they come by score."""

    index: PremiseIndex
    modules: frozenset[int] | None
    forbidden: frozenset[str]
    earlier: frozenset[int] = frozenset()
    order: PremiseOrder | None = None
    _best: dict[tuple[Goal, int], list[str]] = field(default_factory=dict, init=False, compare=False, repr=False)

    @classmethod
    def of(cls, index: PremiseIndex, theorem: Theorem, order: PremiseOrder | None = None) -> Premises:
        """A theorem of the library itself may cite what its module imports and declares before it; any other, all."""
        own = index.number.get(theorem.forbid[0]) if theorem.forbid else None
        if own is None:
            return cls(index, None, frozenset(theorem.forbid), order=order)
        modules = index.visible_from(index.library.theorems[own].module)
        return cls(index, modules, frozenset(theorem.forbid), index.earlier_than(own), order)

    @property
    def transfers(self) -> dict[str, list[str]]:
        """For each structure, the theorems about what it is made of; see ../automation/representations.py."""
        allowed = {s: [name for name in names if self._may_cite(name)] for s, names in self.index.transfers.items()}
        return {structure: names for structure, names in allowed.items() if names}

    def _may_cite(self, name: str) -> bool:
        number = self.index.number[name]
        module = self.index.library.theorems[number].module
        return name not in self.forbidden and (self.modules is None or module in self.modules or number in self.earlier)

    def for_goal(self, goal: Goal, count: int) -> list[str]:
        """Return the names of the theorems that fit best."""
        asked = goal, max(count, REORDERED)
        if asked not in self._best:
            found = self.retrieved(*asked)
            numbers = self.order(self.index, goal, found) if self.order else [i for i, _ in found]
            self._best.clear()  # a policy asks several times about one goal, then about another
            self._best[asked] = [self.index.library.theorems[i].name for i in numbers]
        return self._best[asked][:count]

    def lines_for_goal(self, goal: Goal, count: int) -> list[str]:
        """Return the same as lines `name : type`, as far as the library has types: what models were trained on."""
        theorems = (self.index.library.theorems[self.index.number[name]] for name in self.for_goal(goal, count))
        return [f"{theorem.name} : {theorem.type}" if theorem.type else theorem.name for theorem in theorems]

    def applied_to(self, goal: Goal, variables: Sequence[str], heads: Set[str], count: int) -> list[str]:
        """Return the best that conclude one of these heads, applied to these variables: facts for `nlinarith`.

        Only those with up to two explicit arguments; which of them are numbers, Lean has to say.
        """
        found = []
        for name in self.for_goal(goal, MOST_FACTS):
            theorem = self.index.library.theorems[self.index.number[name]]
            if theorem.head in heads and theorem.explicit <= 2:
                choices = itertools.permutations(variables, theorem.explicit)
                found += [" ".join([name, *chosen]) for chosen in itertools.islice(choices, 2)]
        return found[:count]

    def retrieved(self, goal: Goal, count: int) -> list[tuple[int, float]]:
        """Return the numbers of the theorems with the best scores, and these."""
        return self.index.retrieve(goal, count, modules=self.modules, forbidden=self.forbidden, earlier=self.earlier)


class PremiseSource:
    """What theorems may cite; one index for each set of imports, shared by all policies."""

    def __init__(self, library: LibrarySource) -> None:
        self._library = library
        self._order: PremiseOrder | None = None
        self._indexes: dict[tuple[str, ...], PremiseIndex] = {}

    async def for_theorem(self, theorem: Theorem) -> Premises:
        """Return the premises of a theorem; the first time for its imports this may take seconds."""
        if theorem.imports not in self._indexes:
            self._indexes[theorem.imports] = PremiseIndex(await self._library(theorem.imports))
        return Premises.of(self._indexes[theorem.imports], theorem, self._order)

    def in_order(self, order: PremiseOrder) -> Self:
        """Return a source of the same premises in that order; it shares the indexes."""
        other = copy.copy(self)
        other._order = order
        return other

    @property
    def identity(self) -> str:
        """Where the premises come from, for records: the order, if it is not that of retrieval."""
        return self._order.identity if self._order else "premises"


def transfers_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Return, for each structure, the names that TRANSFER describes."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        if match := TRANSFER.fullmatch(name):
            found[match[1]].append(name)
    return dict(found)


def name_words(name: str) -> list[str]:
    """Return the words of a name: `List.length_appendTR` gives list, length, append, tr."""
    return [word.lower() for word in _WORD.findall(name)]


def _size(symbols: int, words: Sequence[str]) -> float:
    """Return what the words of a theorem weigh together: added one by one, for the last bit may decide between two."""
    size = float(symbols)
    for times in Counter(words).values() if len(set(words)) < len(words) else itertools.repeat(1, len(words)):
        size += times * NAME_WEIGHT
    return size


def constants(raw: RawTerm | None) -> Iterator[str]:
    """Yield the constants that a term mentions."""
    if not isinstance(raw, list):
        return
    head, *rest = raw
    if isinstance(head, str):
        if head in {"∀", "→", "λ", "let"}:
            rest = rest[1:]
        elif head in {"proj", "text", "Sort", "?", "…"}:
            return
        elif head != "@":
            yield head
    for part in rest:
        yield from constants(part)


def premise_steps(premises: list[str], variables: list[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    """Yield tactics with their weights. `variables`: name and kind of what induction or cases may take."""
    if not premises:
        return
    four, eight = ", ".join(premises[:4]), ", ".join(premises[:8])
    two = ", ".join(premises[:2])
    yield f"grind [{eight}]", 0.10
    yield f"grind [{four}]", 0.08
    yield f"simp_all [{four}]", 0.07
    yield f"simp [{four}]", 0.06
    yield f"simp_all [{eight}]", 0.04
    yield f"simp [{eight}]", 0.04
    for i, premise in enumerate(premises[:6]):
        rank = 0.85**i
        yield f"grind [{premise}]", 0.03 * rank
        yield f"exact {premise} ..", 0.015 * rank
        yield f"simp [{premise}]", 0.02 * rank
        yield f"rw [{premise}]", 0.015 * rank
        yield f"rw [{premise}] <;> simp", 0.015 * rank
        yield f"apply {premise}", 0.01 * rank
        yield f"apply {premise} <;> assumption", 0.01 * rank
        yield f"simpa using {premise} ..", 0.008 * rank
        if i < 4:
            yield f"simp [← {premise}]", 0.012 * rank
            yield f"apply {premise} <;> grind", 0.012 * rank
            yield f"apply {premise} <;> simp_all", 0.008 * rank
    for name, kind in variables[:2]:
        verb = "induction" if kind in {"Nat", "List"} else "cases"
        for v in dict.fromkeys([verb, "cases"]):
            yield f"{v} {name} <;> grind [{four}]", 0.03
            yield f"{v} {name} <;> simp_all [{two}]", 0.03
            yield f"{v} {name} <;> simp_all [{eight}]", 0.015
            yield f"{v} {name} <;> grind [{eight}]", 0.02
    for i in range(8, min(len(premises), 32), 8):
        yield f"grind [{', '.join(premises[i : i + 8])}]", 0.03 * 0.8 ** (i // 8)
        yield f"simp_all [{', '.join(premises[i : i + 8])}]", 0.02 * 0.8 ** (i // 8)
