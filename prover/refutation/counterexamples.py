"""Instances of a statement, smallest first, each with the tactic that shows it to be false."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prover.refutation.types import TypeTerm
from prover.refutation.values import LARGEST, Values
from prover.refutation.variables import Kind, Variable

MOST = 300  # instances
AT_ONCE = 16  # are asked about
MOST_EXCLUDED = 20_000
"""So many instances may turn out to be none by computation alone."""
EMPTY_SIZES = 4
"""After so many sizes without an instance, there are no more: the types are finite."""
INFERRED = "inferInstance"
Excludes = Callable[[Mapping[str, str]], bool]
QUICK = "decide"
"""What decides about an instance: computation."""


_STEPS = (
    *(
        "decide",
        "simp; done",
        "omega",
        "rintro ⟨_, _⟩; omega",
        "intro h; cases h <;> (rename_i h; cases h)",
        "(repeat' constructor); done",
        "decide +kernel",
    ),
    *(f"exact ⟨{witness}, by decide⟩" for witness in (0, 1, 2)),
    "rintro ⟨y, h⟩; have h₀ := h 0; have h₁ := h y; have h₂ := h (y + 1); (try dsimp only at h₀ h₁ h₂); omega",
)
"""What decides where computation does not: the negation of a conclusion, or a hypothesis."""


def automation(definitions: Sequence[str]) -> tuple[str, ...]:
    """Return what else may decide, the plainest first; told of the definitions of the header that occur."""
    steps = [*_STEPS]
    if functions := [name for name in definitions if name.rpartition(".")[2][:1].islower()]:
        steps += [f"simp [{', '.join(functions)}]; {finish}" for finish in ("done", "omega")]
    return (*steps, f"grind [{', '.join(definitions)}]" if definitions else "grind")


def first_of(steps: Sequence[str]) -> str:
    """Return the tactic that takes the first step which succeeds."""
    return f"first | {' | '.join(f'({step})' for step in steps)}"


@dataclass(frozen=True, slots=True)
class Instance:
    """Values for the variables of a statement. `arguments`: what the whole statement is applied to."""

    values: Mapping[str, str]
    arguments: tuple[str, ...]

    def refuting(self, deciding: str) -> str:
        """Return the tactic that refutes the statement if this instance of it is false."""
        return f"exact {self.absurd(deciding)}"

    def absurd(self, deciding: str) -> str:
        """Return the proof of `False` from the statement if this instance of it is false."""
        by = f"(by {deciding})"
        arguments = " ".join(argument or by for argument in self.arguments)
        return f"absurd (@statement {arguments}) {by}" if arguments else f"absurd statement {by}"

    @property
    def computed(self) -> str:
        """The tactic that computes: the conclusion first, which settles most instances, then the hypotheses."""
        if all(self.arguments):
            return self.refuting(QUICK)
        arguments = " ".join(argument or "?_" for argument in self.arguments)
        return f"refine absurd (@statement {arguments}) (by {QUICK})\nall_goals {QUICK}"

    @property
    def leaving_goals(self) -> str:
        """The tactic that takes this instance, and leaves it open why it is false."""
        arguments = " ".join(argument or "?_" for argument in self.arguments)
        return f"refine absurd (@statement {arguments}) ?_" if arguments else "refine absurd statement ?_"

    def shown(self) -> str:
        """Return the values in words."""
        return ", ".join(f"{name} = {_plain(value)}" for name, value in self.values.items())


def instances(
    variables: Sequence[tuple[Variable, Kind]],
    values: Values,
    excludes: Excludes = lambda found: False,
    *,
    most_excluded: int = MOST_EXCLUDED,
) -> Iterator[Instance]:
    """Yield instances of a statement by the size of their values; none if there is a type without known values.

    `excludes`: says of values that they make no counterexample.
    """
    count = excluded = empty = 0
    for size in range(LARGEST + 1):
        before = count + excluded
        for found in _assignments(variables, values, size, {}):
            if excludes(found):
                excluded += 1
            else:
                yield instance_of(variables, found)
                count += 1
            if count == MOST or excluded == most_excluded:
                return
        empty = empty + 1 if count + excluded == before else 0
        if empty == EMPTY_SIZES:
            return


def instance_of(variables: Sequence[tuple[Variable, Kind]], found: Mapping[str, str]) -> Instance:
    """Return the instance in which variables have these values."""
    return Instance(
        {v.name: found[v.name] for v, kind in variables if found.get(v.name, INFERRED) != INFERRED},
        tuple("" if kind is Kind.PROOF else found[v.name] for v, kind in variables),
    )


def portions(tried: Iterable[Instance]) -> Iterator[list[Instance]]:
    """Cut into lists: one to begin with, then ever more, so that the first counterexample is found at once."""
    size = 1
    portion: list[Instance] = []
    for instance in tried:
        portion.append(instance)
        if len(portion) == size:
            yield portion
            portion, size = [], min(2 * size, AT_ONCE)
    if portion:
        yield portion


def _assignments(
    variables: Sequence[tuple[Variable, Kind]], values: Values, size: int, so_far: dict[str, str]
) -> Iterator[dict[str, str]]:
    """Yield values for the variables whose sizes add up to `size`; types may mention variables before them."""
    if not variables:
        if size == 0:
            yield so_far
        return
    (variable, kind), *rest = variables
    if kind is Kind.PROOF:  # it is looked for when the instance is tried
        yield from _assignments(rest, values, size, so_far)
        return
    if kind is Kind.INSTANCE:
        yield from _assignments(rest, values, size, {**so_far, variable.name: INFERRED})
        size -= 1
    if variable.type is None:
        return
    type_ = variable.type.substituted({name: TypeTerm(value) for name, value in so_far.items()})
    for own in range(size + 1):
        for value in values.of(type_, own):
            yield from _assignments(rest, values, size - own, {**so_far, variable.name: value})


def _plain(value: str) -> str:
    return value[1:-1] if value.startswith("(-") else value
