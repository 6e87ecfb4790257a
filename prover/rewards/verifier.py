"""Verification as a reward function: many proofs at once, equal ones verified once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError, ProofEnvironmentError
from prover.policies.llm.prompts.lean_code import proof_in_completion
from prover.policies.llm.prompts.prompt import Query
from prover.proving.verify import verify, verify_source
from prover.rewards.whole_answer import helpers, is_more, whole_answer
from prover.storage.cache import Cache, MemoryCache, key_of

KIND = "rewards"
LONGEST_PROOF = 100_000  # characters


@dataclass(frozen=True, slots=True)
class Reward:
    """The reward of a proof: 1 if verification accepts it, 0 if not, None if the machine failed.

    None is not 0: a policy must not learn from a process that died. `helpers`: what the answer declares beside the
    theorem, verified with it. `axioms`: what the proof rests on. `timed_out`: 0 for want of time.
    """

    value: float | None
    reason: str | None = None
    helpers: tuple[str, ...] = ()
    axioms: tuple[str, ...] = ()
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """What is verified of an answer: a proof of our statement (empty: none), and the answer as a file if it is one."""

    proof: str
    whole: Theorem | None = None

    @property
    def key(self) -> list[str]:
        """What the cache tells answers apart by."""
        return [self.proof] if self.whole is None else [self.proof, self.whole.source]


class ProofRewards:
    """Scores proofs by verification: the whole proof, our statement, a fresh instance, standard axioms.

    Equal pairs of theorem and proof are verified once, within a batch and, through the cache, across batches. Verdicts
    that depend on time are not cached, nor are machine faults.
    """

    def __init__(
        self,
        environment: ProofEnvironment,
        *,
        timeout_s: float = 60.0,
        concurrency: int = 4,
        cache: Cache | None = None,
    ) -> None:
        """`concurrency`: proofs given to the environment at once; the environment has limits of its own."""
        self._environment = environment
        self._timeout_s = timeout_s
        self._slots = asyncio.Semaphore(concurrency)
        self._cache = cache or MemoryCache()
        self.verified = 0

    async def score(self, theorems: Sequence[str | Theorem], proofs: Sequence[str]) -> list[Reward]:
        """Return the reward of each proof of the theorem beside it.

        A theorem is Lean text up to `:= by`, with its header. A proof is what follows, or a model's answer that holds
        it: in its last fence if it has one, and there the tactics of this theorem, or of the last one. An answer that
        states this theorem by its name and more beside it is verified as a file first, with all that it declares.

        Raises:
            ValueError: there are not as many proofs as theorems.
            InvalidTheoremError: a theorem (not: a proof) cannot be used.
        """
        if len(theorems) != len(proofs):
            raise ValueError(f"{len(theorems)} theorems and {len(proofs)} proofs do not go together")
        stated = [theorem if isinstance(theorem, Theorem) else Theorem.from_text(theorem) for theorem in theorems]
        answers = [read_answer(theorem, proof) for theorem, proof in zip(stated, proofs, strict=True)]
        keys = [
            key_of(KIND, self._environment.identity, theorem.source, list(theorem.forbid), *answer.key)
            for theorem, answer in zip(stated, answers, strict=True)
        ]
        different = {key: (theorem, answer) for key, theorem, answer in zip(keys, stated, answers, strict=True)}
        kept = await self._cache.get_many(list(different))
        rewards = {key: _kept(data) for key, data in zip(different, kept, strict=True) if data is not None}
        missing = [key for key in different if key not in rewards]
        async with asyncio.TaskGroup() as group:
            tasks = {key: group.create_task(self._verify(*different[key])) for key in missing}
        new = {key: task.result() for key, task in tasks.items()}
        await self._cache.set_many(
            {key: json.dumps(asdict(reward)).encode() for key, (reward, lasting) in new.items() if lasting}
        )
        rewards |= {key: reward for key, (reward, _) in new.items()}
        return [rewards[key] for key in keys]

    async def close(self) -> None:
        """End the environment's processes."""
        await self._environment.close()

    async def _verify(self, theorem: Theorem, answer: ReadAnswer) -> tuple[Reward, bool]:
        """Return the reward, and whether it would be the same another time."""
        if answer.whole is None and not answer.proof.strip():
            return Reward(0.0, "there is no proof"), True
        if len(answer.proof) > LONGEST_PROOF or (answer.whole and len(answer.whole.source) > LONGEST_PROOF):
            return Reward(0.0, "the proof is too long"), True
        async with self._slots:
            self.verified += 1
            try:
                found, with_helpers = await self._verified(theorem, answer)
            except InvalidTheoremError:
                raise
            except ProofEnvironmentError as error:
                return Reward(None, f"machine: {error}"), False
        if found.accepted:
            return Reward(1.0, helpers=with_helpers, axioms=found.axioms), True
        reason = (found.reason or "rejected")[:500]
        return Reward(0.0, reason, timed_out=found.timed_out), not found.timed_out

    async def _verified(self, theorem: Theorem, answer: ReadAnswer) -> tuple[Verification, tuple[str, ...]]:
        """Verify the answer as a file, then as a proof; return the verdict and the helpers that it rests on."""
        rejected = None
        if answer.whole is not None:
            rejected = await verify_source(answer.whole, self._environment, against=theorem, timeout_s=self._timeout_s)
            if rejected.accepted:
                return rejected, helpers(theorem, answer.whole)
        if rejected is not None and not answer.proof.strip():
            return rejected, ()
        return await verify(theorem, [answer.proof], self._environment, timeout_s=self._timeout_s), ()


def read_answer(theorem: Theorem, completion: str) -> ReadAnswer:
    """Return what is to be verified of a model's answer.

    It counts as a file if it is more than our statement and a proof, or if no proof can be read out of it. Where the
    proof may not use some constants, only a proof of our statement counts.
    """
    proof = proof_text(theorem, completion)
    whole = None if theorem.forbid else whole_answer(theorem, completion)
    if whole is not None and proof.strip() and not is_more(theorem, whole):
        whole = None
    return ReadAnswer(proof, whole)


def proof_text(theorem: Theorem, completion: str) -> str:
    """Return the proof of the theorem in a model's answer, empty if there is none."""
    return proof_in_completion(completion, Query(state="", theorem=theorem.body)) or ""


def _kept(data: bytes) -> Reward:
    """Return a reward from the cache."""
    row = json.loads(data)
    return Reward(row["value"], row.get("reason"), tuple(row.get("helpers", ())), tuple(row.get("axioms", ())))
