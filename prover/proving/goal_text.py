"""A printed goal, read back as a theorem: for clients that send a proof state and nothing else.

What Lean prints is not always what Lean reads. Where it is, suggestions can be tried before they are sent.
"""

from __future__ import annotations

import re

from prover.core.theorem import Theorem, check_text, split_imports
from prover.errors import InvalidTheoremError
from prover.policies.llm.prompts.states import goals

INACCESSIBLE = "inaccessible_"
"""Prefix for a name that Lean prints with a dagger. No tactic can refer to such a name, so none may use ours."""

MAX_GOAL_CHARACTERS = 100_000
_CASE = re.compile(r"\Acase [^\n]*\n")
_DAGGER = re.compile(r"([^\W\d][\w'.!?]*)✝([⁰¹²³⁴⁵⁶⁷⁸⁹]*)")
_STAND_IN = re.compile(rf"{INACCESSIBLE}([^\W\d][\w'.!?]*?)(?:__(\d+))?(?![\w'.!?])")
_DIGITS, _SUPERSCRIPTS = "0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"
_HYPOTHESIS = re.compile(r"^([^\s⊢:][^:⊢\n]*?) : ", re.MULTILINE)
_TARGET = re.compile(r"^⊢ ", re.MULTILINE)
_DECLARATION = re.compile(
    r"^(?:@\[[^\n]*\]\s*)?(?:(?:private|protected|noncomputable|nonrec|unsafe|partial)\s+)*"
    r"(?:theorem|lemma|example|def|instance|abbrev)\b",
    re.MULTILINE,
)
_BINDER = re.compile(r"^(?:example |    )[(\[]([^:]*) : ", re.MULTILINE)
# Names like u_1 in `Type u_1` have to come from somewhere, whatever the header says.
_AUTOMATIC = "set_option autoImplicit true\n"


def theorem_of_goal(state: str, *, header: str = "") -> Theorem:
    """Return a theorem that states the first goal of a printed proof state.

    Inaccessible names (`x✝`) become `INACCESSIBLE…`, local definitions become variables: what proves the theorem need
    not prove the goal, and the other way round.

    Raises:
        InvalidTheoremError: there is no `⊢` in it, or the text is too long or holds control characters.
    """
    check_text(state)
    if len(state) > MAX_GOAL_CHARACTERS:
        raise InvalidTheoremError(f"the proof state has {len(state):,} characters; {MAX_GOAL_CHARACTERS:,} are read")
    goal = _DAGGER.sub(_renamed, _CASE.sub("", goals(state)[0]))
    target = _TARGET.search(goal)
    if target is None:
        raise InvalidTheoremError(
            "the proof state has no goal", hint="send it as Lean prints it: hypotheses, then a line that begins with ⊢"
        )
    starts = [*_HYPOTHESIS.finditer(goal, 0, target.start())]
    ends = [*(start.start() for start in starts[1:]), target.start()]
    binders = "".join(
        f"{_binder(start[1], goal[start.end() : end].rstrip())}\n    " for start, end in zip(starts, ends, strict=False)
    )
    imports, body = split_imports(header)
    lines = "".join(f"import {module}\n" for module in imports if imports != ("Init",))
    text = f"{body.strip()}\n\n{_AUTOMATIC}" if body.strip() else _AUTOMATIC
    return Theorem.from_text(f"{lines}{text}example {binders}: {goal[target.end() :].strip()}")


def renamed(theorem: Theorem) -> tuple[str, ...]:
    """Return our names for the goal's inaccessible hypotheses, in order: what `rename_i` takes."""
    binders = theorem.source.rpartition(_AUTOMATIC)[2]
    names = (name for found in _BINDER.finditer(binders) for name in found[1].split())
    return tuple(name for name in names if name.startswith(INACCESSIBLE))


def header_of_context(context: str) -> str:
    """Return what comes before the last declaration of a text that ends within its proof."""
    found = [*_DECLARATION.finditer(context)]
    return context[: found[-1].start()] if found else ""


def as_printed(text: str) -> str:
    """Return a text with our names for inaccessible variables as Lean prints them."""
    return _STAND_IN.sub(lambda found: f"{found[1]}✝{_raised(found[2] or '')}", text)


def _renamed(found: re.Match[str]) -> str:
    number = found[2].translate(str.maketrans(_SUPERSCRIPTS, _DIGITS))
    return f"{INACCESSIBLE}{found[1]}{'__' if number else ''}{number}"


def _raised(number: str) -> str:
    return number.translate(str.maketrans(_DIGITS, _SUPERSCRIPTS))


def _binder(names: str, kind: str) -> str:
    kind = re.split(r"\s:=\s", kind, maxsplit=1)[0]
    if names.startswith(f"{INACCESSIBLE}inst"):
        return f"[{names} : {kind}]"
    return f"({names} : {kind})"
