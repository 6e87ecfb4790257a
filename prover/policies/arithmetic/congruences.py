"""Claims about divisibility and remainders, decided by trying all residues of the variables modulo one number.

The modulus is the first for which every choice of residues that fits the hypotheses fits the goal, so that nothing is
proposed in vain; Lean reduces each product to residues, distinguishes them, and calculates.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from prover.policies.arithmetic.residues import every_residue, introduction
from prover.policies.arithmetic.shapes import moduli, multiplies_variables
from prover.policies.scope import fresh
from prover.policies.terms import FALSE, Fact, GoalView, Term, Weighted, distinct, literals, show
from prover.policies.texts import accessible

USUAL = (3, 4, 5, 7, 8, 9, 16)
MOST_CASES = 130
MOST_EXPONENT = 12
RULES = {
    "Nat": "Nat.pow_mod, Nat.mul_mod, Nat.add_mod",
    "Int": "Int.pow_succ, Int.mul_emod, Int.add_emod, Int.sub_emod",
}
"""By what products and powers are reduced, once for each."""
Residues = Mapping[str, int]


def congruences(view: GoalView) -> Iterator[Weighted]:
    """Every residue of each variable, with the modulus that decides the goal."""
    if any(map(multiplies_variables, view.terms)):
        yield from ((tactic, 0.40) for tactic in by_residues(view))
    elif len(literals(moduli(view.terms))) > 1:  # where linear arithmetic may give up
        yield from ((tactic, 0.04) for tactic in by_residues(view))


def by_residues(view: GoalView) -> Iterator[str]:
    """Yield the tactic that distinguishes residues modulo the first number that decides the goal, if any does."""
    opening, target = _as_remainder(view)
    facts = [fact for fact in view.facts if _is_arithmetic(fact.term)]
    terms = [target, *(fact.term for fact in facts)]
    if not (_is_arithmetic(target) or target == FALSE):
        return
    for modulus in _moduli(terms):
        telling = [fact for fact in facts if _tells(fact.term, modulus)]
        names = _names(view, [target, *(fact.term for fact in telling)])
        if names and modulus ** len(names) <= MOST_CASES and _decided(target, telling, names, modulus):
            yield opening + _steps(view, telling, target, names, modulus)
            return


def _as_remainder(view: GoalView) -> tuple[str, Term]:
    """Return the step from `∃ k, t = d * k + c` to an equation without k, and what that says of the remainder of t."""
    match view.target:
        case Term("∃", (_, Term("=", (whole, right), type="Nat" | "Int" as kind)), name=k) if k not in whole.variables:
            match right:
                case Term("+", (Term("*") as multiple, Term(number=int(rest)))):
                    pass
                case _:
                    multiple, rest = right, 0
            match multiple:
                case Term("*", (Term(number=int(divisor)), factor)) if factor.is_variable(k) and rest < divisor:
                    remainder = Term("%", (whole, Term.integer(divisor)), type=kind)
                    with suppress(ValueError):
                        opening = f"refine ⟨{show(whole)} / {divisor}, ?_⟩\n"
                        return opening, Term("=", (remainder, Term.integer(rest)), type=kind)
    return introduction(view), view.target


def _moduli(terms: Sequence[Term]) -> list[int]:
    """Return what is divided by, multiples and squares of it, and what else squares are known by."""
    written = [m for m in literals(moduli(terms)) if 1 < m <= MOST_CASES]
    return list(dict.fromkeys([*written, *(m * k for m in written for k in (2, 4)), *(m * m for m in written), *USUAL]))


def _names(view: GoalView, terms: Sequence[Term]) -> list[str]:
    found = dict.fromkeys(part.head for term in terms for part in term if part.variable)
    return [name for name in found if view.numbers.get(name) in {"Nat", "Int"} and accessible(name)]


def _is_arithmetic(term: Term) -> bool:
    """Does it say something of whole numbers that residues may decide?"""
    match term:
        case Term("=" | "≠", type="Nat" | "Int") | Term("∣", type="Nat" | "Int"):
            return True
        case Term("¬" | "∧" | "∨" | "→" | "↔", parts):
            return all(map(_is_arithmetic, parts))
        case _:
            return False


def _tells(term: Term, modulus: int) -> bool:
    """Does this hypothesis exclude residues?"""
    names = sorted(term.variables)
    if not names or modulus ** len(names) > MOST_CASES:
        return False
    return any(truth(term, values, modulus) is False for values in _choices(names, modulus))


def _decided(target: Term, facts: Sequence[Fact], names: Sequence[str], modulus: int) -> bool:
    return all(
        truth(target, values, modulus) is True or any(truth(fact.term, values, modulus) is False for fact in facts)
        for values in _choices(names, modulus)
    )


def _choices(names: Sequence[str], modulus: int) -> Iterator[Residues]:
    for values in itertools.product(range(modulus), repeat=len(names)):
        yield dict(zip(names, values, strict=True))


def residue(term: Term, values: Residues, modulus: int) -> int | None:
    """Return the residue of a term; None where those of the variables do not determine it."""
    match term:
        case Term(number=int(number)):
            return number % modulus
        case Term(variable=True):
            return values.get(term.head)
        case Term("%", (_, Term(number=int()))):
            return _value(term, values, modulus)
        case Term("^", (base, Term(number=int(exponent)))) if exponent <= MOST_EXPONENT:
            of_base = residue(base, values, modulus)
            return None if of_base is None else pow(of_base, exponent, modulus)
        case Term("+" | "*" | "-", (left, right)) if term.head != "-" or term.type == "Int":
            a, b = residue(left, values, modulus), residue(right, values, modulus)
            if a is None or b is None:
                return None
            return (a + b if term.head == "+" else a * b if term.head == "*" else a - b) % modulus
        case Term("-", (whole, Term(number=int(part)))):  # of natural numbers: no less than the residue
            of_whole = residue(whole, values, modulus)
            return None if of_whole is None or of_whole < part else of_whole - part
        case Term("neg", (inner,)):
            of_inner = residue(inner, values, modulus)
            return None if of_inner is None else -of_inner % modulus
        case Term("↑", (inner,)):
            return residue(inner, values, modulus)
        case _:
            return None


def _value(term: Term, values: Residues, modulus: int) -> int | None:
    """Return the number that a remainder is, or a numeral; None where residues leave it open."""
    match term:
        case Term(number=int(number)):
            return number
        case Term("%", (inner, Term(number=int(divisor)))) if divisor > 0 and modulus % divisor == 0:
            of_inner = residue(inner, values, modulus)
            return None if of_inner is None else of_inner % divisor
        case _:
            return None


def truth(term: Term, values: Residues, modulus: int) -> bool | None:
    """Return whether a statement holds for numbers of these residues; None where some fulfil it and others may not."""
    match term:
        case Term("∣", (Term(number=int(divisor)), inner)) if divisor > 0 and modulus % divisor == 0:
            found = residue(inner, values, modulus)
            return None if found is None else found % divisor == 0
        case Term("=", (left, right)):
            return _equal(left, right, values, modulus)
        case Term("≠", (left, right)):
            return _negated(_equal(left, right, values, modulus))
        case Term("¬", (inner,)):
            return _negated(truth(inner, values, modulus))
        case Term("↔", (a, b)):
            one, other = truth(a, values, modulus), truth(b, values, modulus)
            return None if one is None or other is None else one == other
        case Term("∧" | "∨" | "→", (a, b)):
            one, other = truth(a, values, modulus), truth(b, values, modulus)
            return _joined(_negated(one) if term.head == "→" else one, other, term.head == "∧")
        case Term("False"):
            return False
        case _:
            return None


def _equal(left: Term, right: Term, values: Residues, modulus: int) -> bool | None:
    a, b = _value(left, values, modulus), _value(right, values, modulus)
    if a is not None and b is not None:
        return a == b
    a, b = residue(left, values, modulus), residue(right, values, modulus)
    return False if a is not None and b is not None and a != b else None


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _joined(one: bool | None, other: bool | None, both: bool) -> bool | None:
    """Return the conjunction, or the disjunction: settled by one that is false, or true, alone."""
    if (not both) in (one, other):
        return not both
    return None if one is None or other is None else both


def _steps(view: GoalView, facts: Sequence[Fact], target: Term, names: Sequence[str], modulus: int) -> str:
    """Reduce what is said to the residues of the variables, then look at every choice of these.

    Only subtraction of natural numbers, which residues do not determine, is left to linear arithmetic in every case.
    """
    terms = [target, *(fact.term for fact in facts)]
    taken = [*view.variables, *(fact.name for fact in view.facts)]
    lines: list[str] = []
    cases: list[str] = []
    known: list[str] = []
    for variable in names:
        known.append(fresh(f"h{variable}", [*taken, *known]))
        every, pattern = every_residue(variable, modulus, known[-1])
        lines.append(f"have {known[-1]} : {every} := by omega")
        cases.append(f"rcases {known[-1]} with {pattern}")
    reduced: list[str] = []
    for atom in distinct(atom for term in terms for atom in _products(term)):
        reduced.append(fresh("r", [*taken, *known, *reduced]))
        lines.append(_reduction(reduced[-1], atom, names, modulus))
    if any(part.head == "-" and part.type == "Nat" for term in terms for part in term):
        calculation = [f"simp only [{', '.join(known)}] at {' '.join(reduced)}"] if reduced else []
        return "\n".join([*lines, " <;> ".join([*cases, *calculation, "omega"])])
    said = [_in_residues(fact.term, names, modulus, weaker=True) for fact in facts]
    wanted = " → ".join([*said, _in_residues(target, names, modulus, weaker=False)])
    lines.append(f"suffices residues : {wanted} by\n  {_applied(said)}")
    return "\n".join([*lines, " <;> ".join([*cases, f"simp [{', '.join(known)}]"])])


def _applied(said: Sequence[str]) -> str:
    """Return the proof of the goal from what holds of the residues."""
    return "\n  ".join([*("replace residues := residues (by omega)" for _ in said), "omega"])


def _in_residues(term: Term, names: Sequence[str], modulus: int, *, weaker: bool) -> str:
    """Return what a statement says of residues, as text: what follows from it, or what it follows from."""
    match term:
        case Term("∣", (Term(number=int(divisor)), inner)) if divisor > 0 and modulus % divisor == 0:
            return f"{show(_reduced(inner, names, modulus))} % {modulus} % {divisor} = 0"
        case Term("=" | "≠", (left, right)):
            exact = [_as_value(side, names, modulus) for side in (left, right)]
            sides = [f"{show(_reduced(side, names, modulus))} % {modulus}" for side in (left, right)]
            if None not in exact:
                return f"({exact[0]} {term.head} {exact[1]})"
            if weaker == (term.head == "="):
                return f"({sides[0]} {term.head} {sides[1]})"
            return str(weaker)
        case Term("¬", (inner,)):
            return f"(¬ {_in_residues(inner, names, modulus, weaker=not weaker)})"
        case Term("∧" | "∨" as sign, (a, b)):
            one, other = (_in_residues(part, names, modulus, weaker=weaker) for part in (a, b))
            return f"({one} {sign} {other})"
        case Term("→", (a, b)):
            one, other = (
                _in_residues(a, names, modulus, weaker=not weaker),
                _in_residues(b, names, modulus, weaker=weaker),
            )
            return f"({one} → {other})"
        case Term("↔", (a, b)):
            both = (Term("→", (a, b)), Term("→", (b, a)))
            return " ∧ ".join(_in_residues(each, names, modulus, weaker=weaker) for each in both)
        case Term("False"):
            return "False"
        case _:
            return str(weaker)


def _as_value(term: Term, names: Sequence[str], modulus: int) -> str | None:
    """Return the text of a numeral or of a remainder that residues determine."""
    match term:
        case Term(number=int(number)):
            return str(number)
        case Term("%", (inner, Term(number=int(divisor)))) if divisor > 0 and modulus % divisor == 0:
            return f"{show(_reduced(inner, names, modulus))} % {modulus} % {divisor}"
        case _:
            return None


def _products(term: Term) -> Iterator[Term]:
    """Yield what linear arithmetic takes for one number: the largest products and powers with variables."""
    match term:
        case Term("*", (left, right)) if left.variables and right.variables:
            yield term
        case Term("^", (base, _)) if base.variables:
            yield term
        case _:
            for part in term.args:
                yield from _products(part)


def _reduction(name: str, atom: Term, names: Sequence[str], modulus: int) -> str:
    """Return the line that states a product modulo m as the same product of the residues."""
    small = show(_reduced(atom, names, modulus))
    return f"have {name} : {show(atom)} % {modulus} = {small} % {modulus} := by simp [{RULES[atom.type]}]"


def _reduced(term: Term, names: Sequence[str], modulus: int) -> Term:
    if term.variable and term.head in names:
        return Term("%", (term, Term.integer(modulus)), type="Nat")
    return replace(term, args=tuple(_reduced(arg, names, modulus) for arg in term.args))
