"""Instances of a statement, smallest first, each with the tactic that shows it to be false."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prover.refutation.types import TypeTerm
from prover.refutation.values import LARGEST, Values
from prover.refutation.variables import Kind, Variable

MOST = 300  # instances
EMPTY_SIZES = 4
"""After so many sizes without an instance, there are no more: the types are finite."""
QUICK = "decide"
THOROUGH = "first | decide | (simp; done) | omega | (rintro ⟨_, _⟩; omega) | grind"
"""What decides about an instance: computation, and for what is not computed, automation."""


@dataclass(frozen=True, slots=True)
class Instance:
    """Values for the variables of a statement. `arguments`: what the whole statement is applied to."""

    values: Mapping[str, str]
    arguments: tuple[str, ...]

    def refuting(self, deciding: str) -> str:
        """Return the tactic that refutes the statement if this instance of it is false."""
        by = f"(by {deciding})"
        arguments = " ".join(argument or by for argument in self.arguments)
        return f"exact absurd (@statement {arguments}) {by}" if arguments else f"exact absurd statement {by}"

    def shown(self) -> str:
        """Return the values in words."""
        return ", ".join(f"{name} = {_plain(value)}" for name, value in self.values.items())


def instances(variables: Sequence[tuple[Variable, Kind]], values: Values) -> Iterator[Instance]:
    """Yield instances of a statement by the size of their values; none if there is a type without known values."""
    count = empty = 0
    for size in range(LARGEST + 1):
        before = count
        for found in _assignments(variables, values, size, {}):
            yield Instance(
                {v.name: found[v.name] for v, kind in variables if kind is Kind.DATA},
                tuple(_argument(v, kind, found) for v, kind in variables),
            )
            count += 1
            if count == MOST:
                return
        empty = empty + 1 if count == before else 0
        if empty == EMPTY_SIZES:
            return


def _assignments(
    variables: Sequence[tuple[Variable, Kind]], values: Values, size: int, so_far: dict[str, str]
) -> Iterator[dict[str, str]]:
    """Yield values for the variables whose sizes add up to `size`; types may mention variables before them."""
    if not variables:
        if size == 0:
            yield so_far
        return
    (variable, kind), *rest = variables
    if kind is not Kind.DATA:
        yield from _assignments(rest, values, size, so_far)
        return
    if variable.type is None:
        return
    type_ = variable.type.substituted({name: TypeTerm(value) for name, value in so_far.items()})
    for own in range(size + 1):
        for value in values.of(type_, own):
            yield from _assignments(rest, values, size - own, {**so_far, variable.name: value})


def _argument(variable: Variable, kind: Kind, found: Mapping[str, str]) -> str:
    """Return the argument for a variable; nothing for a proof, which is looked for when the instance is tried."""
    match kind:
        case Kind.DATA:
            return found[variable.name]
        case Kind.INSTANCE:
            return "inferInstance"
        case Kind.PROOF:
            return ""


def _plain(value: str) -> str:
    return value[1:-1] if value.startswith("(-") else value
