"""Tier A: the whole text again, in a process that has loaded the imports and done nothing else.

What Lean says of the axioms is asked for by a request of its own, under a name that was drawn at random after the proof
was read, and believed only if the answer is about that name. The proof's words have been screened before
(syntax/lean/screening.py): it cannot have declared syntax or run programs. A user's own header may have; it is
in the record. For more than that there are the tiers B and C (tools.py).
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from prover.core.axioms import STANDARD_AXIOMS
from prover.core.record import TheoremVerdict
from prover.environments.lean_repl.answers import CommandAnswer
from prover.environments.lean_repl.elaboration import (
    OUT_OF_EFFORT,
    at_place,
    elaborate,
    header_environment,
    state_theorem,
)
from prover.environments.lean_repl.forbidden import CUT, DEEP, FULL, forbidden_use
from prover.environments.lean_repl.process import AnswerTimeoutError, ReplProcess
from prover.environments.syntax.lean.statement import LeanStatement
from prover.errors import Message

_AXIOMS = re.compile(r"'(?P<name>.+)' (?:depends on axioms: \[(?P<list>[^\]]*)\]|does not depend on any axioms)")


@dataclass(frozen=True, slots=True)
class Elaborated:
    """The result of a check."""

    accepted: bool
    reason: str | None = None
    messages: tuple[Message, ...] = ()
    theorems: tuple[TheoremVerdict, ...] = ()
    timed_out: bool = False

    @property
    def out_of_effort(self) -> bool:
        """Did Lean's own limit for a declaration end it?"""
        return any(OUT_OF_EFFORT.search(message.text) for message in self.messages if message.severity == "error")

    def noting(self, note: str) -> Elaborated:
        """Return the same with a note among the messages."""
        return replace(self, messages=(*self.messages, Message("info", note)))


async def check_proof(
    process: ReplProcess, statement: LeanStatement, proof: str, *, forbid: Sequence[str] = (), timeout_s: float
) -> Elaborated:
    """Check that a proof (screened) proves the statement, in a fresh process, without what is forbidden.

    Raises:
        InvalidTheoremError: the statement itself cannot be used.
        SessionCrashedError: the process ended.
    """
    end = _end(timeout_s)
    before, _ = await state_theorem(process, statement, timeout_s=timeout_s)
    text = statement.with_proof(proof)[len(statement.header) :]
    try:
        answer = await elaborate(process, text, before, timeout_s=_left(end))
        messages = tuple(at_place(message, statement) for message in answer.messages)
        if problem := _problem(answer):
            return Elaborated(False, problem, messages)
        verdict = await _axioms(process, statement.name, answer.env, timeout_s=_left(end))
        if forbid:
            used = await forbidden_use(process, statement.name, answer.env, set(forbid), timeout_s=_left(end))
            if used is not None:
                return Elaborated(False, used, messages)
    except AnswerTimeoutError:
        return _timed_out(timeout_s)
    return _judged([verdict], messages)


async def check_text(
    process: ReplProcess,
    text: str,
    names: Sequence[str],
    *,
    definitions: Sequence[str] = (),
    anything: bool = False,
    timeout_s: float,
) -> Elaborated:
    """Check a whole text (screened) and what each of these theorems of it rests on, in a fresh process.

    `definitions` are looked at as well; with `anything` the text need not hold a theorem.
    """
    end = _end(timeout_s)
    try:
        answer = await elaborate(process, text, process.environments[""], timeout_s=_left(end))
        if problem := _problem(answer):
            return Elaborated(False, problem, answer.messages)
        if not names and not anything:
            return Elaborated(False, "there is no theorem in the text", answer.messages)
        verdicts = [await _axioms(process, name, answer.env, timeout_s=_left(end)) for name in names]
        for name in definitions:
            verdicts.append(await _axioms_of_definition(process, name, answer.env, timeout_s=_left(end)))
    except AnswerTimeoutError:
        return _timed_out(timeout_s)
    return _judged(verdicts, answer.messages)


async def check_against(process: ReplProcess, text: str, statement: LeanStatement, *, timeout_s: float) -> Elaborated:
    """Check a text (screened) that begins with the statement's header: it has to prove exactly that theorem.

    The types are compared as Lean prints them in full, ours stated before a word of the text was read.

    Raises:
        InvalidTheoremError: the statement itself cannot be used.
    """
    end = _end(timeout_s)
    before = await header_environment(process, statement, timeout_s=timeout_s)
    await state_theorem(process, statement, timeout_s=timeout_s)
    try:
        stated = await elaborate(process, f"{statement.unproved}\n{statement.ending}", before, timeout_s=_left(end))
        ours = await _type(process, statement.name, stated.env, timeout_s=_left(end))
        answer = await elaborate(process, text, process.environments[""], timeout_s=_left(end))
        if problem := _problem(answer):
            return Elaborated(False, problem, answer.messages)
        theirs = await _type(process, statement.name, answer.env, timeout_s=_left(end))
        if ours is None or CUT in ours:
            return Elaborated(False, "the statement is too large to be compared", answer.messages)
        if theirs is None:
            return Elaborated(False, f"the text proves no {statement.name}", answer.messages)
        if ours != theirs:
            return Elaborated(False, f"{statement.name} states something else", answer.messages)
        verdict = await _axioms(process, statement.name, answer.env, timeout_s=_left(end))
    except AnswerTimeoutError:
        return _timed_out(timeout_s)
    return _judged([verdict], answer.messages)


def _problem(answer: CommandAnswer) -> str | None:
    if answer.errors:
        return answer.errors[0].text
    return "the proof uses sorry" if answer.uses_sorry else None


async def _axioms(process: ReplProcess, name: str, env: int, *, timeout_s: float) -> TheoremVerdict | str:
    """Return what a theorem rests on, or why that cannot be told."""
    mark = f"prover_{secrets.token_hex(16)}"
    ask = f"def _root_.{mark} := @_root_.{name}\n#print axioms _root_.{mark}"
    return await _listed(process, name, mark, ask, env, timeout_s=timeout_s)


async def _axioms_of_definition(process: ReplProcess, name: str, env: int, *, timeout_s: float) -> TheoremVerdict | str:
    """The same of a definition. It may not be computable, so none can be made of it."""
    ask = f"#print axioms _root_.{name}"
    return await _listed(process, name, name, ask, env, timeout_s=timeout_s)


async def _listed(
    process: ReplProcess, name: str, mark: str, ask: str, env: int, *, timeout_s: float
) -> TheoremVerdict | str:
    answer = await elaborate(process, ask, env, timeout_s=timeout_s)
    found = [match for message in answer.messages if (match := _AXIOMS.fullmatch(message.text.strip()))]
    if answer.errors or len(found) != 1 or found[0]["name"] != mark:
        reason = answer.errors[0].text if answer.errors else "the listing is not about it"
        return f"the axioms of {name} cannot be listed: {reason}"
    axioms = tuple(sorted(filter(None, (axiom.strip() for axiom in (found[0]["list"] or "").split(",")))))
    return TheoremVerdict(name=name, axioms=axioms)


async def _type(process: ReplProcess, name: str, env: int, *, timeout_s: float) -> str | None:
    """Return a theorem's type as printed in full, or None if there is no such theorem."""
    for options in (DEEP + FULL, FULL):
        answer = await elaborate(process, f"{options}#check @_root_.{name}", env, timeout_s=timeout_s)
        if not answer.errors and len(answer.messages) == 1:
            return " ".join(answer.messages[0].text.split())
    return None


def _judged(verdicts: Sequence[TheoremVerdict | str], messages: tuple[Message, ...]) -> Elaborated:
    unknown = [verdict for verdict in verdicts if isinstance(verdict, str)]
    theorems = tuple(verdict for verdict in verdicts if isinstance(verdict, TheoremVerdict))
    forbidden = sorted({axiom for theorem in theorems for axiom in theorem.axioms} - STANDARD_AXIOMS)
    if unknown:
        return Elaborated(False, unknown[0], messages)
    if forbidden:
        return Elaborated(False, f"the proof rests on {', '.join(forbidden)}", messages, theorems)
    return Elaborated(True, None, messages, theorems)


def _timed_out(timeout_s: float) -> Elaborated:
    return Elaborated(False, f"not verified within {timeout_s:.3g} s", timed_out=True)


def _end(timeout_s: float) -> float:
    return time.monotonic() + timeout_s


def _left(end: float) -> float:
    left_s = end - time.monotonic()
    if left_s <= 0:
        raise AnswerTimeoutError
    return left_s
