"""A header, a theorem without a proof, and the `end`s after it, read from text. Whether it makes sense, Lean says."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import Self

from prover.environments.syntax.lean.tokens import Token, tokens, words
from prover.errors import InvalidTheoremError

KEYWORDS = frozenset({"theorem", "lemma", "example"})
_GAPS = frozenset({"sorry", "admit"})
_AROUND_GAPS = frozenset({"by", "exact", "refine", "(", ")", "{", "}", ";", "·"})
_MODIFIERS = frozenset({"private", "protected", "noncomputable", "nonrec", "public", "scoped", "local"})
_BEFORE_IN = frozenset({"open", "set_option", "attribute", "omit", "include", "variable"})
HEARTBEATS = 200_000
"""Lean's own limit for a declaration, and the REPL's for each tactic, in thousands of heartbeats."""


@dataclass(frozen=True, slots=True)
class LeanStatement:
    """A theorem as text. `text` begins with its attributes and `open ... in`, and ends before `:=`."""

    header: str
    text: str
    ending: str
    name: str
    """Full name; of an `example` a name that is made up."""

    @classmethod
    def read(cls, body: str) -> Self:
        """Split a text that has no import lines.

        Raises:
            InvalidTheoremError: there is no theorem in it, or what follows it is not `end`.
        """
        found = tokens(body)
        at = max((i for i, token in enumerate(found) if token.text in KEYWORDS and begins(found, i)), default=None)
        if at is None:
            raise InvalidTheoremError(
                "there is no theorem in the text", hint="the form is: theorem NAME BINDERS : TYPE"
            )
        last = _last_of_theorem(found, at)
        if body[found[last].end :].strip() and any(token.text not in _end_words(found) for token in found[last + 1 :]):
            raise InvalidTheoremError("there are commands after the theorem; put them in front of it")
        ending = body[found[last].end :]
        stop = _end_of_statement(found, at, last)
        if stop <= at + 1:
            raise InvalidTheoremError("the theorem states nothing", hint="the form is: theorem NAME BINDERS : TYPE")
        start = found[command_start(found, at)].start
        name = "" if found[at].text == "example" else found[at + 1].text
        text = body[start : found[stop - 1].end]
        if not name:
            name = "prover_example"
            word = found[at].start - start
            text = f"{text[:word]}theorem {name}{text[word + len('example') :]}"
        return cls(body[:start], text, ending, full_name(name, found[:at]))

    @property
    def words(self) -> tuple[str, ...]:
        """Header and statement, without regard to white space and comments."""
        return (*words(self.header), "\n", *words(self.text))

    def with_proof(self, proof: str) -> str:
        """Return the whole text with tactics (lines without common indentation) as the proof."""
        indented = proof.replace("\n", "\n  ")
        return f"{self.header}{self.text} := by\n  {indented}\n{self.ending.lstrip()}".rstrip() + "\n"

    @property
    def opened(self) -> LeanStatement:
        """The same with its `open X in` as commands of the header: tactics are parsed in what stands before it."""
        header, text, at = self.header, self.text, 0
        while (clause := _clause(text, at)) is not None:
            word, start, end = clause
            if word == "open":
                header += f"{text[start:end].rstrip()}\n"
                text, at = text[:start] + text[end + len("in") :].lstrip(), start
            else:
                at = end + len("in")
        return replace(self, header=header, text=text)

    @property
    def heartbeats(self) -> int:
        """The largest `maxHeartbeats` (thousands) that header and statement set; Lean's own where they set none."""
        found = words(f"{self.header}\n{self.text}")
        given = [int(n) for word, n in itertools.pairwise(found) if word == "maxHeartbeats" and n.isdigit()]
        return 0 if 0 in given else max(given, default=HEARTBEATS)

    def within(self, heartbeats: int) -> LeanStatement:
        """Return the same under a limit for the whole declaration, in thousands of heartbeats; the inner one counts."""
        at = 0
        while (clause := _clause(self.text, at)) is not None:
            at = clause[2] + len("in")
        limit = f"set_option maxHeartbeats {heartbeats} in\n"
        before = f"{self.text[:at]}\n" if at else ""
        return replace(self, text=f"{before}{limit}{self.text[at:].lstrip()}")

    @property
    def unproved(self) -> str:
        """The theorem's own text with `sorry` for a proof, on a line of its own."""
        return f"{self.text} := by\n  sorry"


def proof_of(source: str) -> tuple[LeanStatement, str]:
    """Split a text whose last theorem has a proof by tactics.

    Raises:
        InvalidTheoremError: it has none.
    """
    found = tokens(source)
    at = max((i for i, token in enumerate(found) if token.text in KEYWORDS and begins(found, i)), default=None)
    if at is None:
        raise InvalidTheoremError("there is no theorem in the text")
    depth = found[at].depth
    by = next(
        (
            i
            for i in range(at, len(found) - 1)
            if found[i].text == ":=" and found[i].depth == depth and found[i + 1].text == "by"
        ),
        None,
    )
    if by is None or by + 2 >= len(found):
        raise InvalidTheoremError("the last theorem has no proof by tactics")
    last = _last_of_theorem(found, at)
    start = found[by + 1].end
    proof = source[start : found[last].end]
    statement = LeanStatement.read(source[: found[by].start] + source[found[last].end :])
    first, _, rest = proof.partition("\n")
    lines = ([first.strip()] if first.strip() else []) + rest.split("\n") if rest else [first.strip()]
    return statement, _outdented(lines)


def _outdented(lines: list[str]) -> str:
    filled = [line for line in lines if line.strip()]
    left = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    if left == 0 and len(filled) > 1:  # the first tactic stands behind `by`
        inner = min(len(line) - len(line.lstrip()) for line in filled[1:])
        return "\n".join([filled[0], *(line[inner:] for line in filled[1:])])
    return "\n".join(line[left:].rstrip() for line in filled)


def _clause(text: str, at: int) -> tuple[str, int, int] | None:
    """Return the `open ... in` or the like with which a text goes on: its first word, its place, and that of `in`."""
    found = [token for token in tokens(text) if token.start >= at]
    if not found or found[0].text not in _BEFORE_IN:
        return None
    end = next((token.start for token in found if token.text == "in" and token.depth == 0), None)
    return None if end is None else (found[0].text, found[0].start, end)


def begins(found: list[Token], i: int) -> bool:
    """Does a command begin here? `lemma` may also be a name."""
    return found[i].depth == 0 and (found[i].text != "lemma" or i == 0 or found[i - 1].text not in (":", "(", ",", "."))


def _last_of_theorem(found: list[Token], at: int) -> int:
    """Number of the theorem's last token: the next command is `end`."""
    for i in range(at + 1, len(found)):
        if found[i].text == "end" and found[i].depth <= found[at].depth:
            return i - 1
    return len(found) - 1


def _end_of_statement(found: list[Token], at: int, last: int) -> int:
    """Number of the token behind the statement: the end, or a `:=` with nothing after it but a gap in some dress."""
    start = last
    while start > at and found[start].text in _GAPS | _AROUND_GAPS:
        start -= 1
    if start == at or found[start].text != ":=":
        return last + 1
    tail = [token.text for token in found[start + 1 : last + 1]]
    return start if tail in ([], ["by"]) or _GAPS.intersection(tail) else last + 1


def _end_words(found: list[Token]) -> frozenset[str]:
    opened = {found[i + 1].text for i, t in enumerate(found[:-1]) if t.text in ("namespace", "section")}
    return frozenset({"end", *opened, *(part for name in opened for part in _suffixes(name))})


def _suffixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[i:]) for i in range(len(parts))]


def command_start(found: list[Token], at: int) -> int:
    """Number of the token with which the theorem's command begins: attributes, modifiers, `open ... in`."""
    start = at
    while start > 0:
        before = found[start - 1]
        if before.text in _MODIFIERS:
            start -= 1
        elif before.text == "]" and (opening := _attribute(found, start - 1)) is not None:
            start = opening
        elif before.text == "in":
            begin = next((i for i in range(start - 2, -1, -1) if found[i].text in _BEFORE_IN), None)
            if begin is None:
                return start
            start = begin
        else:
            return start
    return start


def _attribute(found: list[Token], closing: int) -> int | None:
    """Number of the `@` of the attributes that end at `closing`, if they are some."""
    for i in range(closing - 1, 0, -1):
        if found[i].text == "[" and found[i].depth == found[closing].depth:
            return i - 1 if found[i - 1].text == "@" else None
    return None


def full_name(name: str, before: list[Token]) -> str:
    """Return the name of what is declared behind these tokens, with the namespaces that are open there."""
    if name.startswith("_root_."):
        return name.removeprefix("_root_.")
    scopes: list[str] = []
    for i, token in enumerate(before):
        following = before[i + 1].text if i + 1 < len(before) else ""
        if token.text == "namespace":
            scopes += [following]
        elif token.text in {"section", "mutual"}:
            scopes += [""]
        elif token.text == "end" and scopes:
            scopes.pop()
    return ".".join([*(scope for scope in scopes if scope), re.sub(r"\.$", "", name)])
