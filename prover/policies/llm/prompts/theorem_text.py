"""Our theorem as text for prompts."""

from __future__ import annotations

import textwrap

from prover.policies.llm.prompts.prompt import Query


def theorem_text(query: Query, *, comment: bool = False) -> str:
    """Return header, the problem in words as a doc comment if asked for, and the statement up to `:= by`."""
    header, words = query.header.strip(), query.informal.strip().replace("-/", "- /")
    doc = f"/-- {words} -/\n" if comment and words and not query.statement.startswith("/--") else ""
    return (f"{header}\n\n" if header else "") + doc + query.statement


def with_proof(theorem: str, proof: str) -> str:
    """Return a theorem that ends in `:= by` followed by its proof, indented by two."""
    return f"{theorem}\n{textwrap.indent(proof, '  ')}"
