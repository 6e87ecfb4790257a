"""A proof of one goal as it runs: its tactics, and the state after each."""

from __future__ import annotations

from dataclasses import dataclass

from prover.core.proof_state import Goal, ProofState

DONE = ProofState(())


@dataclass(frozen=True, slots=True)
class Proof:
    """Tactics that close the first goal of `start` and leave the others as they are.

    `after`, `efforts`: of each tactic, the state it leads to and what it took.
    """

    start: ProofState
    tactics: tuple[str, ...] = ()
    after: tuple[ProofState, ...] = ()
    efforts: tuple[float, ...] = ()

    @property
    def others(self) -> tuple[Goal, ...]:
        """The goals that the proof does not touch."""
        return self.start.goals[1:]

    def before(self, number: int) -> ProofState:
        """Return the state that a tactic is tried on, or the last state."""
        return self.after[number - 1] if number else self.start

    def effort_from(self, number: int) -> float:
        """Return what this tactic and those behind it took."""
        return sum(self.efforts[number:])

    def part(self, begin: int, end: int) -> Proof:
        """Return the tactics from `begin` to before `end`, as a proof of the first goal there."""
        return Proof(self.before(begin), self.tactics[begin:end], self.after[begin:end], self.efforts[begin:end])

    def then(self, rest: Proof) -> Proof:
        """Return this followed by what goes on at its last state."""
        return Proof(self.start, self.tactics + rest.tactics, self.after + rest.after, self.efforts + rest.efforts)

    @property
    def trunk(self) -> int:
        """Number of tactics up to the first that leaves several goals, with it; all, if none does."""
        several = len(self.start.goals) + 1
        return next((n for n, state in enumerate(self.after, 1) if len(state.goals) >= several), len(self.tactics))

    def branches(self) -> list[Proof]:
        """Return the proofs of the goals that the trunk leaves, one after the other; none if they are entangled."""
        trunk = self.trunk
        if trunk == len(self.tactics):
            return []
        found: list[Proof] = []
        begin = trunk
        while begin < len(self.tactics):
            others = self.before(begin).goals[1:]
            end = next((n for n, state in enumerate(self.after, 1) if n > begin and state.goals == others), None)
            if end is None:
                return []
            found.append(self.part(begin, end))
            begin = end
        return found if self.before(begin).goals == self.others else []
