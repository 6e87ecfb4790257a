"""What prompts say about a theorem: its header as it was given, its statement, the problem in words."""

from __future__ import annotations

import re

from prover.core.theorem import Theorem
from prover.environments.syntax.lean.statement import LeanStatement
from prover.errors import InvalidTheoremError
from prover.policies.llm.prompts.prompt import Query

_DOC_COMMENT = re.compile(r"/--(?:(?!-/).)*-/\s*\Z", re.DOTALL)


def query_about(theorem: Theorem) -> Query:
    """Return what is known of a theorem before any state: the header has its imports, `open`s and options."""
    header, statement = _split(theorem)
    text = f"{header}\n\n{statement}" if header else statement
    return Query(state="", theorem=f"{text} := by", header=header, informal=theorem.informal)


def text_with_proof(theorem: Theorem, proof: str) -> str:
    """Return the text that is checked: the theorem as it was given, the proof behind it, indented by two.

    Places in the assistant's messages are places in this text.
    """
    read = _read(theorem)
    given = theorem.source[: len(read.header)] + read.text if read else theorem.body.strip()
    indented = proof.replace("\n", "\n  ")
    return f"{given} := by\n  {indented}"


def _split(theorem: Theorem) -> tuple[str, str]:
    """Return header and statement; the statement has its doc comment."""
    read = _read(theorem)
    if read is None:
        return "", theorem.body.strip()
    header = theorem.source[: len(read.header)]
    comment = _DOC_COMMENT.search(header)
    start = comment.start() if comment else len(header)
    return header[:start].strip(), (header[start:] + read.text).strip()


def _read(theorem: Theorem) -> LeanStatement | None:
    """Read a statement of Lean; None for one of another assistant."""
    try:
        return LeanStatement.read(theorem.body)
    except InvalidTheoremError:
        return None
