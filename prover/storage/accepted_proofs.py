"""The cache of records: accepted proofs and refutations, and attempts that found neither within the same limits.

An entry is signed over its key and content with a secret that Redis does not have. An entry that is wrong in any way
(altered, for another theorem, of another version) is a miss, so that none can cause a false "proved".
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from prover._version import __version__
from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord, StopReason, StoredRecord
from prover.core.theorem import Theorem
from prover.storage.cache import Cache, key_of

logger = logging.getLogger(__name__)

PROOFS, ATTEMPTS = "proofs", "attempts"
SIGNATURE_BYTES = 32
_RECORD: TypeAdapter[ProofRecord] = TypeAdapter(StoredRecord)


class ProofCache:
    """Records by theorem and environment. `secret`: at least 16 bytes, the same in all processes that share entries."""

    def __init__(self, cache: Cache, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the key that signs cached proofs has fewer than 16 bytes")
        self._cache = cache
        self._secret = secret
        self.refused = 0
        """Number of entries with a wrong signature or content."""

    async def settled(self, theorems: Sequence[Theorem], environment: str) -> list[ProofRecord | None]:
        """Return the record that proves or refutes each theorem, or None. It holds for every policy and budget."""
        keys = [_proof_key(theorem, environment) for theorem in theorems]
        stored = await self._cache.get_many(keys)
        records = [self._read(key, data) for key, data in zip(keys, stored, strict=True)]
        return [
            record if record and record.verdict != "unknown" and _same(record, theorem) else None
            for record, theorem in zip(records, theorems, strict=True)
        ]

    async def attempted(
        self, theorem: Theorem, environment: str, policy: str, budget: SearchBudget, seed: int
    ) -> ProofRecord | None:
        """Return the record of the same attempt, if there was one and it found nothing."""
        key = _attempt_key(theorem, environment, policy, budget, seed)
        (data,) = await self._cache.get_many([key])
        record = self._read(key, data)
        return record if record and record.verdict == "unknown" and _same(record, theorem) else None

    async def keep(self, theorem: Theorem, record: ProofRecord) -> None:
        """Store a record under all that it depends on, unless the search was cancelled or failed in part."""
        if record.verdict != "unknown":
            key = _proof_key(theorem, record.environment)
        elif record.search.stop is StopReason.CANCELLED or record.notes:
            return
        else:
            key = _attempt_key(theorem, record.environment, record.policy, record.budget, record.seed)
        content = record.model_dump_json().encode()
        await self._cache.set_many({key: self._sign(key, content) + content})

    async def forget(self, theorem: Theorem, environment: str) -> None:
        """Delete the proof or the refutation of a theorem."""
        await self._cache.set_many({_proof_key(theorem, environment): b""})

    def _read(self, key: str, data: bytes | None) -> ProofRecord | None:
        if not data:
            return None
        signature, content = data[:SIGNATURE_BYTES], data[SIGNATURE_BYTES:]
        if hmac.compare_digest(signature, self._sign(key, content)):
            try:
                return _RECORD.validate_json(content)
            except ValidationError:  # of another version
                pass
        self.refused += 1
        logger.warning("a cached record was altered, or signed with another key; it is ignored")
        return None

    def _sign(self, key: str, content: bytes) -> bytes:
        return hmac.digest(self._secret, key.encode() + b"\0" + content, "sha256")


def _same(record: ProofRecord, theorem: Theorem) -> bool:
    """Is this the record of that theorem? Forbidden constants change the statement, and with it the digest."""
    return bool(theorem.forbid) or record.digest == theorem.digest


def _proof_key(theorem: Theorem, environment: str) -> str:
    return key_of(PROOFS, __version__, environment, theorem.digest, list(theorem.forbid))


def _attempt_key(theorem: Theorem, environment: str, policy: str, budget: SearchBudget, seed: int) -> str:
    about = [theorem.digest, list(theorem.forbid), policy, budget.model_dump(), seed]
    if theorem.informal:  # a model was told more than the statement
        about.append(theorem.informal)
    return key_of(ATTEMPTS, __version__, environment, *about)
