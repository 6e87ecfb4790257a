"""Theorems that a proof may not use, for problem sets made from a library: which they are, and whether it does.

What a proof rests on is read off its term as Lean prints it in full. A term that cannot be read is taken for one that
uses what is forbidden: such a proof is rejected.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from prover.core.library import Library
from prover.environments.lean_repl.elaboration import elaborate, state_theorem
from prover.environments.lean_repl.process import AnswerTimeoutError, ReplProcess
from prover.environments.syntax.lean.statement import LeanStatement
from prover.environments.syntax.lean.tokens import tokens

ERASED_FROM = ("simp", "grind")
"""Attributes by which automation uses a theorem unasked."""
FULL = "set_option pp.all true in\nset_option pp.maxSteps 10000000 in\n"
DEEP = "set_option pp.deepTerms true in\n"  # newer Lean only
CUT = "⋯"
MOST_AUXILIARIES = 200


async def forbidden_names(
    process: ReplProcess, statement: LeanStatement, forbid: Sequence[str], library: Library, *, timeout_s: float
) -> list[str]:
    """Return what is forbidden, with the theorems of the library that state the same, or the same as our theorem.

    Raises:
        InvalidTheoremError: Lean cannot use the statement.
    """
    before, _ = await state_theorem(process, statement, timeout_s=timeout_s)
    stated = await elaborate(process, f"{statement.unproved}\n{statement.ending}", before, timeout_s=timeout_s)
    told = await elaborate(process, f"#check @_root_.{statement.name}", stated.env, timeout_s=timeout_s)
    said = next((message.text for message in told.messages if message.severity == "info"), "")
    ours = " ".join(said.partition(" : ")[2].split())
    keys = {theorem.key for theorem in library.theorems if theorem.name in forbid}
    same = [t.name for t in library.theorems if t.key in keys or (ours and t.type == ours)]
    return list(dict.fromkeys([*forbid, *same]))


async def erasing_lines(process: ReplProcess, names: Sequence[str], *, timeout_s: float) -> list[str]:
    """Return the commands that take these theorems from automation: those that Lean accepts."""
    lines = [f"attribute [-{attribute}] {name}" for name in names for attribute in ERASED_FROM]
    env = process.environments[""]
    return [line for line in lines if not (await elaborate(process, line, env, timeout_s=timeout_s)).errors]


async def forbidden_use(
    process: ReplProcess, name: str, env: int, forbidden: AbstractSet[str], *, timeout_s: float
) -> str | None:
    """Return why a proof is not to be accepted, or None: it uses what is forbidden, or cannot be looked at.

    Raises:
        AnswerTimeoutError: that takes too long.
    """
    end = time.monotonic() + timeout_s
    seen, waiting = {name}, [name]
    while waiting:
        at = waiting.pop()
        text = await _printed(process, at, env, end)
        if text is None or CUT in text or len(seen) > MOST_AUXILIARIES:
            return f"what the proof uses cannot be told: {at} cannot be printed in full"
        used = {token.text for token in tokens(text) if token.kind == "word"}
        if found := sorted(used & forbidden):
            return f"the proof uses {', '.join(found)}, which is forbidden"
        own = {word for word in used if word.startswith((f"{name}.", "_private.")) or "._" in word} - seen
        seen |= own
        waiting += sorted(own)
    return None


async def _printed(process: ReplProcess, name: str, env: int, end: float) -> str | None:
    for options in (DEEP + FULL, FULL):
        left_s = end - time.monotonic()
        if left_s <= 0:
            raise AnswerTimeoutError
        answer = await elaborate(process, f"{options}#print {name}", env, timeout_s=left_s)
        if not answer.errors and answer.messages:
            return "\n".join(message.text for message in answer.messages)
    return None
