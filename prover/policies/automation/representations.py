"""Statements about structures, reduced to what the structures are made of.

Machine integers become bit vectors and numbers by the library's own lemmas (`UInt8.toNat_inj`, `Int8.le_iff_toInt_le`);
arrays, vectors and the like are taken apart, so that simp can go over to lists; a goal that is an instance of a class
becomes the laws of the class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prover.core.proof_state import Goal
from prover.policies.premises.retrieval import constants

MACHINE_INTEGERS = {f"{kind}{size}" for kind in ("UInt", "Int") for size in (8, 16, 32, 64)} | {"USize", "ISize"}
WRAPPERS = MACHINE_INTEGERS | {
    *("Array", "Vector", "Subarray", "Fin", "BitVec", "Rat", "Dyadic", "String", "Char", "ByteArray"),
    *("Prod", "Subtype", "Sigma", "PSigma"),
}
KNOWN_TARGETS = frozenset(
    ("→", "Not", "And", "Or", "Iff", "Exists", "Eq", "HEq", "Ne", "LE.le", "LT.lt", "Dvd.dvd", "False", "True")
)
MOST_VARIABLES = 3


def representation_steps(
    goal: Goal, transfers: Mapping[str, Sequence[str]], premises: Sequence[str]
) -> Iterator[tuple[str, float]]:
    """Yield tactics with their weights. `transfers`: those that may be cited here; `premises`: the best first."""
    four = ", ".join(premises[:4])
    yield from _transferred(goal, transfers, four)
    wrapped = [h.name for h in goal.hypotheses if h.head in WRAPPERS][-MOST_VARIABLES:]
    if wrapped:
        apart = " <;> ".join(f"cases {name}" for name in wrapped)
        yield f"{apart} <;> simp", 0.03
        yield f"{apart} <;> simp_all", 0.02
        yield f"{apart} <;> grind", 0.02
        if four:
            yield f"{apart} <;> simp [{four}]", 0.03
            yield f"{apart} <;> simp_all [{four}]", 0.02
            yield f"{apart} <;> simp <;> grind [{four}]", 0.015
        yield f"{apart} <;> simp <;> omega", 0.01
        yield f"{apart} <;> rfl", 0.01
    if goal.target not in KNOWN_TARGETS and goal.target not in goal.definitions:
        yield "constructor <;> intros <;> simp_all", 0.03
        yield "constructor <;> intros <;> grind", 0.03
        yield "constructor <;> intros <;> exact?", 0.03
        yield "constructor", 0.02
        if four:
            yield f"constructor <;> intros <;> simp_all [{four}]", 0.02
            yield f"constructor <;> intros <;> grind [{four}]", 0.02
            for premise in premises[:4]:
                yield f"exact ⟨{premise}⟩", 0.02
                yield f"constructor <;> intros <;> apply {premise} <;> assumption", 0.015
    for hypothesis in goal.hypotheses:
        if hypothesis.name == "self" or hypothesis.head in KNOWN_TARGETS - {"→", "Not", "And", "Or"}:
            continue
        if hypothesis.head[:1].isupper() and hypothesis.head not in WRAPPERS | {"Sort", "Nat", "Int", "List", "Option"}:
            yield f"cases {hypothesis.name} <;> simp_all", 0.006
            yield f"cases {hypothesis.name} <;> assumption", 0.004
    if any(hypothesis.name == "self" for hypothesis in goal.hypotheses):
        yield "cases self <;> assumption", 0.05
        yield "cases self <;> simp_all", 0.03
        yield "cases self <;> constructor <;> assumption", 0.03
        yield "obtain ⟨h_self⟩ := self; exact h_self ..", 0.02


def _transferred(goal: Goal, transfers: Mapping[str, Sequence[str]], four: str) -> Iterator[tuple[str, float]]:
    mentioned = {hypothesis.head for hypothesis in goal.hypotheses}
    mentioned |= {constant.partition(".")[0] for constant in constants(goal.term)}
    for structure, lemmas in transfers.items():
        if structure not in mentioned:
            continue
        equal = [lemma for lemma in lemmas if lemma.endswith("_inj")]
        orders = [lemma for lemma in lemmas if "_iff_to" in lemma or lemma.endswith("_def")]
        for lemma in equal[:3]:
            rules = ", ".join([f"← {lemma}", *orders])
            with_premises = f"{rules}, {four}" if four else rules
            if goal.target == "Eq":
                yield f"apply {lemma}.mp <;> simp", 0.08
                yield f"apply {lemma}.mp <;> simp <;> omega", 0.03
                if four:
                    yield f"apply {lemma}.mp <;> simp [{four}]", 0.05
                    yield f"apply {lemma}.mp <;> grind [{four}]", 0.03
                yield f"apply {lemma}.mp", 0.015
            yield f"simp [{rules}]", 0.04
            yield f"simp [{rules}] <;> omega", 0.03
            yield f"simp_all [{with_premises}]", 0.03
            yield f"simp_all [{rules}] <;> omega", 0.03
            yield f"simp [{with_premises}] <;> grind", 0.015
        if orders and not equal:
            yield f"simp_all [{', '.join(orders)}] <;> omega", 0.02
