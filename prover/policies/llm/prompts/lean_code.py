"""Lean code in prompts and answers: our theorem as text, and the proof in a model's answer.

Only the proof is taken from an answer. The statement is ours, whatever the model made of it.
"""

from __future__ import annotations

import re
import textwrap

from prover.policies.llm.prompts.answers import cut, dedented, is_attempt, without_comments
from prover.policies.llm.prompts.prompt import Query

_OPENING = re.compile(r"```[ \t]*lean4?[ \t]*\n", re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*\n(.*?)(?:```|\Z)", re.DOTALL)
_DECLARATION = re.compile(
    r"^[ \t]*(?:@\[[^\]\n]*\][ \t]*)?(?:(?:private|protected|noncomputable|nonrec|unsafe) )*"
    r"(?:theorem|lemma|example)\b[ \t]*([^\s:({\[]*)",
    re.MULTILINE,
)
_NEXT_COMMAND = re.compile(
    r"^(?:(?:theorem|lemma|example|def|abbrev|instance|structure|inductive|class|axiom|namespace|section|end|variable|"
    r"noncomputable|private|protected|attribute)\b|@\[|#\w)",
    re.MULTILINE,
)
_BY = re.compile(r"\s*(?::=\s*)?by\b")
_BRACKET_OR_PROOF = re.compile(r"[(\[{⟨⦃]|[)\]}⟩⦄]|:=\s*(?=by\b)")


def theorem_text(query: Query, *, comment: bool = False) -> str:
    """Return header, the problem in words as a doc comment if asked for, and the statement up to `:= by`."""
    header, words = query.header.strip(), query.informal.strip().replace("-/", "- /")
    doc = f"/-- {words} -/\n" if comment and words else ""
    return (f"{header}\n\n" if header else "") + doc + query.statement


def with_proof(theorem: str, proof: str) -> str:
    """Return a theorem that ends in `:= by` followed by its proof, indented by two."""
    return f"{theorem}\n{textwrap.indent(proof, '  ')}"


def proof_in_answer(text: str, query: Query) -> str | None:
    """Return the proof in the last Lean fence of an answer, if possible after the thinking."""
    text = text.replace("\r\n", "\n")
    code = last_fence(text.rpartition("</think>")[2]) or last_fence(text)
    return proof_in_code(code, query) if code else None


def proof_in_completion(text: str, query: Query) -> str | None:
    """Return the proof in an answer of any form: in its last Lean fence, else in its last fence, else in all of it."""
    text = text.replace("\r\n", "\n")
    answer = text.rpartition("</think>")[2]
    found = (last_fence(answer), *reversed(_FENCE.findall(answer)), answer.strip("\n"), last_fence(text))
    return proof_in_code(cut(next(filter(None, found), "")), query)


def last_fence(text: str) -> str | None:
    """Return the content of the last Lean fence, up to the end of the text if the fence is not closed."""
    openings = list(_OPENING.finditer(text))
    return cut(text[openings[-1].end() :]) if openings else None


def continued_proof(text: str, query: Query) -> str | None:
    """Return the proof in an answer that continues after `:= by` in an open fence, or repeats the theorem."""
    code = cut(text.replace("\r\n", "\n"))
    again = any(name == _name(query) for name, _ in _declarations(without_comments(code)))
    return proof_in_code(code, query) if again else _proof_from(code, 0)


def proof_in_code(code: str, query: Query) -> str | None:
    """Return what follows `:= by` of the query's theorem; all of `code` if it has no theorem."""
    start = _start_of_proof(without_comments(code), query)
    return None if start is None else _proof_from(code, start)


def _proof_from(code: str, start: int) -> str | None:
    """Return the proof that starts at `start`, up to the next command."""
    bare = without_comments(code)
    by = _BY.match(bare, start)
    start = by.end() if by else start
    following = _NEXT_COMMAND.search(bare, start)
    end = len(bare[: following.start() if following else len(bare)].rstrip())
    proof = _from_column_0(code[start:end], column=start - (bare.rfind("\n", 0, start) + 1))
    return proof if is_attempt(proof) else None


def _start_of_proof(bare: str, query: Query) -> int | None:
    """Return the offset of the proof, `by` included, in code without comments; None if there is no tactic proof."""
    found = _declarations(bare)
    if not found:
        return 0
    at = next((at for name, at in reversed(found) if name == _name(query)), found[-1][1])
    words = without_comments(query.statement).rstrip().removesuffix("by").rstrip().removesuffix(":=").split()
    if came_back := re.compile(r"\s+".join(map(re.escape, words)) + r"\s*:=\s*").search(bare, at):
        return came_back.end() if bare.startswith("by", came_back.end()) else None
    return _behind_by(bare, at)


def _declarations(bare: str) -> list[tuple[str, int]]:
    return [(found[1], found.start()) for found in _DECLARATION.finditer(bare)]


def _name(query: Query) -> str | None:
    declared = _declarations(without_comments(query.statement))
    return declared[-1][0] if declared else None


def _behind_by(bare: str, at: int) -> int | None:
    """Return the offset of the proof if the model changed the statement: the first `:= by` outside brackets."""
    depth = 0
    for found in _BRACKET_OR_PROOF.finditer(bare, at):
        if found[0] in "([{⟨⦃":
            depth += 1
        elif found[0] in ")]}⟩⦄":
            depth -= 1
        elif depth <= 0:
            return found.end()
    return None


def _from_column_0(body: str, column: int) -> str:
    """Return a proof as a block; its text starts in `column`, usually at the end of the line of `by`.

    Lines further left than a tactic on the line of `by` belong to that tactic and stay indented.
    """
    first, _, others = body.partition("\n")
    if not first.strip() or not others.strip():
        return dedented(others if others.strip() else first)
    column += len(first) - len(first.lstrip())
    left = min(len(line) - len(line.lstrip()) for line in others.split("\n") if line.strip())
    if left >= column:
        return dedented(f"{' ' * column}{first.strip()}\n{others}")
    return dedented(f"{first.strip()}\n{textwrap.indent(textwrap.dedent(others), '  ')}")
