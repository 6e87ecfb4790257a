"""Terms of a goal, read from the assistant's data (environments/lean_wasm/node/terms.mjs), as far as arithmetic needs.

Operators get their usual symbols; `>` and `≥` are turned around, so that only `<` and `≤` are left.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from prover.core.proof_state import Goal, RawTerm
from prover.policies.header import Header

Value = int | Fraction | bool
Function = Callable[[Sequence[Value]], Value | None]

_BINARY = {
    "HAdd.hAdd": "+", "HSub.hSub": "-", "HMul.hMul": "*", "HDiv.hDiv": "/", "HMod.hMod": "%", "HPow.hPow": "^",
}  # fmt: skip
_RELATIONS = {"Eq": "=", "Ne": "≠", "LE.le": "≤", "LT.lt": "<", "Dvd.dvd": "∣"}
_TURNED = {"GE.ge": "≤", "GT.gt": "<"}
_LOGIC = {"And": "∧", "Or": "∨", "Iff": "↔", "Not": "¬"}
_CASTS = {"Nat.cast", "Int.cast", "IntCast.intCast", "NatCast.natCast", "Int.ofNat"}
INFIX = {*_BINARY.values(), *_RELATIONS.values(), "∧", "∨", "↔", "∈"}
NUMBERS = {"Nat", "Int", "Rat"}
MOST_BITS = 20_000
Weighted = tuple[str, float]
"""A tactic, and how likely it is to help (at most 1)."""


@dataclass(frozen=True, slots=True)
class Term:
    """A variable (`head` is its name, no arguments), a number, an application, or a binder (`∀`, `→`, `λ`).

    `type` is the name of the numbers' type for operators and relations, `""` where it is not known. A binder has its
    variable's name in `name`, and the arguments domain and body.

    Take terms apart by patterns: `case Term("=", (Term("^", (base, Term(number=2))), right), type="Nat")`.
    """

    head: str
    args: tuple[Term, ...] = ()
    number: int | None = None
    type: str = ""
    name: str = ""
    variable: bool = False

    @classmethod
    def integer(cls, value: int) -> Term:
        """Return a number, with a minus sign if it is negative."""
        return cls("number", number=value) if value >= 0 else cls("neg", (cls("number", number=-value),))

    @classmethod
    def negation(cls, term: Term) -> Term:
        """Return `¬ term`."""
        return cls("¬", (term,))

    def is_variable(self, name: str) -> bool:
        """Is this the variable of that name?"""
        return self.variable and self.head == name

    @property
    def upright(self) -> Term:
        """`b < a` for `¬ a ≤ b`, `b ≤ a` for `¬ a < b`; any other term as it is."""
        match self:
            case Term("¬", (Term(("≤" | "<") as relation, (a, b), type=kind),)):
                return Term("<" if relation == "≤" else "≤", (b, a), type=kind)
            case _:
                return self

    def __iter__(self) -> Iterator[Term]:
        """All subterms, this first."""
        yield self
        for arg in self.args:
            yield from arg

    def joined_by(self, *connectives: str) -> Iterator[Term]:
        """The parts of a conjunction, a disjunction or both; the term itself if it is none."""
        if self.head in connectives:
            for arg in self.args:
                yield from arg.joined_by(*connectives)
        else:
            yield self

    def argument_of(self, function: str) -> Term | None:
        """Return x, if this is `function x` for a variable of that name."""
        return self.args[1] if self.head == "apply" and len(self.args) == 2 and self.args[0].head == function else None

    @property
    def variables(self) -> set[str]:
        """Names of the variables that occur."""
        return {term.head for term in self if term.variable}


FALSE = Term("False")
_LARGE = re.compile(r"#(\d+)")
"""How a number comes that JSON would round."""


def literals(terms: Iterable[Term]) -> list[int]:
    """Return all numbers that occur, ascending."""
    return sorted({term.number for whole in terms for term in whole if term.number is not None})


def distinct(terms: Iterable[Term]) -> list[Term]:
    """Return each term once, in the order of their first places."""
    return list(dict.fromkeys(terms))


def put(term: Term, name: str, value: Term) -> Term:
    """Return the term with a value in place of a variable."""
    if term.is_variable(name):
        return value
    return replace(term, args=tuple(put(arg, name, value) for arg in term.args)) if term.args else term


def read(raw: RawTerm | None) -> Term:
    """Return the term; `Term("?")` for none."""
    if raw is None:
        return Term("?")
    if isinstance(raw, int):
        return Term("number", number=raw)
    if isinstance(raw, str):
        large = _LARGE.fullmatch(raw)
        return Term("number", number=int(large[1])) if large else Term(raw, variable=raw != "_")
    head, *rest = raw
    if not isinstance(head, str):
        return Term("?")
    if head == "text" and len(rest) == 1 and isinstance(rest[0], str):  # a string, which may look like anything
        return Term(head, name=rest[0])
    if head in {"∀", "→", "λ"}:
        return Term(head, (read(rest[1]), read(rest[2])), name=str(rest[0]))
    args = tuple(read(arg) for arg in rest)
    if head == "@" and args[0].variable:
        return Term("apply", args)
    if head in _BINARY and len(args) == 6:
        return Term(_BINARY[head], args[4:], type=args[2].head)
    if head in _RELATIONS and len(args) >= 3:
        return Term(_RELATIONS[head], args[-2:], type=args[0].head)
    if head in _TURNED and len(args) == 4:
        return Term(_TURNED[head], (args[3], args[2]), type=args[0].head)
    if head in _LOGIC and len(args) == (1 if head == "Not" else 2):
        return Term(_LOGIC[head], args)
    if head == "Neg.neg" and len(args) == 3:
        return Term("neg", args[2:], type=args[0].head)
    if head in _CASTS and args:
        return Term("↑", args[-1:], type=args[0].head)
    if head == "Nat.succ" and len(args) == 1:
        return Term("+", (args[0], Term.integer(1)), type="Nat")
    if head == "Membership.mem" and len(args) == 5:
        return Term("∈", (args[4], args[3]))
    if head == "Exists" and len(args) == 2:
        return Term("∃", args[1].args, name=args[1].name) if args[1].head == "λ" else Term(head, args)
    return Term(head, args)


def show(term: Term) -> str:
    """Return Lean text of arithmetic, variables and applications. Raises ValueError for terms beyond that."""
    if term.number is not None:
        return str(term.number)
    if term.variable:
        return term.head
    if term.head in INFIX and len(term.args) == 2:
        return f"({show(term.args[0])} {term.head} {show(term.args[1])})"
    if term.head in {"neg", "¬"}:
        return f"({'-' if term.head == 'neg' else '¬'}{show(term.args[0])})"
    if term.head == "↑":
        return f"(↑{show(term.args[0])} : {term.type})" if term.type else f"↑{show(term.args[0])}"
    if term.head == "apply":
        return f"({' '.join(map(show, term.args))})"
    if term.head in {"Nat.gcd", "Nat.lcm"}:
        return f"({term.head} {show(term.args[0])} {show(term.args[1])})"
    if not term.args and term.head not in {"?", "…", "_", "Sort", "text"}:
        return term.head
    if term.args and term.head[0].isalpha() and not any(arg.head in {"_", "λ"} for arg in term.args):
        return f"({term.head} {' '.join(map(show, term.args))})"  # if it takes implicit arguments, Lean will say so
    raise ValueError(f"{term.head} is beyond arithmetic")


def evaluate(term: Term, values: Mapping[str, Value | Function]) -> Value | None:
    """Return the value with Lean's conventions (no negative naturals, n / 0 = 0); None: not arithmetic."""
    if term.number is not None:
        return term.number
    if term.variable:
        value = values.get(term.head)
        return None if callable(value) else value
    if term.head == "apply":
        function, given = values.get(term.args[0].head), [evaluate(arg, values) for arg in term.args[1:]]
        if not callable(function) or any(arg is None for arg in given):
            return None
        return function([arg for arg in given if arg is not None])
    if term.head in _BY_NAME and term.args:
        value = evaluate(term.args[-1], values)
        return _BY_NAME[term.head](int(value)) if value is not None and -1000 < int(value) < 1000 else None
    if term.head not in EVALUATED:
        return None
    args = [evaluate(arg, values) for arg in term.args]
    if any(arg is None for arg in args):
        return None
    return _apply(term, [arg for arg in args if arg is not None])


# Functions that headers define under these names; should a header mean something else, a guess is wrong.
_BY_NAME: dict[str, Callable[[int], int]] = {
    "abs": abs,
    "Nat.sqrt": lambda n: math.isqrt(max(0, n)),
    "Nat.factorial": lambda n: math.factorial(min(max(0, n), 300)),
}
EVALUATED = {*INFIX, "neg", "¬", "→", "↑", "Nat.gcd", "Nat.lcm"} - {"∈"}


def _apply(term: Term, args: list[Value]) -> Value | None:
    match term.head, args:
        case "+", [a, b]:
            return a + b
        case "-", [a, b]:
            return max(0, a - b) if term.type == "Nat" else a - b
        case "*", [a, b]:
            return a * b
        case "/", [a, b]:
            if term.type == "Rat":
                return Fraction(a) / b if b else Fraction(0)
            return int(a) // int(b) if b > 0 else 0 if b == 0 else -(int(a) // -int(b))
        case "%", [a, b]:
            return int(a) % abs(int(b)) if b else a
        case "^", [a, b]:
            exponent = int(b)
            if exponent < 0 or exponent * int(abs(Fraction(a))).bit_length() > MOST_BITS:
                return None
            return Fraction(a) ** exponent if isinstance(a, Fraction) else int(a) ** exponent
        case "neg", [a]:
            return -a
        case "↑", [a]:
            return a
        case "Nat.gcd", [a, b]:
            return math.gcd(int(a), int(b))
        case "Nat.lcm", [a, b]:
            return math.lcm(int(a), int(b))
        case "∣", [a, b]:
            return b % a == 0 if a else b == 0
        case "=" | "↔", [a, b]:
            return a == b
        case "≠", [a, b]:
            return a != b
        case "<", [a, b]:
            return a < b
        case "≤", [a, b]:
            return a <= b
        case "∧", [a, b]:
            return bool(a and b)
        case "∨", [a, b]:
            return bool(a or b)
        case "→", [a, b]:
            return bool(not a or b)
        case "¬", [a]:
            return not a
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Fact:
    """A hypothesis: how to write it, and what it says."""

    name: str
    term: Term


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


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal as policies read it: variables with the name of their type, hypotheses, and what is to be shown.

    `definitions` are the constants of the theorem's own header that occur; `cited` is what lists of rules say for them.
    `text` is the goal as it is printed, which also has the instances of classes.
    """

    variables: dict[str, Term]
    facts: tuple[Fact, ...]
    target: Term
    definitions: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    header: Header = field(default_factory=Header)
    text: str = ""

    @classmethod
    def of(cls, goal: Goal) -> GoalView:
        """Read a goal. Hypotheses that are conjunctions stand for their parts."""
        variables: dict[str, Term] = {}
        facts: list[Fact] = []
        for hypothesis in goal.hypotheses:
            term = read(hypothesis.term)
            of_own_type = hypothesis.head in goal.definitions and _has_types_only(term, variables)
            if is_proposition(term, hypothesis.head) and not of_own_type:
                facts += _parts(hypothesis.name, term)
            else:
                variables[hypothesis.name] = term
        return cls(variables, tuple(facts), read(goal.term), goal.definitions, goal.definitions, text=goal.text)

    @property
    def numbers(self) -> dict[str, str]:
        """Variables that are numbers, with their type."""
        return {name: term.head for name, term in self.variables.items() if term.head in NUMBERS}

    @property
    def functions(self) -> dict[str, Value | Function]:
        """Functions that a hypothesis `∀ x, f x = ...` defines, predicates by `∀ x, p x ↔ ...`."""
        found: dict[str, Value | Function] = {}
        for fact in self.facts:
            match fact.term:
                case Term("∀", (_, Term("=" | "↔", (Term("apply", (function, argument)), right))), name=name):
                    if argument.head == name and function.head not in right.variables:
                        found[function.head] = _function(name, right)
        return found

    @property
    def terms(self) -> list[Term]:
        """The target and what every hypothesis says."""
        return [self.target, *(fact.term for fact in self.facts)]


def _function(variable: str, body: Term) -> Function:
    return lambda given: evaluate(body, {variable: given[0]})


_PROPOSITIONS = {"=", "≠", "<", "≤", "∣", "∧", "∨", "¬", "↔", "∈", "∃", "True", "False"}


def is_proposition(term: Term, head: str) -> bool:
    """Does a hypothesis of this type state something (as far as its form tells)?"""
    while term.head in {"∀", "→"}:
        term = term.args[1]
    if term.head in _PROPOSITIONS:
        return True
    data = {*NUMBERS, "Sort", "Bool", "Fin", "List", "Option", "Char", "String", "Prod", "Sum", "Unit", "Array"}
    data |= {"Vector", "BitVec", "Subtype", "Sigma"}
    about_terms = any(part.variable or part.number is not None for arg in term.args for part in arg)
    return head not in data and term.head not in data and about_terms  # `Finset Nat` is about types only


def _has_types_only(term: Term, variables: Mapping[str, Term]) -> bool:
    """Is it `Tree α`, with types as arguments (or propositions, which look alike)?"""
    return bool(term.args) and all(
        arg.variable and arg.head in variables and variables[arg.head].head == "Sort" for arg in term.args
    )


def _parts(name: str, term: Term) -> Iterator[Fact]:
    if term.head == "∧":
        yield from _parts(f"{name}.1", term.args[0])
        yield from _parts(f"{name}.2", term.args[1])
    else:
        yield Fact(name, term)
