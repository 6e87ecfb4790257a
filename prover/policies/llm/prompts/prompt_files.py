"""A user's file with the words of a prompt: those that the authors of a model publish, or better ones.

For a few-shot format it holds an instruction and examples, see `shots.py`; for sketches in Isabelle the examples as
they stand in the prompt, two blank lines between them. For any other it holds sections, each below
its name in brackets, with places such as {theorem} in them, see `wording.py`:

    [user]
    Prove this theorem:

    {sorry}

`[text]` is raw text; a chat has `[user]` and may have `[system]`, `[correction]` and `[error]`. A file without sections
is all `[user]`, or all `[text]` for a format of raw text. The line break at the end of a section is not part of it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import fields, replace
from pathlib import Path

from prover.errors import InvalidPromptError
from prover.policies.llm.prompts.few_shot import FewShotFormat
from prover.policies.llm.prompts.isabelle_dsp import IsabelleDspFormat, read_blocks
from prover.policies.llm.prompts.prompt import PromptFormat
from prover.policies.llm.prompts.shots import FewShotFile
from prover.policies.llm.prompts.template import TemplateFormat
from prover.policies.llm.prompts.wording import GOALS, Wording

DIGEST_LENGTH = 12
_SECTION = re.compile(r"^\[(\w+)\][ \t]*$", re.MULTILINE)
_NAMES = tuple(field.name for field in fields(Wording))


def with_words_of(prompt: PromptFormat, path: Path) -> PromptFormat:
    """Return a format with the words of a file.

    Raises:
        InvalidPromptError: the file cannot be read, is not what it should be, or the format has no words.
    """
    if isinstance(prompt, FewShotFormat):
        given = FewShotFile.read(path, labels=prompt.labels)
        return replace(prompt, instruction=given.instruction, shots=given.shots)
    if isinstance(prompt, TemplateFormat):
        return replace(prompt, wording=read_wording(path, raw=bool(prompt.wording.text)), own_words=False)
    if isinstance(prompt, IsabelleDspFormat):
        try:
            return replace(prompt, blocks=read_blocks(_text(path)))
        except ValueError as error:
            raise InvalidPromptError(f"{path}: {error}") from error
    raise InvalidPromptError(f"{prompt.name} has no words that a file could replace")


def digest_of(path: Path) -> str:
    """Return the digest of a prompt file, which records have. Raises InvalidPromptError if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGEST_LENGTH]
    except OSError as error:
        raise InvalidPromptError(f"{path} cannot be read: {error.strerror}") from error


def read_wording(path: Path, *, raw: bool) -> Wording:
    """Read the words of a file. Raises InvalidPromptError."""
    text = _text(path)
    marks = list(_SECTION.finditer(text))
    if not marks:
        words = {"text" if raw else "user": text.removesuffix("\n")}
    else:
        if text[: marks[0].start()].strip():
            raise InvalidPromptError(f"{path}, line 1: the name of a section should stand here, such as [user]")
        ends = [*(mark.start() for mark in marks[1:]), len(text)]
        words = {mark[1]: text[mark.end() + 1 : end].removesuffix("\n") for mark, end in zip(marks, ends, strict=True)}
    if unknown := set(words) - set(_NAMES):
        raise InvalidPromptError(f"{path}: [{min(unknown)}] is no section; there are: {', '.join(_NAMES)}")
    if bool(words.get("text")) == bool(words.get("user")):
        raise InvalidPromptError(f"{path}: there should be either a section [user] or a section [text]")
    asked = words.get("text", "") + words.get("user", "")
    if not any(f"{{{goal}}}" in asked for goal in GOALS):
        raise InvalidPromptError(f"{path} does not show what is to be proved: put {{theorem}} or {{state}} into it")
    if words.get("correction") and not words.get("error"):
        words["error"] = "{message}"
    return Wording(**words)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidPromptError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidPromptError(f"{path}: not UTF-8 text") from error
