"""A language model whose requests and answers are written down, for whoever wants to see what was asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from prover.errors import LanguageModelError
from prover.models.model import Completion, LanguageModel, Prompt, Sampling
from prover.models.wrapping import WrappedModel


class LoggedModel(WrappedModel):
    """Appends a line of JSON for each prompt: the prompt, how answers are drawn, and the answers or the error."""

    def __init__(self, model: LanguageModel, path: Path) -> None:
        """Raises ValueError if the file cannot be written: better now than after the first answer."""
        super().__init__(model)
        self._path = path
        try:
            path.open("ab").close()
        except OSError as error:
            raise ValueError(f"{path} cannot be written: {error.strerror}") from error

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """Return the model's continuations; see LanguageModel."""
        try:
            answers = await self._model.complete(prompts, sampling)
        except LanguageModelError as error:
            self._write(self._line(prompt, sampling, error=str(error)) for prompt in prompts)
            raise
        self._write(
            self._line(prompt, sampling, answers=[asdict(one) for one in found])
            for prompt, found in zip(prompts, answers, strict=True)
        )
        return answers

    def _line(self, prompt: Prompt, sampling: Sampling, **came_back: Any) -> dict[str, Any]:
        plain = prompt if isinstance(prompt, str) else [asdict(message) for message in prompt]
        return {"model": self.identity, "prompt": plain, "sampling": asdict(sampling), **came_back}

    def _write(self, lines: Iterable[dict[str, Any]]) -> None:
        """Append lines at once, so that those of others do not get between."""
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text)
