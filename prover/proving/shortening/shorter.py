"""Making a proof shorter, change by change; each is kept only if the proof still goes through."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from prover.proving.shortening.answers import answered
from prover.proving.shortening.closers import CLOSERS, simpler_than
from prover.proving.shortening.proof import Proof
from prover.proving.shortening.simpler import simpler
from prover.proving.shortening.trials import Trials

DEARER = 1.25
"""The rest of a changed proof may take this many times the effort that it took before; a closer, once as much."""
CHEAP = 0.05
"""Or so many units, if that is more."""
MANY = 8
"""Of so many steps, several are left out at once."""
SHARE = 0.5
"""Of the effort that is left, the simple tactics may spend this share, so that something is left for other ways."""
ANSWER_EFFORT = 1.0
"""For the answer of a search, which is needed whatever it takes."""
_INTRO = re.compile(r"intro(?P<names>(?: [\w'✝]+)+)")


class Shortener:
    """Makes proofs in one session shorter. `suggested`: the answers of the searches in the proof."""

    def __init__(self, trials: Trials, suggested: Sequence[str] = ()) -> None:
        self._trials = trials
        self._suggested = suggested
        self._end = math.inf  # of what may be spent now

    async def shorter(self, proof: Proof) -> Proof:
        """Return a proof of the same goal that is at most as long.

        Raises:
            SearchCancelledError: it was cancelled.
            ProofEnvironmentError: the proof assistant failed.
        """
        proof = await self._with_answers(proof)
        self._end = self._trials.spent + SHARE * self._trials.left
        proof = await self._closed_early(proof)
        self._end = math.inf
        proof = await self._without_steps(proof)
        proof = await self._with_intros_merged(proof)
        proof = await self._with_simpler_steps(proof)
        return await self._in_branches(proof)

    async def _instead(
        self, proof: Proof, begin: int, end: int, tactics: Sequence[str], *, most: float | None = None
    ) -> Proof | None:
        """Return the proof with other tactics in place of those from `begin` to before `end`, if it goes through."""
        if most is None:
            dearer = DEARER if end < len(proof.tactics) else 1.0
            most = min(max(CHEAP, dearer * proof.effort_from(begin)), self._end - self._trials.spent)
        until = self._trials.spent + most
        state = proof.before(begin)
        for tactic in tactics:
            if state.goals == proof.others:
                break
            known = await self._trials.outcome(state, tactic, most=until - self._trials.spent)
            if known is None or known.after is None:
                return None
            state = known.after
        most = min(until - self._trials.spent, self._trials.left)
        as_before = state.goals == proof.others or state == proof.before(end)
        if not as_before and most < proof.effort_from(end):  # which would have to run again
            return None
        rest = await self._trials.prove(proof.before(begin), (*tactics, *proof.tactics[end:]), most=most)
        return proof.part(0, begin).then(rest) if rest else None

    async def _with_answers(self, proof: Proof) -> Proof:
        """Put the answers of searches in their place, even if they are longer."""
        at = 0
        while at < proof.trunk:
            for tactics in answered(proof.tactics[at], self._suggested):
                if found := await self._instead(proof, at, at + 1, tactics, most=ANSWER_EFFORT):
                    proof = found
                    break
            at += 1
        return proof

    async def _closed_early(self, proof: Proof) -> Proof:
        """End the proof at the first state that a simple tactic closes."""
        for closer in CLOSERS:
            for at in range(proof.trunk):
                if closer not in simpler_than("\n".join(proof.tactics[at:])):
                    continue
                if found := await self._instead(proof, at, len(proof.tactics), (closer,)):
                    proof = found
                    break
        return proof

    async def _without_steps(self, proof: Proof) -> Proof:
        """Leave out steps that are not needed, many at once where possible."""
        size = (proof.trunk - 1) // 2 if proof.trunk > MANY else 1
        while size:
            at = 0
            while at + size < proof.trunk:
                found = await self._instead(proof, at, at + size, ())
                proof, at = (found, at) if found else (proof, at + size)
            size //= 2
        return proof

    async def _with_intros_merged(self, proof: Proof) -> Proof:
        at = 0
        while at + 1 < proof.trunk:
            first, second = (_INTRO.fullmatch(tactic) for tactic in proof.tactics[at : at + 2])
            if first and second:
                merged = f"{first[0]}{second['names']}"
                if found := await self._instead(proof, at, at + 2, (merged,)):
                    proof = found
                    continue
            at += 1
        return proof

    async def _with_simpler_steps(self, proof: Proof) -> Proof:
        """Take out of each step what it does not need, the last step first."""
        for at in reversed(range(proof.trunk)):
            while at < proof.trunk and (found := await self._simpler_at(proof, at)):
                proof = found
        return proof

    async def _simpler_at(self, proof: Proof, at: int) -> Proof | None:
        for tactic in simpler(proof.tactics[at]):
            if found := await self._instead(proof, at, at + 1, (tactic,)):
                return found
        return None

    async def _in_branches(self, proof: Proof) -> Proof:
        """Make the proofs of the goals that the trunk leaves shorter, each by itself."""
        branches = proof.branches()
        if not branches:
            return proof
        trunk = proof.part(0, proof.trunk)
        whole = trunk
        for branch in branches:
            whole = whole.then(await self.shorter(branch))
        ends = set(whole.tactics[len(trunk.tactics) :])
        if len(ends) == 1 and len(whole.tactics) == len(trunk.tactics) + len(branches):
            last = len(trunk.tactics) - 1
            alike = f"{trunk.tactics[last]} <;> {ends.pop()}"
            return await self._instead(whole, last, len(whole.tactics), (alike,)) or whole
        return whole
