"""Definitions that a goal mentions, unfolded: the header's own, and those of the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prover.core.proof_state import Goal, RawTerm
from prover.policies.header import Header
from prover.policies.premises.retrieval import constants
from prover.policies.texts import defined, listed

# Rules that turn sums, powers and lists of the header's definitions into plain arithmetic.
UNROLLING = ("List.range", "List.range.loop", "List.range'")
MOST_UNFOLDED = 4


def unfoldings(goal: Goal, header: Header) -> Iterator[tuple[str, float]]:
    """Yield tactics that unfold the header's definitions or use its rules, with their weights."""
    if cases := [name for name in goal.definitions if name in header.rules]:
        yield f"grind [{listed(dict.fromkeys([*header.cited(goal.definitions), *cases]))}]", 0.05
    names = listed(header.cited(goal.definitions))
    if not names:
        return
    plain = " ".join(map(defined, header.unfolded(goal.definitions)))
    rules = listed([*header.cited(goal.definitions), *UNROLLING])
    if propositions := stated(goal, header):
        yield f"simp only [{listed(propositions)}] at *", 0.20
    yield f"simp [{names}]", 0.10
    yield f"grind [{names}]", 0.10
    yield f"simp_all [{names}]", 0.06
    yield f"simp [{rules}] at * <;> omega", 0.05
    yield f"simp_all [{rules}] <;> omega", 0.03
    yield f"simp_all [{rules}] <;> grind", 0.03
    yield f"simp [{rules}] at *", 0.03
    yield f"simp only [{names}] at * <;> omega", 0.02
    yield f"subst_vars <;> simp [{rules}] <;> decide +kernel", 0.01
    if plain:
        yield f"unfold {plain} <;> decide +kernel", 0.07
        yield f"unfold {plain} at *", 0.015
        yield f"unfold {plain}", 0.008


def stated(goal: Goal, header: Header) -> list[str]:
    """Return the definitions of which hypotheses and the target are instances: what these say is in the definition."""
    heads = [goal.target, *(hypothesis.head for hypothesis in goal.hypotheses)]
    return [name for name in header.unfolded(goal.definitions) if name in heads]


def library_definitions(
    goal: Goal, rarity: Callable[[str], float], premises: Sequence[str]
) -> Iterator[tuple[str, float]]:
    """Yield tactics that unfold functions of the library, the rarest first, with their weights."""
    functions = sorted(library_functions(goal.term) - {*goal.definitions}, key=lambda name: (-rarity(name), name))
    four = ", ".join(premises[:4])
    for rank, name in enumerate(functions[:MOST_UNFOLDED]):
        weight = 0.7**rank
        yield f"grind [{name}]", 0.04 * weight
        if four:
            yield f"grind [{name}, {four}]", 0.03 * weight
        yield f"simp_all [{name}]", 0.03 * weight
        yield f"simp [{name}] <;> omega", 0.03 * weight
        yield f"simp only [{name}] <;> rfl", 0.015 * weight
    if len(functions) > 1:
        together = ", ".join(functions[:MOST_UNFOLDED])
        yield f"grind [{together}]", 0.03
        yield f"simp_all [{together}] <;> omega", 0.02
        if four:
            yield f"simp_all [{together}, {four}]", 0.02


def library_functions(term: RawTerm | None) -> set[str]:
    """Return the functions in a namespace that a term mentions, without what stands for an operator."""
    mentioned = {name for name in constants(term) if "." in name}
    return {name for name in mentioned if name.rpartition(".")[2][:1].islower() and not _is_notation(name)}


def _is_notation(name: str) -> bool:
    """Is it the function behind an operator (`HAdd.hAdd`), an instance, or a constructor of data?"""
    structure, _, function = name.rpartition(".")
    return structure.lower().endswith(function.lower()) or function.startswith("inst") or function in _CONSTRUCTORS


_CONSTRUCTORS = {
    "nil",
    "cons",
    "some",
    "none",
    "true",
    "false",
    "zero",
    "succ",
    "mk",
    "ofNat",
    "cast",
    "le",
    "lt",
    "mem",
}
