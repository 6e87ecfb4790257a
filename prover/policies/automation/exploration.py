"""Theory exploration: laws that the header's operations may have, tested on examples and proved one after the other.

Each law is proved by induction from those before it and dropped where it is false or that fails, so that commutativity
of an own multiplication finds what it rests on: the laws of addition, zero and successor on the other side.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from prover.environments.syntax.lean.signatures import Signature
from prover.policies.automation.recursion import calls
from prover.policies.terms import GoalView, Weighted
from prover.policies.texts import accessible, defined, listed

MOST_OPERATIONS = 3
MOST_LAWS = 36
MOST_CALLS = 2
VARIABLES = ("x", "y", "z")
EXAMPLES = {
    "Nat": ("2", "3", "1"),
    "Bool": ("true", "false", "true"),
    "List Nat": ("[1, 2]", "[3]", "[4, 2]"),
    "Nat → Nat": ("(fun n => n + 3)",) * 3,
    "Nat → Bool": ("(fun n => n % 2 == 0)",) * 3,
}
SIMP, SIMP_ALL = "simp (maxSteps := 1000)", "simp_all (maxSteps := 1000)"
DEEP = "set_option maxRecDepth 4000 in"
"""A law or a definition may send `simp` round in circles: out of steps it fails, too deep it would end the tactic."""
POWERS = "Nat.pow_add, Nat.pow_mul, Nat.mul_pow"
LIBRARY = {
    ("Nat", "Nat"): [("Nat", f"{{x}} {sign} {{y}}") for sign in "+*^-"]
    + [("Nat", f"{name} {{x}} {{y}}") for name in ("max", "min")]
    + [("Bool", f"({{x}} {sign} {{y}})") for sign in ("==", "≤", "<")],
    ("Bool", "Bool"): [("Bool", f"({{x}} {sign} {{y}})") for sign in ("&&", "||", "==", "!=")],
    ("List Nat",): [("Nat", "{x}.sum")],
    ("Nat",): [("Bool", f"({{x}} % 2 == {rest})") for rest in (0, 1)],
}
"""By the types of its arguments: type and text of what a function may be another name of."""
OF_LISTS = (
    (r"List (.+)", r"List \1", ("{x}.reverse",)),
    (r"List (.+)", r"Nat", ("{x}.length",)),
    (r"List (.+), List \1", r"List \1", ("{x} ++ {y}", "{x}.reverse ++ {y}")),
    (r"([^,]+?) → ([^,→]+), List \1", r"List \2", ("{y}.map {x}",)),
    (r"([^,]+?) → Bool, List \1", r"List \1", ("{y}.filter {x}",)),
)
"""The same for lists of any type: patterns of the arguments' types and of the result's."""


class Law(NamedTuple):
    """An equation between terms with places for x, y and z, their types, and a call whose recursion proves it."""

    equation: str
    types: tuple[str, ...]
    call: str = ""
    calculated: bool = False
    """Does calculation with numbers prove the steps?"""

    def at(self, values: Sequence[str]) -> str:
        """Return the equation with terms for the variables."""
        return self.equation.format(**dict(zip(VARIABLES, values, strict=False)))

    def inductions(self, names: str) -> Iterator[str]:
        """Yield proofs by induction."""
        if self.calculated:
            yield from (f"(induction {v} <;> grind [{names}])" for v in reversed(VARIABLES[: len(self.types)]))
            return
        for finish in (f"{SIMP} [*, {names}]", f"{SIMP_ALL} [{names}]", f"{SIMP} [*, {names}] <;> grind"):
            yield from (f"(induction {variable} <;> {finish}; done)" for variable in VARIABLES[: len(self.types)])
        if self.call:
            call = self.call.format(**{name: name for name in VARIABLES})
            yield f"(fun_induction {call} <;> first | omega | ({SIMP_ALL} [{names}]; done) | grind [{names}])"


def exploration(view: GoalView) -> Iterator[Weighted]:
    """The laws of the operations, then the goal, by calculation or by an induction of its own."""
    known = [each for each in view.header.signatures if each.name in view.definitions]
    heads = {part.head for part in view.target}
    if not any(each.name in heads for each in known):
        return
    samples = {type_: _samples(view, type_) for each in known for type_ in (*each.arguments, each.result)}
    operations = [each for each in known if _is_operation(each)][:MOST_OPERATIONS]
    for laws in (_other_names(known), _tables(known), _laws(view, operations, known)):
        tested = [law for law in dict.fromkeys(laws) if all(samples[type_] for type_ in law.types)][:MOST_LAWS]
        lines = [_proved(f"law_{number}", law, samples, listed(view.cited)) for number, law in enumerate(tested)]
        if lines:
            yield "\n".join([DEEP, *lines, f"first | {' | '.join(_ways(view))}"]), 0.12


def _ways(view: GoalView) -> Iterator[str]:
    """Yield ways to the goal from the laws, which are hypotheses."""
    names = listed(view.cited)
    found = [name for name in sorted(view.target.variables) if name in view.variables and accessible(name)]
    kinds = {"List", "Nat", *view.header.types}
    yield from (f"({SIMP} [*]; done)", "grind", "(simp only [*]; grind)", f"({SIMP} [*, {POWERS}]; done)")
    yield from (f"(fun_induction {call} <;> grind [{names}])" for call in calls(view)[:MOST_CALLS])
    for finish in (f"{SIMP} [*, {{}}]", f"{SIMP_ALL} [{{}}]", "grind [{}]"):
        yield from (
            f"(induction {v} <;> {finish.format(names)}; done)" for v in found if view.variables[v].head in kinds
        )


def _is_operation(signature: Signature) -> bool:
    return len(signature.arguments) == 2 and set(signature.arguments) == {signature.result}


def _samples(view: GoalView, type_: str) -> tuple[str, ...]:
    """Return three different closed terms of a type, type variables being Nat; none where that is not easy."""
    sorts = {name for name, kind in view.variables.items() if kind.head == "Sort"}
    plain = re.sub(r"[^\s()→×]+", lambda word: "Nat" if word[0] in sorts else word[0], type_)
    if plain in EXAMPLES:
        return EXAMPLES[plain]
    numbers = itertools.count(2)
    terms: list[str] = []
    for _ in range(3):  # constants, then what is made of the largest term and of the first
        for constructor in view.header.constructors.get(type_, ()):
            given: list[str] = []
            for argument in constructor.arguments:
                if argument == type_ and terms:
                    given.append(terms[0] if type_ in constructor.arguments[: len(given)] else max(terms, key=len))
                elif argument in EXAMPLES:
                    given.append(str(next(numbers)) if argument == "Nat" else EXAMPLES[argument][0])
            if len(given) == len(constructor.arguments):
                terms.append(f"({' '.join([constructor.name, *given])})" if given else constructor.name)
    different = list(dict.fromkeys(terms))
    return tuple(different[:-4:-1]) if len(different) >= 3 else ()


def _other_names(known: Sequence[Signature]) -> Iterator[Law]:
    """Yield that a function is one of the library's."""
    for each in known:
        for arguments, result, texts in OF_LISTS:
            match = re.fullmatch(arguments, ", ".join(each.arguments))
            if match and match.expand(result) == each.result:
                yield from (Law(f"{_call(each)} = {text}", each.arguments, _call(each)) for text in texts)
        for result, text in LIBRARY.get(each.arguments, ()):
            if each.result == result:
                yield Law(f"{_call(each)} = {text}", each.arguments, _call(each))


def _tables(known: Sequence[Signature]) -> Iterator[Law]:
    """Yield how entries of a table of numbers may add up, as in Pascal's triangle, whose rows also add up."""
    for each in known:
        if each.arguments == ("Nat", "Nat") and each.result == "Nat":
            f = defined(each.name)
            here, left, above = f"{f} {{x}} {{y}}", f"{f} {{x}} ({{y}} + 1)", f"{f} ({{x}} + 1) {{y}}"
            yield Law(f"{{x}} < {{y}} → {here} = 0", each.arguments, here)
            for one, other in ((here, left), (here, above), (left, above)):
                yield Law(f"{f} ({{x}} + 1) ({{y}} + 1) = {one} + {other}", each.arguments, calculated=True)


def _call(signature: Signature) -> str:
    return " ".join([defined(signature.name), *(f"{{{name}}}" for name in VARIABLES[: len(signature.arguments)])])


def _laws(view: GoalView, operations: Sequence[Signature], known: Sequence[Signature]) -> Iterator[Law]:
    """Yield what the operations, and functions of what they operate on, may fulfil."""
    for number, operation in enumerate(operations):
        earlier = [each for each in operations[:number] if each.result == operation.result]
        yield from _of_operation(view, operation, earlier)
    unary = [each for each in known if len(each.arguments) == 1]
    for change in [each for each in unary if each.arguments == (each.result,)][:MOST_OPERATIONS]:
        yield from (law for each in unary if each.arguments == change.arguments for law in _of_change(each, change))
    for operation in operations:
        yield from (law for each in unary if each.arguments == (operation.result,) for law in _of_map(each, operation))


def _of_operation(view: GoalView, operation: Signature, earlier: Sequence[Signature]) -> Iterator[Law]:
    f, type_ = defined(operation.name), operation.result
    constants, steps = _constructors(view, type_)
    two, three = (type_,) * 2, (type_,) * 3
    for c in constants:
        for left in (f"{f} {c} {{x}}", f"{f} {{x}} {c}"):
            yield from (Law(f"{left} = {right}", (type_,)) for right in ("{x}", *constants))
    if type_ == "Nat":
        yield Law(f"{{x}} < {{y}} → {f} {{x}} {{y}} = 0", two, f"{f} {{x}} {{y}}")
    for s in steps:
        left, right, both = f"{f} {s.format('{x}')} {{y}}", f"{f} {{x}} {s.format('{y}')}", f"({f} {{x}} {{y}})"
        yield Law(f"{left} = {s.format(both)}", two)
        yield Law(f"{right} = {s.format(both)}", two)
        for g in (defined(each.name) for each in earlier):
            yield Law(f"{left} = {g} {both} {{y}}", two)
            yield Law(f"{right} = {g} {{x}} {both}", two)
    yield from (Law(f"{f} {{x}} {{x}} = {right}", (type_,)) for right in ("{x}", *constants))
    yield Law(f"{f} {{x}} {{y}} = {f} {{y}} {{x}}", two, f"{f} {{x}} {{y}}")
    for g in (defined(each.name) for each in earlier):
        yield Law(f"{f} ({g} {{x}} {{y}}) {{z}} = {g} ({f} {{x}} {{z}}) ({f} {{y}} {{z}})", three)
        yield Law(f"{f} {{x}} ({g} {{y}} {{z}}) = {g} ({f} {{x}} {{y}}) ({f} {{x}} {{z}})", three)
    yield Law(f"{f} ({f} {{x}} {{y}}) {{z}} = {f} {{x}} ({f} {{y}} {{z}})", three)
    yield Law(f"{f} {{x}} ({f} {{y}} {{z}}) = {f} {{y}} ({f} {{x}} {{z}})", three)


def _constructors(view: GoalView, type_: str) -> tuple[list[str], list[str]]:
    """Return the constants of a type, and its successors as texts with a place."""
    if type_ == "Nat":
        return ["0", "1"], ["({} + 1)"]
    found = view.header.constructors.get(type_, ())
    constants = [each.name for each in found if not each.arguments]
    return constants, [f"({each.name} {{}})" for each in found if each.arguments == (type_,)]


def _of_map(u: Signature, operation: Signature) -> Iterator[Law]:
    f, g, two = defined(operation.name), defined(u.name), (operation.result,) * 2
    whole, call = f"{g} ({f} {{x}} {{y}})", f"{f} {{x}} {{y}}"
    if u.result == operation.result:
        yield Law(f"{whole} = {f} ({g} {{x}}) ({g} {{y}})", two, call)
        yield Law(f"{whole} = {f} ({g} {{y}}) ({g} {{x}})", two, call)
    elif u.result == "Nat":
        yield Law(f"{whole} = {g} {{x}} + {g} {{y}}", two, call)
        yield Law(f"{whole} = {g} {{x}} * {g} {{y}}", two, call)


def _of_change(u: Signature, change: Signature) -> Iterator[Law]:
    """Yield what a function may make of what another one has changed."""
    g, whole, one = defined(u.name), f"{defined(u.name)} ({defined(change.name)} {{x}})", (change.result,)
    call = f"{defined(change.name)} {{x}}"
    if u.name == change.name:
        yield Law(f"{whole} = {{x}}", one, call)
        yield Law(f"{whole} = {g} {{x}}", one, call)
    elif u.result != change.result:
        after = {"Nat": ("{} + 1", "2 * {}"), "Bool": ("!{}",)}.get(u.result, ())
        for result in ("{}", *after, *(("{}.reverse",) if u.result.startswith("List ") else ())):
            yield Law(f"{whole} = {result.format(f'({g} {{x}})')}", one, call)


def _proved(name: str, law: Law, samples: Mapping[str, tuple[str, ...]], names: str) -> str:
    """Return the line that states a law and proves it, if it holds for an example and an induction does."""
    variables = VARIABLES[: len(law.types)]
    binders = " ".join(f"({v} : {t})" for v, t in zip(variables, law.types, strict=True))
    example = law.at([samples[type_][place] for place, type_ in enumerate(law.types)])
    test = f"(have : {example} := by first | rfl | decide | ({SIMP} [{names}]; done)); clear this"
    proof = f"{test}; intro {' '.join(variables)}; first | {' | '.join([*law.inductions(names), 'grind'])}"
    return f"first | (have {name} : ∀ {binders}, {law.at(variables)} := by ({proof})) | skip"
