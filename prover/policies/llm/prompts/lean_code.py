"""The proof in a model's answer, whatever form the answer has. Search, rewards and agents read with this.

Only the proof is taken. The statement is ours, whatever the model made of it. What is returned is what goes behind
`:= by`: a proof by a term comes as `exact`, and lemmas that the model put in front of the theorem as `have`s, so that
the kernel checks them with the rest. Reading never raises, takes linear time, and proves nothing: verification decides.
"""

from __future__ import annotations

import re
import textwrap

from prover.policies.llm.prompts.answers import cut, dedented, is_attempt, without_comments
from prover.policies.llm.prompts.declarations import (
    Declaration,
    Kind,
    declarations,
    end_of_command,
    kind_at,
    proof_place,
)
from prover.policies.llm.prompts.fences import blocks, opens_lean, without_thoughts
from prover.policies.llm.prompts.prompt import Query

MOST_LEMMAS = 64
"""Number of lemmas in front of a theorem that are kept."""

_SIGN = re.compile(r"\s*:=")
_BY = re.compile(r"\s*by\b")
_TERM = re.compile(r"\s*(?:⟨|λ|fun\b)")  # no tactic begins so
_CODE_IN_WORDS = re.compile(r"\s*`([^`]+)`\s*")
_PROSE = re.compile(r"^[^\W_]", re.MULTILINE)


def proof_in_answer(text: str, query: Query) -> str | None:
    """Return the proof in an answer that may hold anything beside it; None if there is none.

    The last block of code that holds a proof counts. Without any block the answer must state a theorem, or begin with
    `by`: prose is no proof.
    """
    return _proof_in(text.replace("\r\n", "\n"), query, bare=False)


def proof_in_completion(text: str, query: Query) -> str | None:
    """Return the same; an answer without any block may also be the proof itself."""
    return _proof_in(text.replace("\r\n", "\n"), query, bare=True)


def continued_proof(text: str, query: Query) -> str | None:
    """Return the proof in an answer that continues after `:= by` in an open fence.

    If it repeats the theorem, or opens a Lean fence of its own, that is read instead.
    """
    text = text.replace("\r\n", "\n")
    code = cut(text)
    bare = without_comments(code)
    again = any(found.name == _name(query) for found in declarations(bare))
    proof = proof_in_code(code, query) if again else _read(code, bare, 0, "tactics")
    return proof or (proof_in_answer(text, query) if opens_lean(text) else None)


def proof_in_code(code: str, query: Query, *, before: str = "") -> str | None:
    """Return the proof of the query's theorem in code; all of `code` as a proof if it states no theorem.

    `before`: other code of the same answer, whose lemmas may be used.
    """
    bare = without_comments(code)
    found = declarations(bare)
    if not found:
        sign = _SIGN.match(bare)
        alone: Kind = "term" if _TERM.match(bare) else "tactics"
        return _read(code, bare, *(kind_at(bare, sign.end()) if sign else (0, alone)))
    main = next((one for one in reversed(found) if one.name == _name(query)), found[-1])
    place = _place(bare, main, query)
    proof = _read(code, bare, *place) if place else None
    if proof is None:
        return None
    lemmas = _lemmas(without_comments(before), before) | _lemmas(bare[: main.start], code[: main.start])
    return _with_lemmas(lemmas, proof, main.name, _variables(bare, main))


def _proof_in(text: str, query: Query, *, bare: bool) -> str | None:
    found = blocks(text)
    for number in reversed(range(len(found))):
        proof = proof_in_code(found[number], query, before="\n\n".join(found[:number]))
        if proof:
            return proof
    if found:
        return None
    answer = cut(without_thoughts(text).strip("\n"))
    if bare and (quoted := _CODE_IN_WORDS.fullmatch(answer)):
        answer = quoted[1]
    stated = without_comments(answer)
    is_code = bare or declarations(stated) or _SIGN.match(stated) or _BY.match(stated)
    return proof_in_code(answer, query) if is_code else None


def _place(bare: str, main: Declaration, query: Query) -> tuple[int, Kind] | None:
    """Return where the proof of the theorem begins: behind our statement if it came back, else behind another."""
    words = without_comments(query.statement).rstrip().removesuffix("by").rstrip().removesuffix(":=").split()
    if came_back := re.compile(r"\s+".join(map(re.escape, words)) + r"\s*:=").search(bare, main.start):
        return kind_at(bare, came_back.end())
    return proof_place(bare, main)


def _read(code: str, bare: str, start: int, kind: Kind) -> str | None:
    """Return the proof that starts at `start` as tactics, up to the next command or to words below it."""
    if kind == "tactics" and (by := _BY.match(bare, start)):
        start = by.end()
    end = _before_prose(bare, start, end_of_command(bare, start))
    body = _from_column_0(code[start:end], column=start - (bare.rfind("\n", 0, start) + 1))
    if not is_attempt(body):
        return None
    if kind == "tactics":
        return body
    word = "exact" if kind == "term" else "exact fun"
    return f"{word}\n{textwrap.indent(body, '  ')}" if "\n" in body or kind == "equations" else f"{word} {body}"


def _before_prose(bare: str, start: int, end: int) -> int:
    """Return where a proof ends that is followed by words: at a line further left than its first."""
    first = re.compile(r"[ \t]*\n(?:[ \t]*\n)*([ \t]+)\S").match(bare, start, end)
    words = _PROSE.search(bare, first.end(), end) if first else None
    return len(bare[start : words.start()].rstrip()) + start if words else end


def _lemmas(bare: str, code: str) -> dict[str, tuple[str, str]]:
    """Return the lemmas by name: what each states, and its proof as tactics."""
    found: dict[str, tuple[str, str]] = {}
    for lemma in declarations(bare)[-MOST_LEMMAS:]:
        if lemma.name and (place := proof_place(bare, lemma)) and (proof := _read(code, bare, *place)):
            found.pop(lemma.name, None)  # a later one of the same name stands where it was stated last
            sign = place[0] if place[1] == "equations" else bare.rfind(":=", 0, place[0])
            found[lemma.name] = lemma.states(bare, sign), proof
    return found


def _variables(bare: str, main: Declaration) -> set[str]:
    """Return the words of a statement: its variables are among them."""
    return set(re.findall(r"[^\W\d][\w'!?]*", bare[main.after_name : main.end].split(":=")[0]))


def _with_lemmas(lemmas: dict[str, tuple[str, str]], proof: str, name: str, variables: set[str]) -> str:
    """Return a proof behind the lemmas that it needs, as `have`s.

    Lemmas keep their names, but for a dot, which `have` does not allow, and but for names that the theorem's own
    variables have: in the theorem's proof these mean the variables, in other lemmas the lemma.
    """
    steps: list[str] = []
    for lemma, (stated, how) in reversed(lemmas.items()):
        if lemma == name or not any(_uses(text, lemma) for text in (proof, *steps)):
            continue
        new = lemma.replace(".", "_")
        if lemma not in variables:
            proof = _renamed(proof, lemma, new)
        while new in variables:
            new += "'"
        steps = [_renamed(step, lemma, new) for step in steps]
        steps.insert(0, f"have {new} {stated} := by\n{textwrap.indent(how, '  ')}")
    return "\n".join([*steps, proof])


def _uses(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w.'!?]){re.escape(name)}(?![\w'!?])", text) is not None


def _renamed(text: str, name: str, new: str) -> str:
    return re.sub(rf"(?<![\w.'!?]){re.escape(name)}(?![\w'!?])", lambda _: new, text)


def _name(query: Query) -> str | None:
    declared = declarations(without_comments(query.statement))
    return declared[-1].name if declared else None


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
