"""Tactics for arithmetic, written from what the goal says: finite cases, residues, powers, gcd, witnesses, instances.

What Lean's one-line automation leaves open in competition problems is mostly finite or inductive. Each template here
looks for its own shape of goal, computes what it needs (a bound, a period, a witness) by evaluating the goal's terms,
and writes a tactic in which Lean proves that again. A wrong guess costs a failed tactic, nothing else.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from prover.policy.divisibility import divisibility
from prover.policy.instantiation import at_variables, functional_equations
from prover.policy.polynomials import squares, zero_products
from prover.policy.terms import EVALUATED, Fact, GoalView, Term, evaluate, show

Weighted = tuple[str, float]

MOST_CASES = 40_000  # evaluations in one `decide`
MOST_BRANCHES = 100  # of one case split
MOST_DIVISOR = 20_000
MOST_VALUES = 2_500  # of one variable: Lean's recursion depth
MODULI = (2, 3, 4, 5, 7, 8, 9, 16)
SMALL = (0, 1, 2, 3)
PRIMES = (2, 3, 5)
LONGEST_CHAIN = 130


# ---- bounds --------------------------------------------------------------------------------------------------------
def literals(terms: Sequence[Term]) -> list[int]:
    """All numbers that occur, ascending."""
    return sorted({term.number for whole in terms for term in whole if term.number is not None})


def bound_of(name: str, facts: Sequence[Fact]) -> tuple[int | None, int]:
    """Guess lower and upper bound of a variable: what a hypothesis says outright, or the largest number around it."""
    low: int | None = None
    high: int | None = None
    around: list[int] = []
    for fact in facts:
        term = fact.term
        if evaluate(term, dict.fromkeys(term.variables, 2)) is None:
            continue  # what it does with its numbers we do not know
        if term.head == "¬" and term.args[0].head in {"≤", "<"}:  # turned around
            a, b = term.args[0].args
            term = Term("<" if term.args[0].head == "≤" else "≤", (b, a), type=term.args[0].type)
        if name not in term.variables:
            continue
        if term.head in {"≤", "<"}:
            strict = int(term.head == "<")
            left, right = term.args
            if left.variable and right.number is not None:
                high = min(right.number - strict, high if high is not None else right.number)
            if right.variable and left.number is not None:
                low = max(left.number + strict, low if low is not None else left.number)
            if right.number is not None and name in left.variables:
                around.append(right.number)
        elif term.head in {"=", "∣"}:
            around += literals([term])[-1:]
    if high is None:
        high = min((n for n in around if n > 1), default=-1)
    for fact in facts:
        high = min(high, _power_bound(name, fact)[0] or high)
    return low, high


def _power_bound(name: str, fact: Fact) -> tuple[int | None, int]:
    """The largest x that a hypothesis on `x ^ k` leaves, if it leaves few, and k."""
    powers_ = [t for t in fact.term if t.head == "^" and t.args[0].head == name and (t.args[1].number or 0) > 1]
    if not powers_ or fact.term.variables != {name} or powers_[0].type != "Nat":
        return None, 0
    kept = [value for value in range(400) if evaluate(fact.term, {name: value}) is True]
    return (kept[-1], powers_[0].args[1].number or 1) if kept and kept[-1] < 300 else (None, 0)


def bound_proof(name: str, facts: Sequence[Fact]) -> str:
    """Return a tactic for `name ≤ number`: linear arithmetic, with facts about products, powers, divisors."""
    ways = ["omega"]
    for fact in facts:
        if fact.term.head == "=" and fact.term.type == "Nat":
            left, right = fact.term.args
            for side, equation in ((left, fact.name), (right, f"{fact.name}.symm")):
                if side.head == "*" and side.args[0].variables == {name} and side.args[0].variable:
                    divides = f"by rw [← {equation}]; exact Nat.dvd_mul_right _ _"
                    ways.append(f"exact Nat.le_of_dvd (by decide) ({divides})")
                if side.head == "*" and side.args[1].variable and side.args[1].head == name:
                    divides = f"by rw [← {equation}]; exact Nat.dvd_mul_left _ _"
                    ways.append(f"exact Nat.le_of_dvd (by decide) ({divides})")
                if side.head == "Nat.lcm":
                    for arg, lemma in zip(side.args, ("left", "right"), strict=True):
                        if arg.variable and arg.head == name:
                            ways.append(f"exact Nat.le_of_dvd (by decide) ({equation} ▸ Nat.dvd_lcm_{lemma} _ _)")
        if fact.term.head == "∣" and fact.term.args[0].variable and fact.term.args[0].head == name:
            ways.append(f"exact Nat.le_of_dvd (by omega) {fact.name}")
    powers = {show(t) for f in facts for t in f.term if t.head == "^" and t.args[0].variable and t.type == "Nat"}
    hints = product_hints([fact.term for fact in facts])
    if hints:
        ways.append(f"({'; '.join(f'({hint})' for hint in hints)}; omega)")
    for fact in facts:
        bound, exponent = _power_bound(name, fact)
        if bound is not None:
            larger = f"have := Nat.pow_le_pow_left (Nat.lt_of_not_le h) {exponent}"
            ways.append(f"(refine Classical.byContradiction fun h => ?_; {larger}; simp at this; omega)")
    if powers:
        sizes = "; ".join(
            f"have := Nat.le_self_pow (n := {show(t.args[1])}) (by decide) {t.args[0].head}"
            for t in _distinct_terms(t for f in facts for t in f.term)
            if t.head == "^" and t.args[0].variable and t.type == "Nat" and t.args[1].number
        )
        if sizes:
            ways.append(f"({sizes}; omega)")
    ways.append("grind")
    return f"first | {' | '.join(ways)}"


def _distinct_terms(terms: Iterator[Term]) -> list[Term]:
    return list(dict.fromkeys(terms))


def showable(facts: Sequence[Fact]) -> list[Fact]:
    """Facts that can be written out again."""
    found = []
    for fact in facts:
        try:
            show(fact.term)
        except ValueError:
            continue
        found.append(fact)
    return found


def decidable(term: Term, names: Iterable[str]) -> bool:
    """Can Lean decide it once these variables are numbers? Functions of numbers count as computable."""
    if term.number is not None:
        return True
    if term.variable:
        return term.head in names
    if term.head in EVALUATED or (term.head[:1].isalpha() and term.args and "Prime" not in term.head):
        return all(decidable(arg, names) for arg in term.args)
    return term.head == "False"


# ---- finite: all cases at once, by evaluation ----------------------------------------------------------------------
def finite(view: GoalView) -> Iterator[Weighted]:
    """Bounded variables: check every value in the kernel. Also from the negated goal, which may bound them."""
    yield from _finite(view, view.target, [])
    if view.target.head in {"≤", "<", "=", "≠", "∨"} and view.numbers:
        hypothesis = Fact("hcontra", Term("¬", (view.target,)))
        for tactic, weight in _finite(view, Term("False"), [hypothesis]):
            yield f"refine Classical.byContradiction fun hcontra => ?_\n{tactic}", weight / 2


@dataclass(frozen=True, slots=True)
class Domain:
    """The values a variable can have: how to write them as a list, and what proves membership."""

    values: Sequence[int]
    listed: str
    membership: str
    lines: tuple[str, ...] = ()


def _finite(view: GoalView, target: Term, more: list[Fact]) -> Iterator[Weighted]:
    known = {name for name, kind in view.numbers.items() if kind in {"Nat", "Int"}}
    facts = showable([f for f in [*view.facts, *more] if f.term.variables and decidable(f.term, known)])
    if not decidable(target, known):
        return
    occurring = set().union(target.variables, *(fact.term.variables for fact in facts))
    names = [name for name in view.numbers if name in occurring]
    if not names or len(names) > 4:
        return
    domains: dict[str, Domain] = {}
    for name in names:
        domain = _domain(view, name, facts)
        if domain is None:
            return
        domains[name] = domain
    order, cases = _order(facts, domains)
    if cases > MOST_CASES:
        return
    binders: dict[str, tuple[str, str]] = {}
    lines = list(dict.fromkeys(line for name in order for line in domains[name].lines))
    lines.sort(key=lambda line: line.startswith("obtain"))  # first all bounds, then the variables are replaced
    for name in order:
        binders[name] = (name, name)
        if view.numbers[name] == "Int":
            low = domains[name].values[0]
            binders[name] = (f"k_{name}", f"({low} + (k_{name} : Int))")
    try:
        statement, arguments = _all_cases(facts, order, domains, binders, target)
    except ValueError:
        return
    lines += [
        f"have key : ({statement}) = true := by decide +kernel",
        "simp only [List.all_eq_true, List.mem_filter, List.mem_range, decide_eq_true_eq] at key",
        f"exact key {arguments}",
    ]
    yield "\n".join(lines), 0.12 if cases < 3000 else 0.05


def _domain(view: GoalView, name: str, facts: Sequence[Fact]) -> Domain | None:
    for divisor, value, proof in divisibilities(facts):
        if divisor == name and 1 < value <= MOST_DIVISOR:
            values = [d for d in range(1, value + 1) if value % d == 0]
            listed = f"[{', '.join(map(str, values))}]"
            proofs = (divisor_lemma(value, listed), f"have hm_{name} := divisors_{value} {name} {proof}")
            return Domain(values, listed, f"hm_{name}", proofs)
    low, high = bound_of(name, facts)
    low = 0 if view.numbers[name] == "Nat" else -high if low is None else low
    if high < low or high - low > MOST_VALUES:
        return None
    lines: tuple[str, ...] = (f"have hb_{name} : {name} ≤ {high} := by {bound_proof(name, facts)}",)
    if view.numbers[name] == "Int":
        shifted = f"∃ k_{name} : Nat, {name} = {low} + (k_{name} : Int)"
        if low < 0 and not any(f.term.head in {"≤", "<"} and f.term.args[1].head == name for f in facts):
            lines = (*lines, f"have hl_{name} : {low} ≤ {name} := by {bound_proof(name, facts)}")
        lines = (*lines, f"obtain ⟨k_{name}, rfl⟩ : {shifted} := ⟨({name} - ({low})).toNat, by omega⟩")
    return Domain(range(low, high + 1), f"(List.range {high - low + 1})", "(by omega)", lines)


def divisor_lemma(value: int, listed: str) -> str:
    """Return lines that prove `divisors_VALUE : ∀ d, d ∣ VALUE → d ∈ LISTED`."""
    below = "List.mem_range.mpr (Nat.lt_succ_of_le (Nat.le_of_dvd (by decide) hd))"
    return (
        f"have divisors_{value} : ∀ d : Nat, d ∣ {value} → d ∈ {listed} := by\n"
        f"  have key : ((List.range {value + 1}).filter fun d => {value} % d == 0) = {listed} := by decide +kernel\n"
        "  intro d hd\n"
        "  rw [← key]\n"
        f"  exact List.mem_filter.mpr ⟨{below}, by simp [Nat.mod_eq_zero_of_dvd hd]⟩"
    )


def divisibilities(facts: Sequence[Fact]) -> Iterator[tuple[str, int, str]]:
    """Variables that divide a number by some hypothesis, with the number and the proof."""
    for fact in facts:
        term = fact.term
        if term.head == "∣" and term.args[0].variable and (term.args[1].number or 0) > 1:
            yield term.args[0].head, term.args[1].number or 0, fact.name
        if term.head != "=" or term.type != "Nat":
            continue
        turned = (term.args[1], term.args[0], f"{fact.name}.symm")
        straight = (term.args[0], term.args[1], fact.name)
        for side, other, equation in (straight, turned):
            value = evaluate(other, {})
            if not isinstance(value, int) or not 1 < value <= MOST_DIVISOR:
                continue
            if side.head == "Nat.lcm":
                for arg, lemma in zip(side.args, ("left", "right"), strict=True):
                    if arg.variable:
                        yield arg.head, value, f"({equation} ▸ Nat.dvd_lcm_{lemma} _ _)"
            for variable, proof in _factors(side, equation):
                yield variable, value, proof


def _all_cases(
    facts: Sequence[Fact],
    order: Sequence[str],
    domains: dict[str, Domain],
    binders: dict[str, tuple[str, str]],
    target: Term,
) -> tuple[str, str]:
    """Return a Boolean that says the target holds in all cases, and how to apply what it proves.

    Facts about the first variables alone filter their values before the others are looked at.
    """
    opening, left = "", list(facts)
    arguments: list[str] = []
    for i, name in enumerate(order):
        variable, domain = binders[name][0], domains[name]
        known = set(order[: i + 1])
        now = [f for f in left if f.term.variables <= known]
        if i < len(order) - 1 and now:
            left = [f for f in left if f not in now]
            conditions = " ∧ ".join(_with(f.term, binders) for f in now)
            opening += (
                f"({domain.listed}.filter fun ({variable} : Nat) => decide ({conditions})).all fun {variable} => "
            )
            arguments.append(f"{variable} ⟨{domain.membership}, {', '.join(f.name for f in now)}⟩")
        else:
            opening += f"{domain.listed}.all fun ({variable} : Nat) => "
            arguments.append(f"{variable} {domain.membership}")
    goal = "False" if target.head == "False" else _with(target, binders)
    if left:
        goal = f"{' ∧ '.join(_with(f.term, binders) for f in left)} → {goal}"
        arguments.append(f"⟨{', '.join(f.name for f in left)}⟩" if len(left) > 1 else left[0].name)
    return f"{opening}decide ({goal})", " ".join(arguments)


def _order(facts: Sequence[Fact], domains: dict[str, Domain]) -> tuple[list[str], int]:
    """Return an order in which facts prune early, and how many cases are looked at then."""
    order: list[str] = []
    rows: list[dict[str, int]] = [{}]
    total = 0
    while len(order) < len(domains):

        def usefulness(name: str) -> tuple[bool, int]:
            known = {*order, name}
            return not any(name in f.term.variables <= known for f in facts), len(domains[name].values)

        name = min((n for n in domains if n not in order), key=usefulness)
        order.append(name)
        total += len(rows) * len(domains[name].values)
        if total > MOST_CASES:
            return order, total
        now = [f.term for f in facts if name in f.term.variables <= set(order)]
        rows = [
            {**row, name: value}
            for row in rows
            for value in domains[name].values
            if all(evaluate(term, {**row, name: value}) is not False for term in now)
        ]
    return order, total


def _with(term: Term, binders: dict[str, tuple[str, str]]) -> str:
    """Show a term with variables replaced."""
    if term.variable and term.head in binders:
        return binders[term.head][1]
    if not term.args:
        return show(term)
    inner = tuple(Term(_with(arg, binders), variable=True) for arg in term.args)
    return show(Term(term.head, inner, term.number, term.type, term.name, term.variable))


# ---- a case split on one variable ----------------------------------------------------------------------------------
def splits(view: GoalView) -> Iterator[Weighted]:
    """Split a variable of small range into its values and close every case by automation."""
    for name, kind in view.numbers.items():
        if kind not in {"Nat", "Int"}:
            continue
        low, high = bound_of(name, view.facts)
        low = max(0, low or 0) if kind == "Nat" else low
        if low is None or not 0 <= high - low < MOST_BRANCHES:
            continue
        split = case_split(name, low, high, bound_proof(name, showable(view.facts)), kind)
        weight = 0.05 if high - low < 20 else 0.02
        for finish in ("omega", "first | omega | simp_all | grind"):
            yield f"{split} <;> {finish}", weight


def case_split(name: str, low: int, high: int, proof: str, kind: str) -> str:
    """Return a tactic that replaces a variable by each of its values."""
    pattern = " | ".join(["rfl"] * (high - low + 1))
    if high - low < 12:
        values = " ∨ ".join(f"{name} = {value}" for value in range(low, high + 1))
        return f"rcases (by omega : {values}) with {pattern}"
    variable = f"k_{name}"
    lines = [f"have hb_{name} : {name} ≤ {high} := by {proof}"]
    shift = f"{name} = {low} + {variable}" if kind == "Nat" else f"{name} = {low} + ({variable} : Int)"
    value = f"{name} - {low}" if kind == "Nat" else f"({name} - {low}).toNat"
    exists = f"∃ {variable} : Nat, {variable} < {high - low + 1} ∧ {shift}"
    lines.append(f"obtain ⟨{variable}, hr_{name}, rfl⟩ : {exists} := ⟨{value}, by omega, by omega⟩")
    lines.append(f"replace hr_{name} := List.mem_range.mpr hr_{name}")
    lines.append(f"simp only [List.range, List.range.loop, List.mem_cons, List.not_mem_nil, or_false] at hr_{name}")
    return "\n".join([*lines, f"rcases hr_{name} with {pattern}"])


# ---- residues ------------------------------------------------------------------------------------------------------
def residues(view: GoalView) -> Iterator[Weighted]:
    """Nonlinear terms modulo a small number: what residues they can have, then linear arithmetic."""
    nonlinear = _powers_of_variables(view)
    products = _distinct_terms(
        t for whole in view.terms for t in whole
        if t.type in {"Nat", "Int"} and t.head == "*" and all(a.variables for a in t.args) and len(t.variables) <= 2
    )  # fmt: skip
    bases = {t.args[0].head: t.type for t in nonlinear if t.args[0].head in view.numbers}
    bases |= {name: t.type for t in products for name in t.variables if name in view.numbers}
    if not bases and not products:
        return
    written = [m for m in literals(_moduli(view)) if 1 < m <= 32]
    others = [m for m in literals(view.terms) if 2 < m <= 16]
    for modulus in list(dict.fromkeys([*written, *others, *MODULI]))[:9]:
        weight = 0.06 if modulus in written else 0.02
        for name, kind in list(bases.items())[:2] if len(bases) == 1 else []:
            mod = "Nat" if kind == "Nat" else "Int"
            cases = " ∨ ".join(f"{name} % {modulus} = {r}" for r in range(modulus))
            pattern = "|".join(["hr"] * modulus)
            rules = _modular_rules(mod)
            if modulus in written:
                yield f"rcases (by omega : {cases}) with {pattern} <;> simp [{rules}, hr]", weight
                yield f"rcases (by omega : {cases}) with {pattern} <;> first | omega | simp [{rules}, hr]", weight
                yield f"rcases (by omega : {cases}) with {pattern} <;> simp_all [{rules}] <;> omega", weight / 2
        lines = []
        for t in nonlinear[:4]:
            lines.append(_residues_of_power(t, modulus))
        for t in products[:2] if modulus <= 9 else []:
            try:
                lines.append(_residues_of_product(t, modulus))
            except ValueError:
                continue
        if lines and math.prod(modulus for _ in lines) <= 600:
            intro = "intro hne\n" if view.target.head in {"≠", "¬"} else ""
            yield intro + "\n".join(lines) + "\nomega", weight / 2


def _powers_of_variables(view: GoalView) -> list[Term]:
    return _distinct_terms(
        t for whole in view.terms for t in whole
        if t.type in {"Nat", "Int"} and t.head == "^" and t.args[0].variable and (t.args[1].number or 0) > 1
    )  # fmt: skip


def _moduli(view: GoalView) -> list[Term]:
    return [t.args[1] if t.head == "%" else t.args[0] for whole in view.terms for t in whole if t.head in {"%", "∣"}]


def _modular_rules(kind: str) -> str:
    if kind == "Nat":
        return "Nat.pow_succ, Nat.add_mod, Nat.mul_mod, Nat.dvd_iff_mod_eq_zero"
    return "Int.pow_succ, Int.add_emod, Int.sub_emod, Int.mul_emod, Int.dvd_iff_emod_eq_zero"


def _residues_of_power(term: Term, modulus: int) -> str:
    name, exponent = term.args[0].head, term.args[1].number or 1
    cases = " ∨ ".join(
        f"({name} % {modulus} = {r} ∧ {name} ^ {exponent} % {modulus} = {r**exponent % modulus})"
        for r in range(modulus)
    )
    values = " ∨ ".join(f"{name} % {modulus} = {r}" for r in range(modulus))
    rules = "Nat.pow_succ, Nat.mul_mod" if term.type == "Nat" else "Int.pow_succ, Int.mul_emod"
    pattern = "|".join(["hr"] * modulus)
    return f"have : {cases} := by rcases (by omega : {values}) with {pattern} <;> simp [{rules}, hr]"


def _residues_of_product(term: Term, modulus: int) -> str:
    left, right = show(term.args[0]), show(term.args[1])
    cases = " ∨ ".join(
        f"({left} % {modulus} = {r} ∧ {right} % {modulus} = {s} ∧ {left} * {right} % {modulus} = {r * s % modulus})"
        for r in range(modulus) for s in range(modulus)
    )  # fmt: skip
    values = " ∨ ".join(f"{left} % {modulus} = {r}" for r in range(modulus))
    others = " ∨ ".join(f"{right} % {modulus} = {r}" for r in range(modulus))
    lemma = "Nat.mul_mod" if term.type == "Nat" else "Int.mul_emod"
    pattern = "|".join(["hr"] * modulus), "|".join(["hs"] * modulus)
    return (
        f"have : {cases} := by rcases (by omega : {values}) with {pattern[0]} <;> "
        f"rcases (by omega : {others}) with {pattern[1]} <;> simp [{lemma}, hr, hs]"
    )


# ---- powers of a number with a variable exponent -------------------------------------------------------------------
def powers(view: GoalView) -> Iterator[Weighted]:
    """`b ^ e` modulo `m`: it is periodic in `e`; prove that, and go through the residues of `e`."""
    everything = (term for whole in view.terms for term in whole if term.head == "^")
    found = _distinct_terms(t for t in everything if (t.args[0].number or 0) > 1 and t.args[1].variables)
    moduli = [m for m in literals(_moduli(view)) if 1 < m <= 1000]
    for term, modulus in itertools.islice(itertools.product(found, moduli), 6):
        base = term.args[0].number or 0
        cycle = _cycle(base, modulus)
        if cycle is None:
            continue
        start, period = cycle
        try:
            exponent = show(term.args[1])
        except ValueError:
            continue
        typed = f"({base} : {term.type})"
        plus = f" + {start}" if start else ""
        step = f"{period} * (q + 1) + r{plus} = ({period} * q + r{plus}) + {period}"
        equation = f"{typed} ^ ({period} * q + r{plus}) % {modulus} = {typed} ^ (r{plus}) % {modulus}"
        lines = [
            f"have key : ∀ q r : Nat, {equation} := by",
            "  intro q r",
            "  induction q with",
            "  | zero => simp",
            f"  | succ q ih => rw [show {step} by omega, {'Nat' if term.type == 'Nat' else 'Int'}.pow_add]; omega",
        ]
        shifted = f"({exponent} - {start})" if start else exponent
        instance = f"have hp := key ({shifted} / {period}) ({shifted} % {period})"
        residues_ = " ∨ ".join(f"{shifted} % {period} = {r}" for r in range(period))
        pattern = "|".join(["hr"] * period)
        if period > 24:
            continue
        intro = "intro hne\n" if view.target.head in {"≠", "¬"} else ""
        if not start:
            lines += [instance, "rw [Nat.div_add_mod] at hp"]
        else:
            lines += [
                instance,
                f"rw [show {period} * ({shifted} / {period}) + {shifted} % {period}{plus} = {exponent} by omega] at hp",
            ]
        positive = "Nat.pow_pos" if term.type == "Nat" else "Int.pow_pos"
        lines.append(f"have hpos : 0 < {typed} ^ {exponent} := {positive} (by decide)")  # which omega cannot see
        lines += [_residues_of_power(t, modulus) for t in _powers_of_variables(view)[:2] if modulus <= 16]
        lines.append(f"rcases (by omega : {residues_}) with {pattern} <;> rw [hr] at hp <;> simp at hp <;> omega")
        yield intro + "\n".join(lines), 0.05


def _cycle(base: int, modulus: int) -> tuple[int, int] | None:
    """Return where the powers of `base` begin to repeat modulo `modulus`, and the period."""
    seen: dict[int, int] = {}
    value = 1 % modulus
    for i in range(modulus + 1):
        if value in seen:
            return seen[value], i - seen[value]
        seen[value] = i
        value = value * base % modulus
    return None


# ---- gcd -----------------------------------------------------------------------------------------------------------
def common_divisors(view: GoalView) -> Iterator[Weighted]:
    """`gcd a b = 1` for linear a, b: a combination of both that is constant."""
    target = view.target
    if target.head != "=" or target.args[0].head != "Nat.gcd" or target.args[1].number != 1:
        return
    a, b = target.args[0].args
    try:
        left, right = show(a), show(b)
    except ValueError:
        return
    samples = [dict.fromkeys(view.numbers, value) for value in (2, 3, 7, 10)]
    values = [(evaluate(a, s), evaluate(b, s)) for s in samples]
    for u, v in itertools.product(range(1, 60), repeat=2):
        differences = {int(u * x) - int(v * y) for x, y in values if x is not None and y is not None}
        if differences in ({1}, {-1}):
            first, second = (
                (("h1", u, left), ("h2", v, right)) if differences == {1} else (("h2", v, right), ("h1", u, left))
            )
            larger, smaller = (f"Nat.dvd_mul_left_of_dvd {divides} {times}" for divides, times, _ in (first, second))
            yield "\n".join([
                f"have h1 := Nat.gcd_dvd_left {left} {right}",
                f"have h2 := Nat.gcd_dvd_right {left} {right}",
                f"have h3 := Nat.dvd_sub ({larger}) ({smaller})",
                f"rw [show {first[1]} * {first[2]} - {second[1]} * {second[2]} = 1 by omega] at h3",
                "exact Nat.dvd_one.mp h3",
            ]), 0.2  # fmt: skip
            return


# ---- divisors ------------------------------------------------------------------------------------------------------
def divisors(view: GoalView) -> Iterator[Weighted]:
    """`x * y = c` or `x ∣ c`: x is one of the divisors of c."""
    for name, value, proof in itertools.islice(divisibilities(showable(view.facts)), 4):
        if value > MOST_DIVISOR:
            continue
        values = [d for d in range(1, value + 1) if value % d == 0]
        if len(values) > 40:
            continue
        lines = [
            divisor_lemma(value, f"[{', '.join(map(str, values))}]"),
            f"have hm := divisors_{value} {name} {proof}",
            f"clear divisors_{value}",
            "simp only [List.mem_cons, List.not_mem_nil, or_false] at hm",
        ]
        split = "\n".join([*lines, f"rcases hm with {' | '.join(['rfl'] * len(values))}"])
        for finish in ("omega", "simp_all <;> omega", "first | omega | simp_all | grind"):
            yield f"{split} <;> {finish}", 0.06
        yield "\n".join(lines), 0.01


def _factors(term: Term, equation: str) -> Iterator[tuple[str, str]]:
    """Variables that divide a product, with the proof of `variable ∣ value` from `product = value`."""
    if term.head != "*":
        return
    left, right = term.args
    if left.variable:
        yield left.head, f"(by rw [← {equation}]; exact Nat.dvd_mul_right _ _)"
    if right.variable:
        yield right.head, f"(by rw [← {equation}]; exact Nat.dvd_mul_left _ _)"
    if left.head == "*":
        for variable in left.args:
            if variable.variable:
                side = "Nat.dvd_mul_right _ _" if variable is left.args[0] else "Nat.dvd_mul_left _ _"
                yield variable.head, f"(by rw [← {equation}]; exact Nat.dvd_trans ({side}) (Nat.dvd_mul_right _ _))"


# ---- roots ---------------------------------------------------------------------------------------------------------
def roots(view: GoalView) -> Iterator[Weighted]:
    """`t ^ k = c` in the natural numbers, with c a k-th power: t is the root."""
    lines = []
    for i, fact in enumerate(view.facts):
        if fact.term.head != "=" or fact.term.type != "Nat" or fact.term.args[0].head != "^":
            continue
        base, exponent = fact.term.args[0].args
        value = evaluate(fact.term.args[1], {})
        if not exponent.number or not isinstance(value, int) or not base.variables:
            continue
        root = round(value ** (1 / exponent.number))
        if root**exponent.number != value:
            continue
        try:
            lines.append(
                f"have root{i} : {show(base)} = {root} := (Nat.pow_left_inj (n := {exponent.number}) (by decide)).mp "
                f"({fact.name}.trans (by decide))"
            )
        except ValueError:
            continue
    if lines:
        yield "\n".join([*lines, "simp_all"]), 0.06
        yield "\n".join(lines), 0.05


# ---- instances -----------------------------------------------------------------------------------------------------
def instances(view: GoalView) -> Iterator[Weighted]:
    """Universally quantified hypotheses at numbers that fit them, then linear arithmetic or automation."""
    numbers = [n for n in literals([view.target]) if n <= 10_000]
    lines: list[str] = []
    for fact in view.facts:
        kinds, premises, _ = unfold_quantifiers(fact.term)
        if not kinds or any(kind not in {"Nat", "Int"} for _, kind in kinds):
            continue
        names = [name for name, _ in kinds]
        if len(names) == 1:
            fitting = _fitting(names[0], premises)
            dividing = PRIMES if any(p.head == "∣" and p.args[0].head == names[0] for p in premises) else ()
            values = list(dict.fromkeys([*fitting[:3], *dividing, *(SMALL if not premises else ()), *numbers[:3]]))[:6]
            lines += [f"have := {fact.name} {value}" for value in values]
        elif len(names) == 2:
            pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (0, 2)]
            lines += [f"have := {fact.name} {a} {b}" for a, b in pairs]
    if lines:
        block = "\n".join(lines[:14])
        for finish, weight in (("omega", 0.05), ("simp_all", 0.03), ("grind", 0.03), ("simp at * <;> omega", 0.02)):
            yield f"{block}\n{finish}", weight
        yield from _and_split(view, block)
    yield from _chains(view)
    yield from _at_terms(view)


def _and_split(view: GoalView, block: str) -> Iterator[Weighted]:
    """Instances, and then every value of a variable that is bounded (if need be by the negated goal)."""
    contradiction = Fact("hcontra", Term("¬", (view.target,)))
    for facts, opening in (
        (list(view.facts), ""),
        ([*view.facts, contradiction], "refine Classical.byContradiction fun hcontra => ?_\n"),
    ):
        for name, kind in view.numbers.items():
            if kind not in {"Nat", "Int"}:
                continue
            low, high = bound_of(name, facts)
            low = max(0, low or 0) if kind == "Nat" else low
            if low is None or not 0 <= high - low <= 30:
                continue
            split = case_split(name, low, high, bound_proof(name, showable(facts)), kind)
            yield f"{opening}{block}\n{split} <;> first | omega | contradiction | simp_all", 0.03
            break


def _chains(view: GoalView) -> Iterator[Weighted]:
    """`f x + f (x - 1) = ...` from a known argument up to the one that the target asks for: all equations between."""
    applied = [t for t in view.target if t.head == "apply" and len(t.args) == 2 and t.args[1].number is not None]
    for fact in view.facts:
        kinds, premises, conclusion = unfold_quantifiers(fact.term)
        if len(kinds) != 1 or premises or kinds[0][1] not in {"Nat", "Int"} or not applied:
            continue
        function, wanted = applied[0].args[0].head, applied[0].args[1].number or 0
        if sum(t.head == "apply" and t.args[0].head == function for t in conclusion) < 2:
            continue
        known = [
            t.args[1].number
            for other in view.facts if other.term.head == "="
            for t in other.term if t.head == "apply" and t.args[0].head == function and t.args[1].number is not None
        ]  # fmt: skip
        for start in known[:1]:
            between = range(min(start, wanted), max(start, wanted) + 1)
            if 2 < len(between) <= LONGEST_CHAIN:
                lines = [f"have at_{i} := {fact.name} {i}" for i in between]
                yield "\n".join([*lines, f"simp at {' '.join(f'at_{i}' for i in between)}", "omega"]), 0.05


def _at_terms(view: GoalView) -> Iterator[Weighted]:
    """Universally quantified hypotheses at the variables that occur."""
    for kind in ("Nat", "Int"):
        names = [name for name, k in view.numbers.items() if k == kind][:3]
        lines = []
        for fact in view.facts:
            kinds, _, _ = unfold_quantifiers(fact.term)
            if len(kinds) == 1 and kinds[0][1] == kind:
                lines += [f"have := {fact.name} {term}" for name in names for term in (name, f"({name} + 1)")]
        if lines:
            yield "\n".join([*lines[:8], "omega"]), 0.02
            yield "\n".join([*lines[:8], "grind"]), 0.02


def unfold_quantifiers(term: Term) -> tuple[list[tuple[str, str]], list[Term], Term]:
    """Return the leading quantified variables with their types, the premises, and the conclusion."""
    variables: list[tuple[str, str]] = []
    premises: list[Term] = []
    while term.head in {"∀", "→"}:
        if term.head == "∀":
            variables.append((term.name, term.args[0].head))
        else:
            premises.append(term.args[0])
        term = term.args[1]
    return variables, premises, term


def _fitting(name: str, premises: Sequence[Term]) -> list[int]:
    """The first numbers for which all premises hold that can be evaluated; none if there is no such premise."""
    known = [p for p in premises if p.variables == {name} and evaluate(p, {name: 1}) is not None]
    if not known:
        return []
    return list(itertools.islice((v for v in range(2000) if all(evaluate(p, {name: v}) for p in known)), 3))


# ---- witnesses -----------------------------------------------------------------------------------------------------
def witnesses(view: GoalView) -> Iterator[Weighted]:
    """`∃ x, P x`: numbers for which P evaluates to true."""
    names: list[tuple[str, str]] = []
    term = view.target
    while term.head == "∃" and term.args[0].head in {"Nat", "Int"} and len(names) < 3:
        names.append((term.name, term.args[0].head))
        term = term.args[1]
    if not names or not term.variables <= {name for name, _ in names}:
        return
    reach = {1: 2000, 2: 60, 3: 16}[len(names)]
    spans = [range(reach) if kind == "Nat" else _from_zero(reach) for _, kind in names]
    found = 0
    for values in itertools.product(*spans):
        if evaluate(term, dict(zip((name for name, _ in names), values, strict=True))) is True:
            listed = ", ".join(str(value) for value in values)
            yield f"exact ⟨{listed}, by decide⟩", 0.2
            yield f"refine ⟨{listed}, ?_⟩ <;> simp", 0.05
            found += 1
            if found == 2:
                return


def _from_zero(reach: int) -> list[int]:
    return [value for n in range(reach) for value in ((n, -n) if n else (0,))]


# ---- linear systems over the rationals -----------------------------------------------------------------------------
def rational_systems(view: GoalView) -> Iterator[Weighted]:
    """Linear equations over ℚ with one solution: its values, proved by `grind`, put in."""
    names = [name for name, kind in view.numbers.items() if kind == "Rat"]
    equations = [f.term for f in view.facts if f.term.head == "=" and f.term.type == "Rat"]
    if not names or not equations:
        return
    solution = _solve(names, equations)
    if not solution:
        return
    lines = [f"have value_{name} : {name} = {value} := by grind" for name, value in solution.items()]
    lines.append(f"subst {' '.join(f'value_{name}' for name in solution)}")
    for finish in ("decide +kernel", "rfl", "simp_all"):
        yield "\n".join([*lines, finish]), 0.05


def _solve(names: Sequence[str], equations: Sequence[Term]) -> dict[str, Fraction]:
    """Values of the variables that the equations determine; none if one of them is not linear."""
    rows: list[list[Fraction]] = []
    for equation in equations:
        row = _linear(equation, names)
        if row is not None:
            rows.append(row)
    pivots: list[int] = []
    for column in range(len(names)):
        pivot = next((r for r in rows[len(pivots) :] if r[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        pivot = [x / pivot[column] for x in pivot]
        rows = [[x - row[column] * p for x, p in zip(row, pivot, strict=True)] for row in rows]
        rows.insert(len(pivots), pivot)
        pivots.append(column)
    return {
        names[c]: -rows[i][-1] for i, c in enumerate(pivots) if not any(rows[i][k] for k in range(len(names)) if k != c)
    }


def _linear(equation: Term, names: Sequence[str]) -> list[Fraction] | None:
    def difference(values: dict[str, int]) -> Fraction | None:
        left, right = (evaluate(arg, values) for arg in equation.args)
        return None if left is None or right is None else Fraction(left) - Fraction(right)

    zero = dict.fromkeys(names, 0)
    constant = difference(zero)
    if constant is None:
        return None
    row = []
    for name in names:
        one, two = difference({**zero, name: 1}), difference({**zero, name: 2})
        if one is None or two is None or two - constant != 2 * (one - constant):
            return None
        row.append(one - constant)
    together = difference(dict.fromkeys(names, 1))
    return [*row, constant] if together == constant + sum(row) else None


# ---- products ------------------------------------------------------------------------------------------------------
def products(view: GoalView) -> Iterator[Weighted]:
    """Signs and sizes of products and squares as hints, then automation."""
    hints = product_hints(view.terms)
    if hints:
        block = "\n".join(hints)
        yield f"{block}\ngrind", 0.02
        yield f"{block}\nomega", 0.02


def product_hints(terms: Sequence[Term]) -> list[str]:
    """Lines that add what the signs of factors say about a product, where linear arithmetic can prove the signs."""
    hints: list[str] = []
    for term in _distinct_terms(t for whole in terms for t in whole):
        if term.head not in {"*", "^"} or term.type not in {"Nat", "Int"} or not term.args[0].variables:
            continue
        try:
            if term.head == "^" and term.args[1].number == 2:
                a, b = show(term.args[0]), show(term.args[0])
            elif term.head == "*" and term.args[1].variables:
                a, b = show(term.args[0]), show(term.args[1])
            else:
                continue
        except ValueError:
            continue
        if term.type == "Int":
            hints.append(f"try have := Int.mul_pos (a := {a}) (b := {b}) (by omega) (by omega)")
            hints.append(f"try have := Int.mul_nonneg (a := {a}) (b := {b}) (by omega) (by omega)")
        else:
            hints.append(f"try have := Nat.mul_pos (m := {a}) (n := {b}) (by omega) (by omega)")
            hints.append(f"try have := Nat.le_mul_of_pos_left {a} (n := {b}) (by omega)")
            hints.append(f"try have := Nat.le_mul_of_pos_right {a} (n := {b}) (by omega)")
    return hints[:12]


TEMPLATES: dict[str, Callable[[GoalView], Iterator[Weighted]]] = {
    "finite": finite,
    "split": splits,
    "residues": residues,
    "powers": powers,
    "gcd": common_divisors,
    "divisors": divisors,
    "roots": roots,
    "instances": instances,
    "witness": witnesses,
    "linear system": rational_systems,
    "signs": products,
    "squares": squares,
    "zero products": zero_products,
    "divisibility": divisibility,
    "at variables": at_variables,
    "functional equation": functional_equations,
}
"""All templates, by the name that records and reports give as the source of a tactic."""
