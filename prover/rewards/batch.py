"""Verdicts on many texts: one line each, as JSON Lines.

A line asks about a file, or about a model's answer:

    {"name": "a1", "source": "theorem t : 1 + 1 = 2 := rfl"}                 as `prover verify FILE`
    {"name": "a2", "source": "...", "statement": "theorem t : ... := by sorry"}     as `--against`
    {"name": "a3", "statement": "theorem t : ...", "answer": "```lean ..."}  as `prover reward`
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from prover.core.text import MAX_PROOF_BYTES, text_problem
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError, ProofEnvironmentError
from prover.proving.verify import verify_text
from prover.rewards.verifier import ProofRewards, Reward

FIELDS = {"name", "source", "statement", "answer"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One line: `source`, with or without `statement`, or `statement` and `answer`; `digest` tells lines apart."""

    name: str
    digest: str
    source: str | None = None
    statement: str | None = None
    answer: str | None = None
    problem: str | None = None
    """Why nothing can be asked about this line."""


def read_batch(text: str) -> Iterator[Asked]:
    """Yield the lines of a batch; blank ones are left out, and a name that is missing is `line 7`."""
    seen: set[str] = set()
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        asked = _read(line, f"line {number}")
        if asked.name in seen:
            asked = Asked(f"line {number}", asked.digest, problem=f"there is another {asked.name!r} above")
        seen.add(asked.name)
        yield asked


def _read(line: str, place: str) -> Asked:
    digest = hashlib.sha256(line.strip().encode()).hexdigest()[:16]
    try:
        row = json.loads(line)
    except ValueError as error:
        return Asked(place, digest, problem=f"not JSON: {error}")
    if not isinstance(row, dict):
        return Asked(place, digest, problem="not a JSON object")
    name = str(row.get("name", place))
    texts = {key: row.get(key) for key in ("source", "statement", "answer")}
    if unknown := sorted(row.keys() - FIELDS):
        problem = f"unknown: {', '.join(unknown)} (known: name, source, statement, answer)"
    elif wrong := [key for key, value in texts.items() if not isinstance(value, str | None)]:
        problem = f"{wrong[0]} is not a text"
    elif (texts["source"] is None) == (texts["answer"] is None):
        problem = "give `source`, or `statement` and `answer`"
    elif texts["answer"] is not None and texts["statement"] is None:
        problem = "an `answer` wants a `statement`"
    else:
        return Asked(name, digest, **texts)
    return Asked(name, digest, problem=problem)


class BatchVerdicts:
    """Judges lines of a batch with one environment."""

    def __init__(
        self, environment: ProofEnvironment, read: Callable[[str], Theorem], *, timeout_s: float, at_once: int
    ) -> None:
        """`read`: reads texts in the language of the environment; `at_once`: the most that are judged concurrently."""
        self._environment = environment
        self._read = read
        self._timeout_s = timeout_s
        self._rewards = ProofRewards(environment, timeout_s=timeout_s, concurrency=at_once)

    async def judge(self, asked: Asked) -> dict[str, Any]:
        """Return the verdict on a line: `accepted`, `rejected`, `timed_out`, `invalid` or `failed`, with the reason."""
        started = time.monotonic()
        try:
            verdict, reason, axioms = await self._verdict(asked)
        except* InvalidTheoremError as group:
            verdict, reason, axioms = "invalid", _reasons(group), ()
        except* ProofEnvironmentError as failures:
            verdict, reason, axioms = "failed", _reasons(failures), ()
        row = {"name": asked.name, "digest": asked.digest, "verdict": verdict, "reason": reason, "axioms": list(axioms)}
        return {**row, "environment": self._environment.identity, "seconds": round(time.monotonic() - started, 3)}

    async def close(self) -> None:
        """End the environment's processes."""
        await self._rewards.close()

    async def _verdict(self, asked: Asked) -> tuple[str, str | None, tuple[str, ...]]:
        if asked.problem is not None:
            return "invalid", asked.problem, ()
        if asked.answer is not None and asked.statement is not None:
            (reward,) = await self._rewards.score([self._read(asked.statement)], [asked.answer])
            return _of_reward(reward), reward.reason, reward.axioms
        source = asked.source or ""
        if problem := text_problem(source, most_bytes=MAX_PROOF_BYTES):
            return "rejected", problem, ()
        against = None if asked.statement is None else self._read(asked.statement)
        found = await verify_text(
            source, self._environment, read=self._read, against=against, timeout_s=self._timeout_s
        )
        return found.verdict, found.reason, found.axioms


def _of_reward(reward: Reward) -> str:
    if reward.value is None:
        return "failed"
    return "accepted" if reward.value else "timed_out" if reward.timed_out else "rejected"


def _reasons(group: BaseExceptionGroup[BaseException]) -> str:
    leaves: list[BaseException] = [group]
    while any(isinstance(leaf, BaseExceptionGroup) for leaf in leaves):
        leaves = [inner for leaf in leaves for inner in getattr(leaf, "exceptions", (leaf,))]
    return "; ".join(str(leaf) for leaf in leaves)
