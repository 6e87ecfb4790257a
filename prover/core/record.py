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

Verdict = Literal["proved", "refuted", "unknown"]
"""What verification has accepted: a proof of a statement, a proof that it is false, or neither."""


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


class UnfinishedProof(Frozen):
    """A proof with `sorry` at the goals that it leaves open. It proves nothing: it shows how far a search got."""

    tactics: tuple[str, ...]
    goals: tuple[str, ...] = Field(description="the goals that are left open, as the assistant prints them")
    source: str = Field(description="the whole text; checked afresh, the assistant objects to `sorry` and nothing else")


class Advice(Frozen):
    """What would help a statement that is neither proved nor refuted."""

    kind: Literal["effort", "time", "expansions", "tactic_effort", "model", "mathlib", "form"]
    words: str


class TheoremVerdict(Frozen):
    """One theorem of a verified text, and what it rests on."""

    name: str
    axioms: tuple[str, ...] = Field(description="axioms of the term, as far as bodies are at hand")
    rests_on_library: bool = Field(
        default=False,
        description="also uses theorems of the standard library, whose proofs are not shipped with the "
        "embedded Lean (it is built on propext, Classical.choice and Quot.sound)",
    )


class DefinitionShown(Frozen):
    """A definition that the statement's file leaves open (`abbrev answer : Nat := sorry`), as the proof has it."""

    name: str
    value: str = Field(description="in the library's own notation; whether it is an answer, people judge")


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
    definitions: tuple[DefinitionShown, ...] = Field(
        default=(), description="what fills the definitions that the statement's file leaves open"
    )
    source: str | None = Field(default=None, description="the whole text that was checked")
    timed_out: bool = False
    elapsed_s: float = 0.0

    @property
    def verdict(self) -> Literal["accepted", "rejected", "timed_out"]:
        """What became of it. Of a proof that could not be checked in time nothing is known."""
        if self.accepted:
            return "accepted"
        return "timed_out" if self.timed_out else "rejected"

    @property
    def axioms(self) -> tuple[str, ...]:
        """Axioms of all theorems together."""
        return tuple(sorted({axiom for theorem in self.theorems for axiom in theorem.axioms}))

    @property
    def rests_on_library(self) -> bool:
        """Does any of the theorems use the standard library's?"""
        return any(theorem.rests_on_library for theorem in self.theorems)


class Verified(Frozen):
    """Something that only an accepted verification makes."""

    tactics: tuple[str, ...] = Field(description="what proves it")
    verification: Verification

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        if not self.verification.accepted:
            raise ValueError(f"a {type(self).__name__.lower()} that verification does not accept is none")
        return self


class Refutation(Verified):
    """That a statement is false: a verified proof of its negation."""

    counterexample: dict[str, str] | None = Field(
        default=None, description="values of the statement's variables for which it is false, if that is how"
    )

    @property
    def proof(self) -> str:
        """The verified Lean text: the statement as an axiom, and the proof that it is false, which does not use it."""
        return self.verification.source or ""

    @property
    def in_words(self) -> str:
        """For which values the statement is false: `a = 0, b = 1`; empty if it has no variables."""
        return ", ".join(f"{name} = {value}" for name, value in (self.counterexample or {}).items())


class Contradiction(Verified):
    """That the hypotheses of a theorem contradict each other: a verified proof of it by way of `False`."""

    @property
    def in_words(self) -> str:
        """What that means."""
        return "the hypotheses are contradictory; the theorem holds for no reason you want"


class Shortening(Frozen):
    """What became of a proof after it was accepted: a shorter one, verified like any other, or the same."""

    tactics: tuple[str, ...] = Field(description="the proof as it stands now, line by line")
    longer: str | None = Field(default=None, description="the verified text that it replaces, if it was changed")
    effort: float = Field(default=0.0, description="units spent on it, beyond those of the search")
    elapsed_s: float = 0.0
    by_clock: bool = Field(default=False, description="the clock ended something: elsewhere it may come out otherwise")


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
    shortening: Shortening | None = Field(
        default=None, description="how the proof was made shorter; `search.tactics` are those that were found"
    )
    refutation: Refutation | None = Field(default=None, description="that the statement is false, if that was found")
    contradiction: Contradiction | None = Field(
        default=None,
        description="that the hypotheses contradict each other, if that was found: the theorem is proved, "
        "and says nothing",
    )
    refused: tuple[str, ...] = Field(
        default=(), description="proofs that the search found but verification rejected, with the reason"
    )
    notes: tuple[str, ...] = Field(
        default=(),
        description="what failed beside the proof: a model that is down, ...; names that `autoImplicit` made variables",
    )
    closest: tuple[UnfinishedProof, ...] = Field(
        default=(),
        description="unfinished proofs, the most promising first, of a statement that is neither proved nor refuted",
    )
    advice: Advice | None = Field(default=None, description="what would help such a statement")
    elapsed_s: float = 0.0

    @model_validator(mode="after")
    def _never_both(self) -> Self:
        if self.proved and self.refutation is not None:
            raise ValueError(
                f"{self.name} is both proved and refuted: verification is broken, trust none of its verdicts"
            )
        return self

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def proved(self) -> bool:
        """Was the theorem proved: found by the search and accepted by verification?"""
        return self.verification is not None and self.verification.accepted

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> Verdict:
        """What verification has accepted: a proof of the theorem, a proof that it is false, or neither."""
        if self.proved:
            return "proved"
        return "unknown" if self.refutation is None else "refuted"

    @property
    def proof(self) -> str | None:
        """The verified Lean text, or None."""
        return self.verification.source if self.verification and self.verification.accepted else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def proof_tactics(self) -> tuple[str, ...]:
        """The tactics of the verified proof, empty if there is none."""
        if not self.proved:
            return ()
        return self.shortening.tactics if self.shortening else self.search.tactics or ()


def _without_computed(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: member for name, member in value.items() if name not in ProofRecord.model_computed_fields}
    return value


StoredRecord = Annotated[ProofRecord, BeforeValidator(_without_computed)]
"""A record that is read back from data: written with members that follow from others, read without them."""
