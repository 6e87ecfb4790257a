"""Fitting a prompt into a model's context."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from prover.errors import PromptTooLongError
from prover.models.model import Message
from prover.policies.llm.prompts.prompt import Query, characters
from prover.policies.llm.prompts.states import shorter

Written = TypeVar("Written", str, tuple[Message, ...])
Shorter = Callable[[str], Iterator[str]]


def fitted(
    write: Callable[[Query, int], Written],
    query: Query,
    limit: int | None,
    *,
    shots: int = 0,
    shorter: Shorter = shorter,
) -> Written:
    """Return `write(query, shots)`, with less of the query and fewer examples if it exceeds `limit`.

    Raises:
        PromptTooLongError: even the shortest form exceeds `limit` characters.
    """
    prompt = write(query, shots)
    if limit is None or characters(prompt) <= limit:
        return prompt
    for smaller, left in _smaller(query, shots, characters(prompt) - limit, shorter):
        prompt = write(smaller, left)
        if characters(prompt) <= limit:
            return prompt
    raise PromptTooLongError(
        f"the prompt needs at least {characters(prompt):,} characters for this goal, but may have {limit:,}"
    )


def from_a_line(text: str, excess: int) -> str:
    """Return `text` without its first `excess` or more characters, starting at a line."""
    if excess <= 0:
        return text
    end_of_line = text.find("\n", excess - 1)
    return text[end_of_line + 1 :] if end_of_line >= 0 else ""


def _smaller(query: Query, shots: int, excess: int, shorter: Shorter) -> Iterator[tuple[Query, int]]:
    """Yield ever shorter queries and numbers of examples."""
    yield replace(query, context=from_a_line(query.context, excess)), shots
    query = replace(query, context="", before=())
    for left in reversed(range(shots)):
        yield query, left
    while query.failures:
        query = replace(query, failures=query.failures[1:])
        yield query, 0
    query = replace(query, informal="")
    yield query, 0
    while query.premises:
        query = replace(query, premises=query.premises[:-1])
        yield query, 0
    for state in shorter(query.state):
        yield replace(query, state=state), 0
