"""Terms of a goal as Lean text, without the types that Lean finds itself."""

from __future__ import annotations

from collections.abc import Iterable

from prover.policies.terms import INFIX, GoalView, Term

TYPES = frozenset(
    {"Nat", "Int", "Rat", "Bool", "List", "Option", "Fin", "Prod", "Sum", "Array", "Unit", "String", "Sort"}
)
CLASSES = frozenset({"Zero", "One", "Add", "Mul", "BEq", "DecidableEq", "instDecidableEqNat", "instBEqOfDecidableEq"})
UNWRITABLE = frozenset({"?", "…", "_", "text", "∀", "→", "∃"})


AMBIGUOUS = frozenset({"Subset", "SSubset", "insert", "singleton", "max", "min"})
"""Names that Lean's library also uses without a prefix."""


def defined(name: str) -> str:
    """Return how to write a constant of the header, so that the library's is not meant."""
    return f"_root_.{name}" if name in AMBIGUOUS else name


def listed(names: Iterable[str]) -> str:
    """Return constants of the header as a list of rules names them."""
    return ", ".join(map(defined, names))


def accessible(name: str) -> bool:
    """Can a tactic write this name? Lean marks those that it made up itself."""
    return "✝" not in name and "_@" not in name


def written(view: GoalView, term: Term, local: frozenset[str] = frozenset()) -> str:
    """Return the text of a term. `local`: variables that it binds itself.

    Raises:
        ValueError: it has a part that cannot be written.
    """
    if term.number is not None:
        return str(term.number)
    if term.variable:
        if not accessible(term.head) or (term.head not in view.variables and term.head not in local):
            raise ValueError(f"{term.head} cannot be named")
        return term.head
    if term.head == "λ":
        return f"(fun {term.name} => {written(view, term.args[1], local | {term.name})})"
    if term.head in UNWRITABLE:
        raise ValueError(f"{term.head} cannot be written")
    given = [written(view, arg, local) for arg in term.args if not _is_found(view, arg)]
    match term.head, given:
        case "apply", _:
            return f"({' '.join(given)})"
        case "List.nil", []:
            return "[]"
        case "List.cons", [head, tail]:
            return f"({head} :: {tail})"
        case ("HAppend.hAppend" | "BEq.beq") as operator, [left, right]:
            return f"({left} {'++' if operator == 'HAppend.hAppend' else '=='} {right})"
        case ("neg" | "¬" | "↑") as sign, [inner]:
            return f"({'-' if sign == 'neg' else sign}{inner})"
        case operator, [left, right] if operator in INFIX:
            return f"({left} {operator} {right})"
        case head, []:
            return defined(head)
        case head, _:
            return f"({defined(head)} {' '.join(given)})"


def stated(view: GoalView, term: Term, local: frozenset[str] = frozenset()) -> str:
    """Return the text of a statement, which may have quantifiers and connectives. Raises ValueError as `written`."""
    match term:
        case Term("∀" | "∃" as quantifier, (_, body), name=name):
            return f"({quantifier} {name}, {stated(view, body, local | {name})})"
        case Term("→" | "∧" | "∨" | "↔" as connective, (left, right)):
            return f"({stated(view, left, local)} {connective} {stated(view, right, local)})"
        case Term("¬", (inner,)):
            return f"(¬{stated(view, inner, local)})"
        case _:
            return written(view, term, local)


def type_text(term: Term) -> str:
    """Return the text of a type. Raises ValueError where a part cannot be written."""
    if term.number is not None:
        return str(term.number)
    if term.head in UNWRITABLE or (term.variable and not accessible(term.head)):
        raise ValueError(f"{term.head} cannot be written")
    return f"({' '.join([term.head, *map(type_text, term.args)])})" if term.args else term.head


def is_type(view: GoalView, term: Term) -> bool:
    """Is it a type, as far as its head tells?"""
    if term.variable:
        return term.head in view.variables and view.variables[term.head].head == "Sort"
    return term.head in TYPES and term.number is None


def _is_found(view: GoalView, term: Term) -> bool:
    """Does Lean find this argument itself, being a type or an instance?"""
    is_instance = term.head.partition(".")[0] in CLASSES and term.head != "BEq.beq"
    return term.head == "_" or is_type(view, term) or is_instance
