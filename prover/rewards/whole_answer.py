"""Answers that are whole files: helper lemmas, definitions, the theorem, whichever way it is proved.

Such a text is verified against our statement, so what stands beside the theorem may be anything that Lean accepts: it
is checked with the proof, and the statement stays ours.
"""

from __future__ import annotations

import re

from prover.core.theorem import Theorem, split_imports
from prover.errors import InvalidTheoremError
from prover.policies.llm.prompts.answers import cut, without_comments
from prover.policies.llm.prompts.fences import blocks, without_thoughts

_STATES = re.compile(
    r"^(?:@\[[^\]\n]*\]\s*)?(?:(?:private|protected|noncomputable|nonrec)\s+)*"
    r"(theorem|lemma|def|abbrev|instance|structure|inductive|class(?:\s+inductive)?)\s+([^\s:({\[]+)",
    re.MULTILINE,
)
_BELOW_PROOF = re.compile(r"^(?:where|termination_by|decreasing_by)\b", re.MULTILINE)


def whole_answer(theorem: Theorem, completion: str) -> Theorem | None:
    """Return the text to verify against the theorem: under its imports and header; None if the answer is no file.

    A file is the last block of code, or an answer without any, that states a theorem of this name. `lemma` is written
    `theorem`, which needs no library.
    """
    name = _last_name(theorem.body)
    answer = completion.replace("\r\n", "\n")
    found = blocks(answer)
    stating = [block for block in found if name in _names(block)]
    text = stating[-1] if stating else "" if found else cut(without_thoughts(answer))
    if name is None or name not in _names(text):
        return None
    try:
        _, code = split_imports(text)
        imports = "".join(f"import {module}\n" for module in theorem.imports if module != "Init")
        return Theorem.from_text(f"{imports}{_missing_header(theorem, code)}{_without_lemma(code)}")
    except InvalidTheoremError:
        return None


def is_more(theorem: Theorem, whole: Theorem) -> bool:
    """Is an answer more than our statement and a proof by tactics or a term?

    It is if it declares anything else, states the theorem in other words, or has something below the proof.
    """
    bare = without_comments(whole.body)
    ours = " ".join(without_comments(theorem.body).split())
    return bool(helpers(theorem, whole) or ours not in " ".join(bare.split()) or _BELOW_PROOF.search(bare))


def helpers(theorem: Theorem, source: Theorem) -> tuple[str, ...]:
    """Return the names of what an answer declares beside the theorem."""
    main = _last_name(theorem.body)
    return tuple(name for name in _names(source.body) if name != main)


def _names(code: str) -> list[str]:
    return [found[2] for found in _STATES.finditer(without_comments(code))]


def _last_name(code: str) -> str | None:
    names = _names(code)
    return names[-1] if names else None


def _missing_header(theorem: Theorem, code: str) -> str:
    """Return what stands before our statement (`open`, `variable`, definitions), unless the answer repeats it."""
    stated = list(_STATES.finditer(without_comments(theorem.body)))
    header = theorem.body[: stated[-1].start()].strip() if stated else ""
    return "" if not header or " ".join(header.split()) in " ".join(code.split()) else f"{header}\n\n"


def _without_lemma(code: str) -> str:
    bare = without_comments(code)
    for found in reversed(list(_STATES.finditer(bare))):
        if found[1] == "lemma":
            code = f"{code[: found.start(1)]}theorem{code[found.end(1) :]}"
    return code
