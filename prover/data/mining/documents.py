"""What was mined, as documents to train on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prover.bench.results import RESULTS, RUN
from prover.data.corpora.shards import Document
from prover.data.mining.statements import NAME
from prover.errors import InvalidCorpusError
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.pointers import PointerFormat
from prover.policies.llm.prompts.prompt import PromptFormat, Query

_SEARCHES = re.compile(r"\b(?:exact|apply|rw|simp|simp_all|show_term)\?")
DEFAULT_FORMAT = "ntp-st"


def is_mined(path: Path) -> bool:
    """Is this the folder of a run of `prover mine`?"""
    return (path / RESULTS).exists() and (path / RUN).exists()


def mined_documents(folder: Path, format_name: str = DEFAULT_FORMAT) -> Iterator[Document]:
    """Yield a document for each statement and each proof step of a run.

    A step is the prompt of a format and the tactic that was right there, so that a model trained on it can be asked
    in that format; `meta.prompt` says where the prompt ends. Steps such as `exact?`, which only search, are left out.

    Raises:
        InvalidCorpusError: there is no such format, or it is none for a step.
    """
    prompt_format = FORMATS.get(format_name)
    if prompt_format is None or prompt_format.whole_proof:
        steps = ", ".join(name for name, known in FORMATS.items() if not known.whole_proof)
        raise InvalidCorpusError(f"no prompt format for steps is called {format_name!r}; there are: {steps}")
    with (folder / RESULTS).open(encoding="utf-8") as lines:
        for line in lines:
            if not line.endswith("\n"):  # a run that was killed; it writes the line again when it goes on
                break
            result = json.loads(line)
            if row := result.get("row"):
                text = row["statement"].replace(NAME, row["name"], 1)
                yield Document(text, {"theorem": row["name"], "kind": "statement", "module": row["module"]})
            for theorem, steps_of in _proofs(result):
                for step in steps_of:
                    if document := _step(theorem, step, prompt_format):
                        yield document


def _proofs(result: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if result.get("steps"):
        yield result["problem"], result["steps"]
    if result.get("states"):
        yield result["problem"], [step for state in result["states"] for step in _progress(state)]
    for theorem in result.get("theorems", ()):
        yield theorem["name"], theorem["steps"]


def _progress(state: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what closed or changed a state of `prover mine outcomes`: a model of it searches long and wide."""
    for _, _, tactic, status, *_ in state["attempts"]:
        if status in {"closed", "advanced"}:
            cited = [name for name in state["premises"] if name in tactic]
            yield {"state": state["state"], "tactic": tactic, "premises": cited, "retrieved": state["premises"]}


def _step(theorem: str, step: dict[str, Any], prompt_format: PromptFormat) -> Document | None:
    tactic = step["tactic"]
    if _SEARCHES.search(tactic):
        return None
    query = Query(state=step["state"], premises=tuple(step.get("retrieved", ())))
    prompt = prompt_format.render(query)
    if not isinstance(prompt, str):
        raise InvalidCorpusError(f"the prompt format {prompt_format.name} is a chat; choose one of plain text")
    if isinstance(prompt_format, PointerFormat):
        answer = prompt_format.answer(tactic, query)
        if answer is None:
            return None
    else:
        answer = tactic + (prompt_format.stop[0] if prompt_format.stop else "")
    meta = {"theorem": theorem, "kind": "step", "premises": step["premises"], "prompt": len(prompt)}
    return Document(f"{prompt}{answer}", meta)
