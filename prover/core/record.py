"""The result of a search, the verdict of a verification, and the record of both."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, computed_field, model_validator

from prover.core.budget import SearchBudget
from prover.core.effort import Limit
from prover.errors import Message

SCHEMA_VERSION = 1


class StopReason(StrEnum):
    """Why a search stopped."""

    FOUND = "found"
    EXHAUSTED = "exhausted"
    BUDGET_SPENT = "budget_spent"
    CANCELLED = "cancelled"
    REFUTED = "refuted"


STOP_REASONS_IN_WORDS = {
    StopReason.FOUND: "verification rejected what the search found",
    StopReason.EXHAUSTED: "every candidate of every state was tried",
    StopReason.BUDGET_SPENT: "the budget is spent",
    StopReason.CANCELLED: "cancelled",
    StopReason.REFUTED: "the statement is false",
}
"""Why a theorem is not proved, by why its search stopped; `stopped.js` has the same for pages."""
NOTHING_PROPOSED = "nothing was proposed that could be tried"
"""Why, where no candidate of any state was tried, because there was none."""
SPENT_LIMITS_IN_WORDS = {
    Limit.EFFORT: "the effort is spent",
    Limit.TIME: "the time is up",
    Limit.EXPANSIONS: "the expansions are spent",
}


class Frozen(BaseModel):
    """Immutable data with no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SearchStatistics(Frozen):
    """What a search did."""

    expansions: int = 0
    tactics: int = Field(default=0, description="tactics tried")
    advanced: int = 0
    rejected: int = 0
    gave_up: int = 0
    out_of_effort: int = Field(default=0, description="tactics that ran out of effort")
    timed_out: int = Field(default=0, description="tactics that ran out of time or memory")
    not_tried: int = Field(default=0, description="candidates for which nothing was left")
    seen_again: int = Field(default=0, description="tactics that led to a state already known")
    depth: int = Field(default=0, description="longest path of tactics reached")
    effort: float = Field(default=0.0, description="units that the tactics took, see prover.core.effort")
    elapsed_s: float = 0.0
    policy_s: float = Field(default=0.0, description="of that, waiting for the policy's candidates")
    assistant_s: float = Field(default=0.0, description="of that, waiting for the assistant to try them")


class SearchResult(Frozen):
    """Why the search stopped, and the tactics that close the theorem if it found them (not yet: a proof)."""

    stop: StopReason
    effort_unit: Literal["heartbeats", "seconds"] = Field(
        default="seconds",
        description="what the assistant counts; a unit of effort is 8 million of the one, or one second",
    )
    limit: Limit | None = Field(default=None, description="which limit it was, if the budget is spent")
    reproducible: bool = Field(
        default=False,
        description="the same statement, seed and budget give the same result on every machine, however busy: "
        "the assistant counts its work, the policy asks no model, and the clock ended nothing",
    )
    tactics: tuple[str, ...] | None = None
    sources: tuple[str, ...] = Field(default=(), description="what proposed each of the tactics")
    statistics: SearchStatistics = SearchStatistics()

    @property
    def why_not_proved(self) -> str:
        """Why the search stopped without a verified proof, in words; of a spent budget, which limit."""
        if self.stop is StopReason.EXHAUSTED and not self.statistics.tactics:
            return NOTHING_PROPOSED
        return SPENT_LIMITS_IN_WORDS[self.limit] if self.limit else STOP_REASONS_IN_WORDS[self.stop]


class TheoremVerdict(Frozen):
    """One theorem of a verified text, and what it rests on."""

    name: str
    axioms: tuple[str, ...] = Field(description="axioms of the term, as far as bodies are at hand")
    rests_on_library: bool = Field(
        default=False,
        description="also uses theorems of the standard library, whose proofs are not shipped with the "
        "embedded Lean (it is built on propext, Classical.choice and Quot.sound)",
    )


class Verification(Frozen):
    """Verdict on a whole proof, elaborated in a fresh instance and re-checked by the kernel.

    `tier` says how much stands behind it, see docs/reference/tiers.md: E is the embedded kernel.
    """

    accepted: bool
    tier: Literal["E", "A", "B", "C", "toy"] = "E"
    environment: str
    reason: str | None = Field(default=None, description="why it was rejected")
    messages: tuple[Message, ...] = ()
    theorems: tuple[TheoremVerdict, ...] = ()
    source: str | None = Field(default=None, description="the whole text that was checked")
    timed_out: bool = False
    elapsed_s: float = 0.0

    @property
    def axioms(self) -> tuple[str, ...]:
        """Axioms of all theorems together."""
        return tuple(sorted({axiom for theorem in self.theorems for axiom in theorem.axioms}))

    @property
    def rests_on_library(self) -> bool:
        """Does any of the theorems use the standard library's?"""
        return any(theorem.rests_on_library for theorem in self.theorems)


class Refutation(Frozen):
    """That a statement is false: a verified proof of its negation. Only an accepted verification makes one."""

    counterexample: dict[str, str] | None = Field(
        default=None, description="values of the statement's variables for which it is false, if that is how"
    )
    tactics: tuple[str, ...] = Field(description="what proves the negation")
    verification: Verification

    @model_validator(mode="after")
    def _verified(self) -> Self:
        if not self.verification.accepted:
            raise ValueError("a refutation that verification does not accept is none")
        return self

    @property
    def proof(self) -> str:
        """The verified Lean text: the statement as an axiom, and the proof that it is false, which does not use it."""
        return self.verification.source or ""

    @property
    def in_words(self) -> str:
        """For which values the statement is false: `a = 0, b = 1`; empty if it has no variables."""
        return ", ".join(f"{name} = {value}" for name, value in (self.counterexample or {}).items())


class ProofRecord(Frozen):
    """Everything about one attempt. `proved` is true only with an accepted verification."""

    schema_version: int = SCHEMA_VERSION
    prover_version: str
    name: str
    statement: str
    header: str = ""
    imports: tuple[str, ...] = ()
    digest: str = Field(description="SHA-256 of the statement's source")
    environment: str
    policy: str
    budget: SearchBudget
    seed: int = 0
    search: SearchResult
    verification: Verification | None = None
    refutation: Refutation | None = Field(default=None, description="that the statement is false, if that was found")
    refused: tuple[str, ...] = Field(
        default=(), description="proofs that the search found but verification rejected, with the reason"
    )
    notes: tuple[str, ...] = Field(default=(), description="what failed beside the proof: a model that is down, ...")
    elapsed_s: float = 0.0

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def proved(self) -> bool:
        """Was the theorem proved: found by the search and accepted by verification?"""
        return self.verification is not None and self.verification.accepted

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> Literal["proved", "refuted", "unknown"]:
        """What verification has accepted: a proof of the theorem, a proof that it is false, or neither."""
        if self.proved:
            return "proved"
        return "unknown" if self.refutation is None else "refuted"

    @property
    def proof(self) -> str | None:
        """The verified Lean text, or None."""
        return self.verification.source if self.verification and self.verification.accepted else None


def _without_computed(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: member for name, member in value.items() if name not in ProofRecord.model_computed_fields}
    return value


StoredRecord = Annotated[ProofRecord, BeforeValidator(_without_computed)]
"""A record that is read back from data: written with members that follow from others, read without them."""
