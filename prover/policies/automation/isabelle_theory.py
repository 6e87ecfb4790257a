r"""What the text in front of a theorem defines, and steps of proofs that use it: definitions, rules, inductions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from prover.environments.syntax.isabelle import commands
from prover.environments.syntax.isabelle.tokens import Kind, OuterSyntaxError, Token, tokens
from prover.policies.automation.isabelle_locales import Locale

_FUNCTIONS = frozenset({"fun", "function", "primrec"})
_INDUCTIVES = frozenset({"inductive", "inductive_set"})
_COMMANDS = commands.THEORY | commands.PROOF
_WORD = re.compile(r"[A-Za-z][\w']*")
_ARGUMENT = r"(?:[A-Za-z][\w']*|\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\]|\d+)"
_VARIABLE = re.compile(r"[a-z][\w']*")
_QUANTIFIED = re.compile(r"\s*(?:\\<forall>|ALL\b)|.*(?:\\<longrightarrow>|-->)", re.DOTALL)
MOST_FACTS = 8
"""Facts of the header that one step names."""


@dataclass(frozen=True, slots=True)
class Function:
    """A recursive function: its name, and how many arguments its equations have."""

    name: str
    arguments: int


@dataclass(frozen=True, slots=True)
class Theory:
    """What a header defines. `lemmas`: names of what it proves outside of its `locales`."""

    definitions: tuple[str, ...] = ()
    functions: tuple[Function, ...] = ()
    inductives: tuple[str, ...] = ()
    lemmas: tuple[str, ...] = ()
    locales: tuple[Locale, ...] = ()

    @classmethod
    def read(cls, header: str) -> Theory:
        """Read a header; what cannot be read defines nothing."""
        try:
            found = [token for token in tokens(header) if token.proper]
        except OuterSyntaxError:
            return cls()
        reader = _Reader()
        starts = [i for i, token in enumerate(found) if _begins(token)]
        for start, end in zip(starts, [*starts[1:], len(found)], strict=False):
            reader.read(found[start].text, found[start + 1 : end])
        return cls(
            tuple(reader.definitions),
            tuple(reader.functions),
            tuple(reader.inductives),
            tuple(reader.lemmas),
            tuple(reader.locales.values()),
        )

    @property
    def names(self) -> frozenset[str]:
        """All names that are no variables."""
        return frozenset({*self.definitions, *(each.name for each in self.functions), *self.inductives})

    @property
    def empty(self) -> bool:
        """Does it define nothing that a step could name?"""
        return not (self.definitions or self.functions or self.inductives or self.lemmas or self.locales)

    def facts(self, text: str) -> tuple[list[str], list[str]]:
        """Return what steps may simplify with and what they may introduce, for a goal: what it mentions first."""
        here = set(_WORD.findall(text))
        definitions = sorted(self.definitions, key=lambda name: name not in here)
        simplifying = [f"{name}_def" for name in definitions] + list(self.lemmas[::-1])
        return simplifying[:MOST_FACTS], [f"{name}.intros" for name in self.inductives][:MOST_FACTS]


class _Reader:
    """Reads a header command by command, and knows in which locale each stands."""

    def __init__(self) -> None:
        self.definitions: list[str] = []
        self.functions: list[Function] = []
        self.inductives: list[str] = []
        self.lemmas: list[str] = []
        self.locales: dict[str, Locale] = {}
        self._targets: list[str] = []
        self._next = ""

    def read(self, kind: str, after: list[Token]) -> None:
        """Read a command and what stands behind it."""
        name = _name(after)
        if kind == "begin":
            self._targets.append(self._next)
        elif kind == "end":
            self._targets = self._targets[:-1]
        elif kind == "locale" and name:
            self.locales[name] = self._locale(name, after)
        self._next = name if kind in ("locale", "context") and name in self.locales else ""
        if name:
            self._named(kind, name, after)

    def _named(self, kind: str, name: str, after: list[Token]) -> None:
        target = _target(after) or next(filter(None, reversed(self._targets)), "")
        if locale := self.locales.get(target):  # its definitions and rules hold for what it is given: not used here
            if kind in commands.GOALS:
                self.locales[target] = replace(locale, lemmas=(*locale.lemmas, name))
        elif kind == "definition":
            self.definitions.append(name)
        elif kind in _FUNCTIONS:
            self.functions += _functions(after)
        elif kind in _INDUCTIVES:
            self.inductives.append(name)
        elif kind in commands.GOALS:
            self.lemmas.append(name)

    def _locale(self, name: str, after: list[Token]) -> Locale:
        words = [token.text for token in after if token.kind is Kind.WORD]
        parents = tuple(word for word in words if word in self.locales)
        return Locale(name, parents, "assumes" in words)


def steps_of(theory: Theory, goal: str, *, using: str, variables: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Yield steps that use a theory at a goal. `using`: what stands before `by`, empty or with a space behind.

    `variables`: names in the goal that may be variables.
    """
    if theory.empty:
        return
    simplifying, introducing = theory.facts(goal)
    known = "".join(
        f" {mark}: {' '.join(names)}" for mark, names in (("simp", simplifying), ("intro", introducing)) if names
    )
    if simplifying:
        simp = " ".join(simplifying)
        yield f"{using}by (simp add: {simp})", 0.5
        yield f"{using}by (auto simp: {simp})", 0.5
        yield f"{using}by (auto simp: {simp} algebra_simps power2_eq_square)", 0.3
        yield f"{using}by (force simp: {simp})", 0.2
        yield f"{using}by (metis {simp})", 0.1
        yield f"{using}unfolding {simp} by blast", 0.15
        yield f"{using}unfolding {simp} by auto", 0.15
        yield f"{using}unfolding {simp} by (metis rangeI rangeE image_iff)", 0.02
    if known and introducing:
        yield f"{using}by (auto{known})", 0.3
        yield f"{using}by (blast intro: {' '.join(introducing)})", 0.2
    yield from _rule_inductions(theory, goal, known, using)
    yield from _function_inductions(theory, goal, known, variables)


def _rule_inductions(theory: Theory, goal: str, known: str, using: str) -> Iterator[tuple[str, float]]:
    """Induction over an assumption, by the rules of a predicate."""
    mentioned = set(_WORD.findall(goal))
    for name in theory.inductives:
        if name in mentioned:
            if _QUANTIFIED.match(goal):  # `induct` does not apply to variables that the goal itself binds
                first = f"intro allI impI, erule {name}.induct"
                yield f"{using}by ({first}) (auto{known})", 0.3
                yield f"{using}by ({first}) presburger+", 0.15
                yield f"{using}by ({first}) (fastforce{known})+", 0.06
            induction = f"induct rule: {name}.induct"
            yield f"{using}by ({induction}) presburger+", 0.08
            yield f"{using}by ({induction}) (auto{known})", 0.35
            yield f"{using}by ({induction}) (metis {name}.intros)+", 0.05
            yield f"{using}by ({induction}) (fastforce{known})+", 0.05
            yield f"{using}by (auto elim: {name}.cases{known})", 0.1
            yield f"{using}by (erule {name}.induct) (auto{known})", 0.05
            yield f"{using}apply ({induction})", 0.04


def _function_inductions(
    theory: Theory, goal: str, known: str, variables: Sequence[str]
) -> Iterator[tuple[str, float]]:
    """Induction as a function recurses, on the variables that it is applied to, with others kept general."""
    for function in theory.functions:
        pattern = rf"(?<![\w.']){re.escape(function.name)}\b" + rf"\s+({_ARGUMENT})" * function.arguments
        for found in re.finditer(pattern, goal) if function.arguments else ():
            names = list(found.groups())
            if all(_VARIABLE.fullmatch(name) for name in names) and len(set(names)) == len(names):
                induction = f"rule: {function.name}.induct"
                on, others = " ".join(names), " ".join(name for name in variables if name not in names)
                yield f"by (induct {on} {induction}) auto", 0.4
                yield f"by (induct {on} {induction}) (auto{known} split: if_splits)", 0.3
                if others:
                    yield f"by (induct {on} arbitrary: {others} {induction}) (auto{known})", 0.15
                yield f"apply (induct {on} {induction})", 0.02
    if not (theory.functions or known):
        return
    for place, name in enumerate(variables):
        worth, others = 0.7**place, " ".join(other for other in variables if other != name)
        yield f"by (induct {name}) (auto{known})", 0.35 * worth
        if others:
            yield f"by (induct {name} arbitrary: {others}) (auto{known})", 0.3 * worth


def _begins(token: Token) -> bool:
    return token.kind is Kind.WORD and token.text in _COMMANDS


def _target(after: list[Token]) -> str:
    """Return the locale in `(in LOCALE)`, empty without one."""
    words = [token.text for token in after[:3]]
    return words[2] if words[:2] == ["(", "in"] else ""


def _name(after: list[Token]) -> str:
    """Return the name behind a command, past what stands in brackets."""
    depth = 0
    for token in after:
        if token.text in "([":
            depth += 1
        elif token.text in ")]":
            depth -= 1
        elif depth == 0:
            return token.text if token.kind is Kind.WORD and _WORD.fullmatch(token.text) else ""
    return ""


def _functions(after: list[Token]) -> Iterator[Function]:
    """Yield the functions of one command: `f :: T and g :: U where equations`."""
    words = [token.text for token in after]
    head = words.index("where") if "where" in words else len(after)
    equations = [token.content for token in after[head + 1 :] if token.kind in (Kind.STRING, Kind.CARTOUCHE)]
    for at, token in enumerate(after[:head]):
        first = at == 0 or after[at - 1].text in ("and", ")")
        if token.kind is Kind.WORD and token.text != "and" and first and _WORD.fullmatch(token.text):
            left = next(
                (found[1] for each in equations if (found := re.match(rf"\s*{re.escape(token.text)}\b(.*?)=", each))),
                "",
            )
            yield Function(token.text, len(re.findall(_ARGUMENT, left)))
