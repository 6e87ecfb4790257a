"""Structures and classes of the header with laws: operations become variables, laws become hypotheses about them.

`a * b` in a ring given as a class is the application of a variable `mul`, and `Ring.mul_comm` says so of that variable.
What is left speaks of functions with axioms, for which there are methods: groups, calculation, instances, automation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from prover.environments.syntax.lean.structures import Structure
from prover.policies.scope import fresh
from prover.policies.terms import GoalView, Weighted
from prover.policies.texts import accessible

CLEAR = 0.90
"""Nothing is lost by it."""
AT_ONCE = 0.03
NOTATIONS = {
    "Add": ("add", "{t} → {t} → {t}", "∀ x y : {t}, x + y = op x y"),
    "Mul": ("mul", "{t} → {t} → {t}", "∀ x y : {t}, x * y = op x y"),
    "Sub": ("sub", "{t} → {t} → {t}", "∀ x y : {t}, x - y = op x y"),
    "Div": ("div", "{t} → {t} → {t}", "∀ x y : {t}, x / y = op x y"),
    "Neg": ("neg", "{t} → {t}", "∀ x : {t}, -x = op x"),
    "Inv": ("inv", "{t} → {t}", "∀ x : {t}, x⁻¹ = op x"),
    "Zero": ("zero", "{t}", "(0 : {t}) = op"),
    "One": ("one", "{t}", "(1 : {t}) = op"),
    "LE": ("le", "{t} → {t} → Prop", "∀ x y : {t}, (x ≤ y) = op x y"),
    "LT": ("lt", "{t} → {t} → Prop", "∀ x y : {t}, (x < y) = op x y"),
    "Min": ("min", "{t} → {t} → {t}", "∀ x y : {t}, min x y = op x y"),
    "Max": ("max", "{t} → {t} → {t}", "∀ x y : {t}, max x y = op x y"),
}
"""The library's classes: a name for the operation, its type, and how it is written."""
MOST_DEFINITIONS = 6
INSTANCE = "laws"
"""How an instance of a class is called that has been opened."""


@dataclass
class Opened:
    """Lines that name operations, lines that state laws, names of the equations between both, and of the laws."""

    taken: list[str]
    operations: list[str] = field(default_factory=list)
    laws: list[str] = field(default_factory=list)
    equations: list[str] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)
    done: set[tuple[str, ...]] = field(default_factory=set)

    def name(self, wanted: str) -> str:
        """Return a new name."""
        found = fresh(wanted if wanted.isidentifier() else "law", self.taken)
        self.taken.append(found)
        return found

    def operation(self, wanted: str, type_: str, equation: str, proof: str) -> None:
        """Name an operation by the equation that it satisfies."""
        name, known = self.name(wanted), self.name(f"is_{wanted}")
        self.equations.append(known)
        self.operations.append(f"obtain ⟨{name}, {known}⟩ : ∃ op{type_}, {equation} := ⟨_, {proof}⟩")

    def law(self, wanted: str, text: str) -> None:
        """State a law."""
        self.stated.append(self.name(wanted))
        self.laws.append(f"have {self.stated[-1]} := {text}")


def opened_structures(view: GoalView) -> Iterator[Weighted]:
    """Open every structure with laws, once the goal's variables are introduced."""
    if view.target.head in {"∀", "→", "¬"}:
        return
    opened = Opened([*view.variables, *(fact.name for fact in view.facts)])
    apart: dict[str, str] = {}
    instances: list[str] = []
    for name, structure, arguments in _printed(view):
        if structure.is_class and _lawful(view, structure):
            instances.append(opened.name(INSTANCE))
            opened.laws.append(f"rename {' '.join([structure.name, *arguments])} => {instances[-1]}")
            _open(view, structure, arguments, opened)
        elif not structure.is_class and (apart or instances or _lawful(view, structure)) and accessible(name):
            apart[name] = f"rcases {name} with {_pattern(view, structure, opened)}"
    rules = ", ".join([*_unfolded(view), *opened.equations])
    facts = [fact.name.partition(".")[0] for fact in view.facts if accessible(fact.name)]
    facts = [name for name in facts if name not in apart]
    places = " ".join(dict.fromkeys([*opened.stated, *facts]))
    if apart:
        unfolded = [f"try simp only [{rules}] at {places} ⊢"] if rules else []
        lines = [*apart.values(), f"try dsimp only at {places} ⊢", *unfolded]
    elif instances:
        gone = [f"try clear {name}" for name in (*opened.equations[::-1], *instances[::-1])]
        calculated = f"simp only [{rules}] at {places} ⊢"
        lines = [*opened.laws, *opened.operations, calculated, *gone]
    else:
        return
    yield "\n".join(lines), CLEAR
    yield "\n".join([*lines, "grind"]), AT_ONCE


def _printed(view: GoalView) -> Iterator[tuple[str, Structure, list[str]]]:
    """Yield the variables that are structures, with their arguments. Only the printed goal has instances."""
    for line in view.text.partition("⊢")[0].splitlines():
        names, _, type_ = line.partition(" : ")
        head, *arguments = type_.split() or [""]
        if head in view.header.structures:
            for name in names.split():
                if not name.startswith(INSTANCE):  # opened already
                    yield name, view.header.structures[head], arguments


def _lawful(view: GoalView, structure: Structure) -> bool:
    """Has it laws, or what it extends?"""
    parents = (view.header.structures.get(head) for head, *_ in structure.parents)
    return bool(structure.laws) or any(_lawful(view, parent) for parent in parents if parent)


def _pattern(view: GoalView, structure: Structure, opened: Opened) -> str:
    """Return the pattern that takes a structure apart, and what it extends."""
    parents = (view.header.structures.get(head) for head, *_ in structure.parents)
    inside = [_pattern(view, parent, opened) if parent else "_" for parent in parents]
    own = [opened.name(each) for each in structure.fields]
    opened.stated += own
    return f"⟨{', '.join([*inside, *own])}⟩"


def _open(view: GoalView, structure: Structure, arguments: list[str], opened: Opened) -> None:
    """Add the operations and laws of a class, first those of its parents, each once."""
    given = dict(zip(structure.parameters, arguments, strict=False))
    for head, *rest in structure.parents:
        texts = [given.get(word, word) for word in rest]
        if (head, *texts) in opened.done:
            continue
        opened.done.add((head, *texts))
        if head in NOTATIONS:
            _notation(head, texts[0], opened)
        elif head in view.header.structures:
            _open(view, view.header.structures[head], texts, opened)
    for each in structure.fields:
        projection = " ".join([f"@{structure.name}.{each}", *arguments, "_"])
        if each in structure.laws:
            opened.law(each, projection)
        else:
            opened.operation(each, "", f"{projection} = op", "rfl")


def _notation(head: str, type_: str, opened: Opened) -> None:
    wanted, signature, equation = (text.format(t=type_) for text in NOTATIONS[head])
    arguments = signature.count("→")
    proof = f"fun {' '.join('_' * arguments)} => rfl" if arguments else "rfl"
    opened.operation(wanted, f" : {signature}", equation, proof)


def _unfolded(view: GoalView) -> list[str]:
    """Return the definitions that say something of a structure: a homomorphism, a subgroup, a power."""
    known = {signature.name for signature in view.header.signatures}
    return [name for name in view.definitions if name in known][:MOST_DEFINITIONS]
