"""Sequences given by a recurrence: their values, one after the other or by their period.

`f (n + 2) = f (n + 1) + f n` or `∀ n ≥ 5, f n = f (n - 1) - f (n - 2)`, with first values among the hypotheses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from prover.policies.arithmetic.shapes import quantified
from prover.policies.terms import Fact, GoalView, Term, Value, Weighted, evaluate, show

FURTHEST = 12_000  # index up to which values are computed
LONGEST_PERIOD = 60
MOST_STEPS = 60  # values proved one by one


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`f (n + shift) = right` for all `n` with the premises, by hypothesis `fact`."""

    fact: Fact
    function: str
    variable: str
    shift: int
    premises: tuple[Term, ...]
    right: Term


def recurrences(view: GoalView) -> Iterator[Weighted]:
    """Yield tactics that compute the values which the target asks for."""
    for recurrence in _recurrences(view):
        known = _first_values(view, recurrence.function)
        wanted = sorted({i for i in _indices([view.target], recurrence.function) if i <= FURTHEST})
        modulus = _modulus(view)
        values = _compute(recurrence, known, max([*wanted, 2 * LONGEST_PERIOD]))
        if not wanted or any(i not in values for i in wanted):
            continue
        unknown = [i for i in sorted(values) if i not in known and i <= max(wanted)]
        if len(unknown) <= MOST_STEPS:
            lines = [_value(recurrence, i, values) for i in unknown]
            yield "\n".join([*lines, "simp_all"]), 0.05
            yield "\n".join([*lines, "omega"]), 0.05
            yield "\n".join([*lines, "grind"]), 0.02
        for m in dict.fromkeys([None, modulus] if modulus else [None]):
            yield from _periodic(recurrence, known, values, wanted, m, view.target)


def _recurrences(view: GoalView) -> Iterator[Recurrence]:
    for fact in view.facts:
        match fact.term:
            case Term("∀", (Term("Nat"), claim), name=variable):
                pass
            case _:
                continue
        match quantified(claim):
            case (), premises, Term("=", (Term("apply", (Term(head=function), index)), right)):
                shift = _shift(index, variable)
                if shift is not None and function in right.variables:
                    yield Recurrence(fact, function, variable, shift, premises, right)


def _shift(index: Term, variable: str) -> int | None:
    match index:
        case Term("+", (n, Term(number=int(shift)))) if n.is_variable(variable) and shift:
            return shift
        case _:
            return 0 if index.is_variable(variable) else None


def _first_values(view: GoalView, function: str) -> dict[int, Value]:
    values: dict[int, Value] = {}
    for fact in view.facts:
        match fact.term:
            case Term("=", (Term("apply", (Term(head=applied), Term(number=int(index)))), right)):
                value = evaluate(right, {})
                if applied == function and value is not None:
                    values[index] = value
    return values


def _indices(terms: list[Term], function: str) -> Iterator[int]:
    for whole in terms:
        for term in whole:
            argument = term.argument_of(function)
            index = evaluate(argument, {}) if argument else None
            if isinstance(index, int):
                yield index


def _modulus(view: GoalView) -> int | None:
    """What the target takes remainders by (2 for parity)."""
    for term in view.target:
        match term:
            case Term("%", (_, Term(number=int(modulus)))) | Term("∣", (Term(number=int(modulus)), _)) if modulus:
                return modulus
            case Term("Even" | "Odd"):
                return 2
    return None


def _compute(recurrence: Recurrence, known: Mapping[int, Value], furthest: int) -> dict[int, Value]:
    values = dict(known)
    for index in range(furthest + 1):
        if index in values or index < recurrence.shift:
            continue
        n = index - recurrence.shift
        if any(evaluate(p, {recurrence.variable: n}) is not True for p in recurrence.premises):
            continue
        value = evaluate(_values_put_in(recurrence, recurrence.right, n, values), {recurrence.variable: n})
        if value is not None:
            values[index] = value
    return values


def _values_put_in(recurrence: Recurrence, term: Term, n: int, values: Mapping[int, Value]) -> Term:
    argument = term.argument_of(recurrence.function)
    if argument:
        index = evaluate(argument, {recurrence.variable: n})
        value = values.get(index) if isinstance(index, int) else None
        if isinstance(value, int):
            return Term.integer(value)
        return Term("?")
    return replace(term, args=tuple(_values_put_in(recurrence, arg, n, values) for arg in term.args))


def _value(recurrence: Recurrence, index: int, values: Mapping[int, Value]) -> str:
    premises = " (by omega)" * len(recurrence.premises)
    name = f"at_{index}"
    return (
        f"have {name} := {recurrence.fact.name} {index - recurrence.shift}{premises}\n"
        f"simp [*] at {name}\n"
        f"try replace {name} : {recurrence.function} {index} = {values[index]} := by omega"
    )


def _periodic(
    recurrence: Recurrence,
    known: Mapping[int, Value],
    values: Mapping[int, Value],
    wanted: list[int],
    modulus: int | None,
    target: Term,
) -> Iterator[Weighted]:
    """As many values in a row as determine the next, after any number of periods; from these on to what is wanted."""
    order = recurrence.shift - min(_reach(recurrence), default=0)
    cycle = _cycle(values, order, modulus)
    if cycle is None:
        return
    start, period = cycle
    f = recurrence.function

    def claim(index: str, at: int) -> str:
        if modulus:
            return f"{f} ({index}) % {modulus} = {int(values[at]) % modulus}"
        return f"{f} ({index}) = {values[at]}"

    def after(index: int) -> str:
        return f"{period} * k + {index}" if index else f"{period} * k"

    claims = " ∧ ".join(claim(after(start + i), start + i) for i in range(order))
    lines = [f"have period : ∀ k : Nat, {claims} := by", "  intro k", "  induction k with", "  | zero =>"]
    for i in range(start, start + order):
        if i not in known:
            lines += [f"    {line}" for line in _value(recurrence, i, values).split("\n")]
    lines += ["    simp_all", "  | succ k ih =>"]
    premises = " (by omega)" * len(recurrence.premises)
    for i in range(start + order, start + order + period):
        lines.append(f"    have at_{i} := {recurrence.fact.name} ({after(i - recurrence.shift)}){premises}")
    lines.append(
        f"    simp [Nat.add_assoc] at {' '.join(f'at_{i}' for i in range(start + order, start + order + period))}"
    )
    for i in range(start, start + order):
        lines.append(f"    have next_{i} : {claim(after(i + period), i)} := by omega")
    # 7 * (k + 1) + 2 and 7 * k + 9 are equal by computation
    lines.append(f"    exact ⟨{', '.join(f'next_{i}' for i in range(start, start + order))}⟩")
    if order == 1:
        lines[-1] = f"    exact next_{start}"
    done: set[int] = set()
    for index in (index for index in wanted if index >= start):
        turns, ahead = divmod(index - start, period)
        first = start + turns * period
        for i in range(order):
            projection = "" if order == 1 else ".2" * i + (".1" if i < order - 1 else "")
            if first + i not in done:
                lines.append(
                    f"have value_{first + i} : {claim(str(first + i), start + i)} := (period {turns}){projection}"
                )
                done.add(first + i)
        for i in range(first + order, first + ahead + 1):
            if i not in done:
                lines.append(f"have value_{i} := {recurrence.fact.name} {i - recurrence.shift}{premises}")
                lines.append(f"simp at value_{i}")
                done.add(i)
    lines.append("clear period")
    for finish in ("omega", "simp_all"):
        yield "\n".join([*lines, finish]), 0.04
    parity = _parity(target)
    if parity:
        yield "\n".join([*lines, f"exact {parity}"]), 0.05
    yield "\n".join(lines), 0.03


def _parity(target: Term) -> str | None:
    """The proof of a conjunction of `Even a` and `Odd a`: half of each is the witness."""
    match target:
        case Term("∧", both):
            parts = [_parity(part) for part in both]
            return f"⟨{', '.join(part for part in parts if part)}⟩" if all(parts) else None
        case Term("Even" | "Odd", (*_, number)):
            try:
                return f"⟨{show(number)} / 2, by omega⟩"
            except ValueError:
                return None
        case _:
            return None


def _reach(recurrence: Recurrence) -> Iterator[int]:
    """By how much the indices on the right lie above `n` (negative: below)."""
    for term in recurrence.right:
        argument = term.argument_of(recurrence.function)
        index = evaluate(argument, {recurrence.variable: 1000}) if argument else None
        if isinstance(index, int):
            yield index - 1000


def _cycle(values: Mapping[int, Value], order: int, modulus: int | None) -> tuple[int, int] | None:
    """Where `order` values in a row come again for the first time, and after how many steps."""
    first = min(values)
    sequence: list[Value] = []
    index = first
    while index in values:
        sequence.append(int(values[index]) % modulus if modulus else values[index])
        index += 1
    seen: dict[tuple[Value, ...], int] = {}
    for i in range(len(sequence) - order + 1):
        window = tuple(sequence[i : i + order])
        if window in seen:
            period = i - seen[window]
            return (first + seen[window], period) if period <= LONGEST_PERIOD else None
        seen[window] = i
    return None
