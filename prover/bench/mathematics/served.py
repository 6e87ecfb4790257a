"""The harness's view of a model that is served: our client, many requests at once, every answer kept on disk.

The harness asks for the k samples of majority voting by repeating a request k times. Here they become one request with
n = k: the prompt is read once, and the samples differ though the seed is one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from lm_eval.api.instance import Instance
from lm_eval.api.model import LM

from prover.errors import ContextOverflowError
from prover.models.model import LanguageModel, Sampling

COMPLETIONS = "completions.jsonl"


class ServedModel(LM):  # type: ignore[misc]  # the harness has no types
    """Answers the harness's requests to generate text; what was answered before is not asked again."""

    def __init__(self, model: LanguageModel, folder: Path, sampling: Sampling) -> None:
        """`folder` gets `completions.jsonl`, which makes a run resumable. `sampling`: all but n and stop."""
        super().__init__()
        self._model = model
        self._path = folder / COMPLETIONS
        self._sampling = sampling
        self._known: dict[str, list[str]] = {}
        self.overflows = self.reused = 0
        if self._path.exists():
            kept = self._path.read_text(encoding="utf-8", errors="replace")
            if kept and not kept.endswith("\n"):  # the last line was cut off
                with self._path.open("a", encoding="utf-8") as file:
                    file.write("\n")
            for line in kept.split("\n"):
                try:
                    row = json.loads(line)
                except ValueError:  # cut off by a crash
                    continue
                if row["texts"]:  # none: too long for the context that the server had then
                    self._known[row["key"]] = row["texts"]

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """Return a text for each request, cut before the first of its stops."""
        wanted: dict[int, _Wanted] = {}
        for request in requests:
            prompt, options = request.args
            found = wanted.setdefault(id(request), _Wanted(prompt, tuple(options["until"]), 0))
            found.n += 1
        asyncio.run(self._generate(list(wanted.values())))
        given: dict[int, int] = {}
        texts: list[str] = []
        for request in requests:
            place = given.get(id(request), 0)
            given[id(request)] = place + 1
            texts.append(wanted[id(request)].texts[place])
        return texts

    async def _generate(self, wanted: Sequence[_Wanted]) -> None:
        name = await self._model.identify()
        try:
            with self._path.open("a", encoding="utf-8") as file:
                async with asyncio.TaskGroup() as group:
                    for request in wanted:
                        group.create_task(self._answer(request, name, file))
        finally:
            await self._model.close()

    async def _answer(self, request: _Wanted, name: str, file: Any) -> None:
        sampling = Sampling(**{**asdict(self._sampling), "n": request.n, "stop": request.stop})
        asked = json.dumps([name, request.prompt, asdict(sampling)], ensure_ascii=False)
        key = hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()
        if key in self._known:
            self.reused += 1
        else:
            self._known[key] = await self._ask(request.prompt, sampling)
            if self._known[key]:  # what was too long is asked again by the next run, whose context may be longer
                file.write(json.dumps({"key": key, "texts": self._known[key]}) + "\n")  # ASCII: any text can be kept
                file.flush()
        texts = [cut(text, request.stop) for text in self._known[key]]
        request.texts = texts + [""] * (request.n - len(texts))

    async def _ask(self, prompt: str, sampling: Sampling) -> list[str]:
        """Return the model's texts, none if the prompt is too long for it."""
        try:
            (completions,) = await self._model.complete([prompt], sampling)
        except ContextOverflowError:
            self.overflows += 1
            return []
        return [completion.text for completion in completions]

    def loglikelihood(self, requests: list[Instance]) -> NoReturn:
        """Not supported: our tasks have models write, and rank no given answers."""
        raise NotImplementedError("this model only generates")

    def loglikelihood_rolling(self, requests: list[Instance]) -> NoReturn:
        """See loglikelihood."""
        raise NotImplementedError("this model only generates")


@dataclass(slots=True)
class _Wanted:
    """A prompt, and the texts that are wanted for it."""

    prompt: str
    stop: tuple[str, ...]
    n: int
    texts: list[str] = ()  # type: ignore[assignment]  # set when they are there


def cut(text: str, stops: Sequence[str]) -> str:
    """Return the text before the first stop: not all servers leave it out."""
    places = [place for stop in stops if (place := text.find(stop)) >= 0]
    return text[: min(places)] if places else text
