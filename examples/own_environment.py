"""A proof assistant of your own: this one counts, and a theorem says which number to reach.

python examples/own_environment.py
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from math import inf

from prover import (
    Advanced,
    Closed,
    Goal,
    InvalidTheoremError,
    OpenedTheorem,
    ProofState,
    Prover,
    Rejected,
    ScriptedPolicy,
    TacticOutcome,
    Theorem,
    Verification,
)


class CountingSession:
    """One number to reach. The tactics are `+`, `++`, and so on."""

    counts_effort = False  # a unit of effort is a second

    def __init__(self, target: int) -> None:
        self.target = target
        self.theorem = OpenedTheorem(name="count", statement=f"reach {target}", header="")
        self.initial = ProofState((Goal("at 0"),))

    async def apply(
        self,
        state: ProofState,
        tactics: Sequence[str],
        *,
        timeout_s: float,
        effort: float | Sequence[float] = inf,
        deadline_s: float = inf,
        effort_left: float = inf,
    ) -> list[TacticOutcome]:
        """Try each tactic on the state, up to the first that closes the theorem."""
        outcomes: list[TacticOutcome] = []
        for tactic in tactics:
            number = int(state.text.removeprefix("at ")) + len(tactic)
            if tactic.strip("+"):
                outcomes.append(Rejected("only + is a tactic"))
            elif number == self.target:
                return [*outcomes, Closed()]
            else:
                outcomes.append(Advanced(ProofState((Goal(f"at {number}"),))))
        return outcomes

    def release(self, states: Iterable[ProofState]) -> None:
        """Nothing is kept."""


class Counting:
    """The assistant: it opens sessions, and checks whole proofs."""

    identity = "counting@1"

    @asynccontextmanager
    async def open(self, theorem: Theorem, *, timeout_s: float = 60.0) -> AsyncIterator[CountingSession]:
        """Read the statement."""
        yield CountingSession(_number(theorem))

    async def check(self, theorem: Theorem, tactics: Sequence[str], *, timeout_s: float) -> Verification:
        """Count again, from nothing."""
        accepted = sum(map(len, tactics)) == _number(theorem)
        return Verification(accepted=accepted, tier="toy", environment=self.identity, source="; ".join(tactics))

    async def check_source(self, source: Theorem, *, against: Theorem | None, timeout_s: float) -> Verification:
        """Check a text `+; ++`, which has to reach the number of `against`."""
        return await self.check(against or source, source.source.split("; "), timeout_s=timeout_s)

    async def forbidding(self, theorem: Theorem) -> Theorem:
        """There is no library to forbid anything of."""
        return theorem

    async def close(self) -> None:
        """Nothing runs."""


def _number(theorem: Theorem) -> int:
    if not theorem.source.strip().isdigit():
        raise InvalidTheoremError(f"{theorem.source!r} is not a number")
    return int(theorem.source)


def main() -> None:
    """Reach 5."""
    with Prover(Counting(), policy=ScriptedPolicy(["++", "+"])) as counting:
        record = counting.prove("5")
    print(record.environment, record.proved, record.proof_tactics)


if __name__ == "__main__":
    main()
