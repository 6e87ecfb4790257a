"""The whole search as data: every state, every tactic tried on it, the assistant's answer, the proofs found.

It grows from the search's events and is kept in JSON: for pictures of a search, and as examples to learn from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from pydantic import Field

from prover.core.effort import Limit
from prover.core.proof_state import Advanced, Closed, GaveUp, ProofState, Rejected, TacticOutcome, TimedOut
from prover.core.record import Frozen, ProofRecord, StopReason, StoredRecord
from prover.search.events import Expanded, Found, SearchEvent, Tried

TRACE_SCHEMA_VERSION = 1
LONGEST_MESSAGE = 2_000
LONGEST_GOAL = 20_000
LEAST_LOGPROB = -1e6  # JSON has no infinity


class AttemptStatus(StrEnum):
    """The outcome of a tactic. A `TimedOut` has one of two statuses, by the limit that it reached."""

    ADVANCED = "advanced"
    CLOSED = "closed"
    REJECTED = "rejected"
    GAVE_UP = "gave_up"
    OUT_OF_EFFORT = "out_of_effort"
    TIMED_OUT = "timed_out"


class TracedAttempt(Frozen):
    """One tactic tried on one state."""

    tactic: str
    source: str = Field(description="what proposed it")
    logprob: float
    status: AttemptStatus
    message: str = Field(
        default="", description="the assistant's; of a new state that a test refuted, for which values it is false"
    )
    elapsed_s: float = 0.0
    expansion: int = Field(description="1-based number of the expansion that tried it")
    child: int | None = Field(default=None, description="the node it led to")
    new: bool = Field(default=False, description="nothing had led to that state before")


class TracedExpansion(Frozen):
    """One expansion of a node: its candidates were asked for and tried."""

    order: int = Field(description="1-based expansion number")
    candidates: int = Field(description="tactics proposed, without repetitions; a found proof leaves the rest untried")
    frontier: int = Field(description="states waiting after this one was taken")


class TracedNode(Frozen):
    """One proof state. Its id is its place in the trace; `parent`, `logprob` and `depth` are of the best path to it."""

    id: int
    parent: int | None = None
    tactic: str | None = Field(default=None, description="leads from the parent to this node")
    goals: tuple[str, ...]
    logprob: float = 0.0
    depth: int = 0
    expansions: tuple[TracedExpansion, ...] = ()
    attempts: tuple[TracedAttempt, ...] = ()


class TracedStep(Frozen):
    """One step of a found proof: an attempt, by its place among the attempts of a node."""

    node: int
    attempt: int


class TracedProof(Frozen):
    """Tactics that close the theorem, and what verification said (None: it was not asked or did not answer)."""

    steps: tuple[TracedStep, ...]
    accepted: bool | None = None


class SearchTree(Frozen):
    """A recorded search. `record` is None if the search broke off without a result."""

    schema_version: int = TRACE_SCHEMA_VERSION
    theorem: str = Field(description="the text as it was given")
    record: StoredRecord | None = None
    nodes: tuple[TracedNode, ...] = ()
    found: tuple[TracedProof, ...] = ()

    @property
    def proof(self) -> TracedProof | None:
        """The proof that verification accepted."""
        return next((proof for proof in self.found if proof.accepted), None)

    def to_json(self) -> str:
        """Return the trace as JSON text. Of nodes and attempts, members without content are left out."""
        whole = self.model_dump(mode="json", exclude={"nodes"})
        whole["nodes"] = [node.model_dump(mode="json", exclude_defaults=True) for node in self.nodes]
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n"


@dataclass(slots=True)
class _Node:
    """A node while the search runs."""

    goals: tuple[str, ...]
    parent: int | None = None
    tactic: str | None = None
    logprob: float = 0.0
    expansions: list[TracedExpansion] = field(default_factory=list)
    attempts: list[TracedAttempt] = field(default_factory=list)


class SearchTrace:
    """A listener of a search that keeps everything.

    >>> trace = SearchTrace("theorem t : 1 = 1")
    >>> await prove_theorem(..., listener=trace)  # doctest: +SKIP
    >>> trace.tree(record).to_json()  # doctest: +SKIP
    """

    def __init__(self, theorem: str) -> None:
        self.theorem = theorem
        self._nodes: list[_Node] = []
        self._ids: dict[ProofState, int] = {}
        self._by_path: dict[tuple[str, ...], int] = {}  # of what was expanded, which settles a node's path
        self._found: list[tuple[str, ...]] = []
        self._expansions = 0

    def __call__(self, event: SearchEvent) -> None:
        """Take in one event."""
        match event:
            case Expanded():
                self._expand(event)
            case Tried():
                self._try(event)
            case Found(tactics):
                self._found.append(tactics)
            case _:
                assert_never(event)

    def tree(self, record: ProofRecord | None = None) -> SearchTree:
        """Return everything so far; `record` adds the result."""
        depths = self._depths()
        accepted = record.search.tactics if record and record.search.stop is StopReason.FOUND else None
        return SearchTree(
            theorem=_cut(self.theorem, None),
            record=record,
            nodes=tuple(
                TracedNode(
                    id=number,
                    parent=node.parent,
                    tactic=node.tactic,
                    goals=node.goals,
                    logprob=max(LEAST_LOGPROB, node.logprob),
                    depth=depths[number],
                    expansions=tuple(node.expansions),
                    attempts=tuple(node.attempts),
                )
                for number, node in enumerate(self._nodes)
            ),
            found=tuple(
                TracedProof(
                    steps=self._steps(tactics),
                    # The search goes on after a refusal, so every proof but the last was refused.
                    accepted=False if number < len(self._found) else (record and (tactics == accepted or None)),
                )
                for number, tactics in enumerate(self._found, start=1)
            ),
        )

    def _expand(self, event: Expanded) -> None:
        self._expansions += 1
        path = event.node.tactics
        number = self._known(event.node.state)
        node = self._nodes[number]
        if path and path not in self._by_path:
            # Only the search knows the best path to a state; until now it was a guess.
            parent = self._by_path.get(path[:-1])
            if parent is not None and not self._leads_to(number, parent):
                node.parent, node.tactic = parent, _cut(path[-1], LONGEST_GOAL)
                node.logprob = event.node.logprob
        self._by_path[path] = number
        node.expansions.append(
            TracedExpansion(order=self._expansions, candidates=len(event.candidates), frontier=event.frontier)
        )

    def _try(self, event: Tried) -> None:
        number = self._known(event.node.state)
        child: int | None = None
        tactic = _cut(event.candidate.tactic, LONGEST_GOAL)
        status, message = _status(event.outcome)
        if event.counterexample is not None:
            message = f"false for {event.counterexample}" if event.counterexample else "false"
        if isinstance(event.outcome, Advanced):
            before = len(self._nodes)
            child = self._known(event.outcome.state)
            reached = self._nodes[child]
            logprob = event.node.child(event.candidate, event.outcome.state).logprob
            if child == before or (reached.parent is not None and not reached.expansions and logprob > reached.logprob):
                reached.parent, reached.tactic, reached.logprob = number, tactic, logprob
        self._nodes[number].attempts.append(
            TracedAttempt(
                tactic=tactic,
                source=_cut(event.candidate.source, LONGEST_MESSAGE),
                logprob=max(LEAST_LOGPROB, event.candidate.logprob),
                status=status,
                message=_cut(message, LONGEST_MESSAGE),
                elapsed_s=round(event.outcome.elapsed_s, 6),
                expansion=self._expansions,
                child=child,
                new=event.new,
            )
        )

    def _known(self, state: ProofState) -> int:
        number = self._ids.get(state)
        if number is None:
            number = self._ids[state] = len(self._nodes)
            self._nodes.append(_Node(tuple(_cut(goal.text, LONGEST_GOAL) for goal in state.goals)))
        return number

    def _leads_to(self, ancestor: int, number: int | None) -> bool:
        while number is not None and number != ancestor:
            number = self._nodes[number].parent
        return number is not None

    def _depths(self) -> list[int]:
        depths: dict[int, int] = {}
        for start in range(len(self._nodes)):
            chain: list[int] = []
            at: int | None = start
            while at is not None and at not in depths:
                chain.append(at)
                at = self._nodes[at].parent
            depth = -1 if at is None else depths[at]
            for number in reversed(chain):
                depth += 1
                depths[number] = depth
        return [depths[number] for number in range(len(self._nodes))]

    def _steps(self, tactics: tuple[str, ...]) -> tuple[TracedStep, ...]:
        """Find the attempts that make up a found proof."""
        steps: list[TracedStep] = []
        for length, tactic in enumerate(tactics, start=1):
            number = self._by_path[tactics[: length - 1]]
            wanted = _cut(tactic, LONGEST_GOAL)
            last = length == len(tactics)
            child = None if last else self._by_path[tactics[:length]]
            for place, attempt in enumerate(self._nodes[number].attempts):
                closes = attempt.status is AttemptStatus.CLOSED
                if attempt.tactic == wanted and attempt.child == child and closes == last:
                    steps.append(TracedStep(node=number, attempt=place))
                    break
        return tuple(steps)


def _status(outcome: TacticOutcome) -> tuple[AttemptStatus, str]:
    match outcome:
        case Advanced():
            return AttemptStatus.ADVANCED, ""
        case Closed():
            return AttemptStatus.CLOSED, ""
        case Rejected(message):
            return AttemptStatus.REJECTED, message
        case GaveUp(message):
            return AttemptStatus.GAVE_UP, message
        case TimedOut(message):
            by_effort = outcome.limit is Limit.EFFORT
            return AttemptStatus.OUT_OF_EFFORT if by_effort else AttemptStatus.TIMED_OUT, message
        case _:
            assert_never(outcome)


def _cut(text: str, longest: int | None) -> str:
    """Return text that fits and that JSON can hold: no lone surrogates, which a model's output may contain."""
    if longest is not None and len(text) > longest:
        text = f"{text[: longest - 1]}…"
    return text.encode("utf-8", "replace").decode("utf-8")
