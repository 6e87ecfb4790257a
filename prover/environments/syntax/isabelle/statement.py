r"""Statements as users write them: `lemma name: "..."`, `theorem name: fixes ... assumes ... shows ...`.

They may stand alone, behind a header (definitions and the like), or in a whole theory.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from prover.core.theorem import Theorem, check_text
from prover.environments.syntax.isabelle import commands
from prover.environments.syntax.isabelle.plain_text import plain_text
from prover.environments.syntax.isabelle.screening import header_problem, proof_problem, statement_problem
from prover.environments.syntax.isabelle.tokens import Kind, OuterSyntaxError, Token, tokens
from prover.errors import InvalidTheoremError

NAMELESS = "statement"
_ELEMENTS = frozenset(
    {"fixes", "assumes", "shows", "obtains", "includes", "notes", "constrains", "defines", "if", "for"}
)
HINT = 'write it as: lemma NAME: "PROPOSITION", or theorem NAME: fixes ... assumes ... shows "..."'


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of the user's text, from 1, at which its parts begin. `proof`: None if the proof stood elsewhere."""

    header: int = 1
    statement: int = 1
    proof: int | None = None


@dataclass(frozen=True, slots=True)
class IsabelleStatement:
    """One theorem without a proof, in ASCII, without comments; `imports` is empty where the text has none.

    `text` begins with `theorem` or its like and always has a name. `proof`: what stood behind it, if anything did.
    `lines`: where all that stood; the same text in another place is the same statement.
    """

    name: str
    text: str
    header: str = ""
    imports: tuple[str, ...] = ()
    proof: str = ""
    lines: Lines = field(default=Lines(), compare=False)

    @classmethod
    def read(cls, source: str) -> IsabelleStatement:
        """Read a statement, or the last theorem of a theory.

        Raises:
            InvalidTheoremError: there is no theorem, or something that may not stand around it.
        """
        check_text(source)
        try:
            return _read(plain_text(source))
        except OuterSyntaxError as error:
            raise InvalidTheoremError(f"the text is not accepted: {error}", hint=HINT) from error

    @property
    def assumes(self) -> bool:
        """Are there assumptions, which a proof may call `assms`?"""
        return any(token.text == "assumes" for token in tokens(self.text))

    @property
    def words(self) -> tuple[str, ...]:
        """Header and statement up to white space: what has to be the same for it to be the same theorem."""
        return tuple(token.text for token in tokens(f"{self.header}\n{self.text}") if token.proper)

    def theory(self, name: str, imports: tuple[str, ...], proof: str) -> str:
        """Return a whole theory with this theorem and a proof."""
        header = f"{self.header.strip()}\n\n" if self.header.strip() else ""
        body = f"{header}{self.text}\n{indented(proof)}"
        return f"theory {name}\n  imports {imports_text(imports)}\nbegin\n\n{body}\n\nend\n"


def isabelle_theorem(text: str, imports: tuple[str, ...], *, forbid: tuple[str, ...] = ()) -> Theorem:
    """Return a statement as a Theorem; `imports` are those of a text that has none itself.

    Raises:
        InvalidTheoremError: the text is no statement.
    """
    statement = IsabelleStatement.read(text)
    return Theorem(source=text, imports=statement.imports or imports, body=statement.text, forbid=forbid)


def imports_text(imports: tuple[str, ...]) -> str:
    """Return theory names as they stand behind `imports`; those with a session or folder are quoted."""
    return " ".join(f'"{name}"' if not name.isidentifier() else name for name in imports)


def indented(proof: str) -> str:
    """Return a proof indented by two. White space means nothing in Isabelle outside of comments and quotations."""
    return "\n".join(f"  {line}" if line.strip() else "" for line in proof.strip("\n").split("\n"))


def _read(text: str) -> IsabelleStatement:
    found = [token for token in tokens(text) if token.proper]
    if not found:
        raise InvalidTheoremError("the statement is empty", hint=HINT)
    imports: tuple[str, ...] = ()
    if found[0].text == "theory":
        imports, found = _theory(found)
    goals = [i for i, token in enumerate(found) if token.kind is Kind.WORD and token.text in commands.GOALS]
    if not goals:
        raise InvalidTheoremError("there is no theorem in the text", hint=HINT)
    at = goals[-1]
    after = found[at + 1 :]
    end = next((i for i, token in enumerate(after) if _begins_proof(token)), len(after))
    if problem := statement_problem(after[:end]):
        raise InvalidTheoremError(problem, hint=HINT)
    start = found[at].start
    stop = after[end].start if end < len(after) else _end(found)
    header = text[found[0].start : start].strip()
    if problem := header_problem(header):
        raise InvalidTheoremError(problem)
    name, statement = _named(text[start:stop].rstrip(), found[at], after[:end])
    proof = text[stop : _end(found)].strip() if end < len(after) else ""
    named = statement == text[start:stop].rstrip()  # without a name we begin it anew
    lines = Lines(
        header=_line(text, found[0]),
        statement=_line(text, found[at] if named else after[0]),
        proof=_line(text, after[end]) if proof else None,
    )
    return IsabelleStatement(name, statement, header, imports, "" if proof in commands.GIVING_UP else proof, lines)


def _theory(found: list[Token]) -> tuple[tuple[str, ...], list[Token]]:
    """Return the imports of a theory, and its tokens between `begin` and the last `end`."""
    words = [token.text for token in found]
    if "imports" not in words or "begin" not in words or words[-1] != "end":
        raise InvalidTheoremError("the theory is not whole", hint="theory NAME imports Main begin ... end")
    first, begin = words.index("imports"), words.index("begin")
    if "keywords" in words[:begin] or "abbrevs" in words[:begin]:
        raise InvalidTheoremError("a theory with keywords of its own is not supported")
    imports = tuple(token.content for token in found[first + 1 : begin])
    if not imports or not all(_is_theory_name(name) for name in imports):
        raise InvalidTheoremError(
            "the imports are not names of theories", hint="theory NAME imports Main begin ... end"
        )
    if len(found) < begin + 3:
        raise InvalidTheoremError("the theory has no theorem", hint=HINT)
    return imports, found[begin + 1 : -1]


def _is_theory_name(name: str) -> bool:
    return all(part.replace("-", "_").isidentifier() for part in name.split("."))


def _begins_proof(token: Token) -> bool:
    return token.kind in (Kind.WORD, Kind.SYMBOL) and token.text in commands.PROOF | commands.GIVING_UP | commands.GAPS


def _line(text: str, token: Token) -> int:
    return text.count("\n", 0, token.start) + 1


def _end(found: list[Token]) -> int:
    return found[-1].start + len(found[-1].text)


def _named(text: str, goal: Token, after: list[Token]) -> tuple[str, str]:
    """Return the theorem's name and its text with that name."""
    if not after or after[-1].text == ":":
        raise InvalidTheoremError("the theorem states nothing", hint=HINT)
    first, second = after[0], after[1].text if len(after) > 1 else ""
    if first.text == "(":
        raise InvalidTheoremError(f"`{goal.text} (in ...)` is not supported", hint="state the locale's assumptions")
    if first.kind is Kind.WORD and first.text not in _ELEMENTS and second in (":", "["):
        if "." in first.text:
            raise InvalidTheoremError(f"{first.text} is not a name that a theorem may have")
        return first.text, text
    rest = text[len(goal.text) :].lstrip()
    return NAMELESS, f"{goal.text} {NAMELESS}{'' if first.text == '[' else ': '}{rest.removeprefix(':').lstrip()}"


def proof_of(source: IsabelleStatement) -> str:
    """Return the proof that a text has behind its last theorem.

    Raises:
        InvalidTheoremError: there is none, or it may not stand there.
    """
    if not source.proof:
        raise InvalidTheoremError("the theorem has no proof")
    if problem := proof_problem(source.proof):
        raise InvalidTheoremError(problem.reason)
    return source.proof
