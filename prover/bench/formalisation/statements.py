"""A model's statement beside the reference: read strictly, and stated as implications of each other.

Both are put into the header of the reference as axioms, so that Lean reads them as it reads theorems (implicit
variables, namespaces, universes), and an implication is about their types alone:

    theorem implication (premise : type_of% @candidate) : type_of% @reference

Neither can capture a name of the other. A proof may not use the axioms: verification refuses whatever rests on one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from prover.core.theorem import Theorem
from prover.environments.syntax.lean.screening import COMMANDS, code_problem
from prover.environments.syntax.lean.statement import KEYWORDS, LeanStatement
from prover.environments.syntax.lean.tokens import tokens, words
from prover.errors import InvalidTheoremError

PREMISE = "prover_premise"
"""What the tactics of an implication call the other statement."""
CANDIDATE, REFERENCE, IMPLICATION = "prover_candidate", "prover_reference", "prover_implication"
_OURS = frozenset({PREMISE, CANDIDATE, REFERENCE, IMPLICATION})


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference statement, and what stands around it: imports, header, the `end`s behind."""

    imports: tuple[str, ...]
    header: str
    text: str
    ending: str

    @classmethod
    def of(cls, theorem: Theorem) -> Self:
        """Split a theorem. Raises InvalidTheoremError if its text cannot be."""
        statement = LeanStatement.read(theorem.body)
        return cls(theorem.imports, statement.header, statement.text, statement.ending)

    def surrounding(self, text: str) -> Theorem:
        """Return another text in the place of the reference."""
        imports = "".join(f"import {module}\n" for module in self.imports if self.imports != ("Init",))
        return Theorem.from_text(f"{imports}{self.header.rstrip()}\n\n{text}\n\n{self.ending.lstrip()}".strip() + "\n")

    def candidate(self, text: str) -> Theorem:
        """Return a model's statement in the place of the reference.

        Raises:
            InvalidTheoremError: it is more than one theorem, or not one.
        """
        theorem = self.surrounding(text)
        for token in tokens(text)[1:]:
            starts_line = not text[: token.start].rpartition("\n")[2].strip()
            if token.text in COMMANDS or (token.text.startswith("#") and starts_line):
                raise InvalidTheoremError(f"the answer goes on with `{token.text}`; it has to be one theorem")
        if problem := code_problem(text):
            raise InvalidTheoremError(problem.reason)
        if _OURS.intersection(_parts(text)):
            raise InvalidTheoremError("the answer uses a name that is ours")
        LeanStatement.read(text)
        return theorem

    def implication(self, candidate: str, premise: str | None, conclusion: str | None, *, levels: int = 0) -> Theorem:
        """Return the theorem that one statement implies another; both are CANDIDATE, REFERENCE or None.

        None as the premise is `True`, as the conclusion `False`. `levels`: so many of their universes are the same.
        """
        axioms = {CANDIDATE: _axiom(candidate, CANDIDATE), REFERENCE: _axiom(self.text, REFERENCE)}
        universes = [f"prover_u{number}" for number in range(1, levels + 1)]
        shared = f".{{{', '.join(universes)}}}" if universes else ""

        def type_of(name: str | None, absent: str) -> str:
            return absent if name is None else f"type_of% (@{axioms[name].name}{shared})"

        stated = (
            f"theorem {IMPLICATION}{shared} ({PREMISE} : {type_of(premise, 'True')}) : {type_of(conclusion, 'False')}"
        )
        return self.surrounding("\n\n".join([*(axiom.text for axiom in axioms.values()), stated]))


@dataclass(frozen=True, slots=True)
class _Axiom:
    name: str
    text: str


def _axiom(statement: str, name: str) -> _Axiom:
    """Return a theorem as an axiom of another name, in the same namespace: that decides what short names in it mean."""
    found = tokens(statement)
    at = next(i for i, token in enumerate(found) if token.text in KEYWORDS and token.depth == 0)
    word = found[at]
    before = statement[: word.start] if any(token.text == "in" for token in found[:at]) else ""  # no attributes
    if word.text == "example":
        return _Axiom(name, f"{before}axiom {name}{statement[word.end :]}")
    own = found[at + 1]
    namespace, _, _ = own.text.rpartition(".")
    full = f"{namespace}.{name}" if namespace else name
    return _Axiom(full, f"{before}axiom {full}{statement[own.end :]}")


def _parts(text: str) -> set[str]:
    return {part for word in words(text) for part in word.split(".")}
