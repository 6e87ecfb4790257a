"""Mined statements and steps as documents to train on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from prover.bench.results import RESULTS, RUN
from prover.data.corpora.shards import Document
from prover.data.mining.statements import NAME
from prover.errors import InvalidCorpusError
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.prompt import PromptFormat, Query

_SEARCHES = re.compile(r"\b(?:exact|apply|rw|simp|simp_all|show_term)\?")
DEFAULT_FORMAT = "ntp-st"
Answer = Callable[[str, Query], str | None]
"""What a model should write for a tactic; None if it cannot."""


def is_mined(path: Path) -> bool:
    """Is this the folder of a run of `prover mine`?"""
    return (path / RESULTS).exists() and (path / RUN).exists()


def step_format(name: str) -> PromptFormat:
    """Return the prompt format of that name.

    Raises:
        InvalidCorpusError: there is none, or it asks for whole proofs.
    """
    found = FORMATS.get(name)
    if found is None or found.whole_proof:
        steps = ", ".join(known.name for known in FORMATS.values() if not known.whole_proof)
        raise InvalidCorpusError(f"no prompt format for steps is called {name!r}; there are: {steps}")
    return found


def mined_documents(
    folder: Path, prompt_format: PromptFormat | None = None, *, answer: Answer | None = None
) -> Iterator[Document]:
    """Yield a document for each statement and each proof step of a run.

    A step is a prompt of the format and what the model should answer, by default the tactic and the format's stop text.
    So a model trained on it can be asked in that format. `meta.prompt` is the length of the prompt. Steps such as
    `exact?`, which only search, are left out.

    Raises:
        InvalidCorpusError: the format's prompts are chats.
    """
    prompt_format = prompt_format or step_format(DEFAULT_FORMAT)
    answer = answer or _as_written(prompt_format)
    with (folder / RESULTS).open(encoding="utf-8") as lines:
        for line in lines:
            if not line.endswith("\n"):  # the run was killed here, and writes the line again when it is resumed
                break
            result = json.loads(line)
            if row := result.get("row"):
                text = row["statement"].replace(NAME, row["name"], 1)
                yield Document(text, {"theorem": row["name"], "kind": "statement", "module": row["module"]})
            for theorem, steps_of in _proofs(result):
                for step in steps_of:
                    if document := _step(theorem, step, prompt_format, answer):
                        yield document


def _as_written(prompt_format: PromptFormat) -> Answer:
    stop = "".join(prompt_format.stop[:1])
    return lambda tactic, _: tactic + stop


def _proofs(result: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if result.get("steps"):
        yield result["problem"], result["steps"]
    if result.get("states"):
        yield result["problem"], [step for state in result["states"] for step in _progress(state)]
    for theorem in result.get("theorems", ()):
        yield theorem["name"], theorem["steps"]


def _progress(state: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the attempts that closed or advanced a state of `prover mine outcomes`."""
    for _, _, tactic, status, *_ in state["attempts"]:
        if status in {"closed", "advanced"}:
            cited = [name for name in state["premises"] if name in tactic]
            yield {"state": state["state"], "tactic": tactic, "premises": cited, "retrieved": state["premises"]}


def _step(theorem: str, step: dict[str, Any], prompt_format: PromptFormat, answer: Answer) -> Document | None:
    tactic = step["tactic"]
    if _SEARCHES.search(tactic):
        return None
    query = Query(state=step["state"], premises=tuple(step.get("retrieved", ())))
    prompt = prompt_format.render(query)
    if not isinstance(prompt, str):
        raise InvalidCorpusError(f"the prompt format {prompt_format.name} is a chat; choose one of plain text")
    answered = answer(tactic, query)
    if answered is None:
        return None
    meta = {"theorem": theorem, "kind": "step", "premises": step["premises"], "prompt": len(prompt)}
    return Document(f"{prompt}{answered}", meta)
