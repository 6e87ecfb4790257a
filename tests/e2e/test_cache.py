"""What is known is not done again, and nothing that the cache says can make a false "proved"."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prover.core.record import ProofRecord, Refutation, Verification
from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.storage.accepted_proofs import SIGNATURE_BYTES, ProofCache
from prover.storage.connection import RedisConnection
from prover.storage.redis_cache import RedisCache
from tests.e2e.conftest import Api, serving
from tests.e2e.redis_server import RedisServer

TRUE, FALSE = Theorem.from_text("theorem t : 0 to 1"), Theorem.from_text("theorem f : 1 to 0")


async def record_of(theorem: Theorem, *, tactics: tuple[str, ...] = ("add 1", "done")) -> ProofRecord:
    return await prove_theorem(theorem, environment=ToyEnvironment(), generator=ScriptedPolicy(tactics))


@pytest.fixture
async def cache(connection: RedisConnection) -> RedisCache:
    return RedisCache(connection, ttl_s=60, entry_bytes=5_000)


@pytest.fixture
def proofs(cache: RedisCache) -> ProofCache:
    return ProofCache(cache, b"0123456789abcdef")


async def stored(cache: RedisCache) -> dict[bytes, bytes]:
    client = cache._connection.client
    keys: list[Any] = [key async for key in client.scan_iter(f"{cache._connection.key('cache')}*")]
    values: list[Any] = await client.mget(keys)
    return dict(zip(keys, values, strict=True))


async def test_accepted_proof_is_found_again_for_its_theorem_only(proofs: ProofCache) -> None:
    record = await record_of(TRUE)
    await proofs.keep(TRUE, record)
    other = Theorem.from_text("theorem t : 0 to 1 ")
    assert await proofs.settled([TRUE, other, FALSE], "toy@1") == [record, None, None]
    assert await proofs.settled([TRUE], "toy@2") == [None]


async def test_proof_of_one_theorem_put_under_another_is_none(proofs: ProofCache, cache: RedisCache) -> None:
    await proofs.keep(TRUE, await record_of(TRUE))
    ((_, entry),) = (await stored(cache)).items()
    await proofs.keep(FALSE, (await record_of(TRUE)).model_copy(update={"name": "f"}))
    client = cache._connection.client
    for key in await stored(cache):
        await client.set(key, entry)
    assert await proofs.settled([FALSE], "toy@1") == [None]
    assert proofs.refused == 1


async def test_altered_entries_and_those_of_another_key_are_misses(proofs: ProofCache, cache: RedisCache) -> None:
    await proofs.keep(TRUE, await record_of(TRUE))
    ((key, entry),) = (await stored(cache)).items()
    client = cache._connection.client
    for wrong in (
        b"",
        b"x",
        entry[:-1],
        bytes(SIGNATURE_BYTES) + entry[SIGNATURE_BYTES:],
        entry.replace(b"0 to 1", b"1 to 0"),
    ):
        await client.set(key, wrong)
        assert await proofs.settled([TRUE], "toy@1") == [None]
    await client.set(key, entry)
    assert await ProofCache(cache, b"fedcba9876543210").settled([TRUE], "toy@1") == [None]
    assert await proofs.settled([TRUE], "toy@1") != [None]


async def test_failed_attempt_is_known_for_the_same_limits_only(proofs: ProofCache) -> None:
    record = await record_of(FALSE)
    await proofs.keep(FALSE, record)
    same = (FALSE, "toy@1", record.policy, record.budget)
    assert await proofs.attempted(*same, 0) == record
    assert await proofs.attempted(*same, 1) is None
    assert await proofs.attempted(*same[:3], record.budget.model_copy(update={"expansions": 101}), 0) is None
    assert await proofs.settled([FALSE], "toy@1") == [None]


def refuted(record: ProofRecord) -> ProofRecord:
    """The record, as if the statement had been refuted."""
    verification = Verification(accepted=True, environment=record.environment, source="no proof: a test")
    refutation = Refutation(counterexample={"n": "0"}, tactics=("decide",), verification=verification)
    return record.model_copy(update={"refutation": refutation})


async def test_refutation_holds_for_every_policy_and_budget(proofs: ProofCache) -> None:
    record = refuted(await record_of(FALSE))
    await proofs.keep(FALSE, record)
    assert await proofs.settled([FALSE, TRUE], "toy@1") == [record, None]
    await proofs.forget(FALSE, "toy@1")
    assert await proofs.settled([FALSE], "toy@1") == [None]


async def test_known_refutation_is_the_answer_of_a_job_and_counted_in_its_batch(api: Api) -> None:
    text = "theorem f : 1 to 0"
    await api.services.proofs.keep(Theorem.from_text(text), refuted(await record_of(Theorem.from_text(text))))
    job = (await api.client.post("/v1/proofs", json={"theorem": text}, params={"wait_s": 30})).json()
    assert (job["verdict"], job["proved"], job["cached"]) == ("refuted", False, True)
    problems = [{"name": "f", "statement": text}, {"name": "t", "statement": "theorem t : 0 to 9"}]
    body = {"problems": problems, "policy": "scripted:nothing"}
    batch = (await api.client.post("/v1/batches", json=body)).json()
    batch = (await api.client.get(f"/v1/batches/{batch['id']}", params={"wait_s": 60})).json()
    assert (batch["completed"], batch["proved"], batch["refuted"]) == (2, 0, 1)
    listed = await api.client.get("/v1/proofs", params={"verdict": "refuted", "batch": batch["id"]})
    assert [job["name"] for job in listed.json()["items"]] == ["f"]
    metrics = (await api.client.get("/metrics")).text
    assert 'prover_verdicts_total{verdict="refuted"} 2.0' in metrics
    assert 'prover_verdicts_total{verdict="unknown"} 1.0' in metrics


async def test_entries_end_and_large_ones_are_not_kept(cache: RedisCache) -> None:
    await cache.set_many({"k:small": b"x", "k:large": b"x" * 6_000})
    assert await cache.get_many(["k:small", "k:large"]) == [b"x", None]
    assert cache.too_large == 1
    assert 0 < await cache._connection.client.pttl(cache._connection.key("cache", "k:small")) <= 60_000
    assert (cache.counts["k"].hits, cache.counts["k"].misses) == (1, 1)


async def test_cache_that_is_down_is_a_miss_and_comes_back(
    own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prover.storage.redis_cache.PAUSE_S", 0.0)
    connection = RedisConnection(own_redis.url, retries=0)
    cache = RedisCache(connection, ttl_s=60, entry_bytes=1000)
    await cache.set_many({"k:1": b"x"})
    own_redis.kill()
    assert await cache.get_many(["k:1"]) == [None]
    await cache.set_many({"k:2": b"y"})
    assert cache.failures == 2
    own_redis.start()
    assert await cache.get_many(["k:1", "k:2"]) == [b"x", None]
    await cache.close()


# ---- through the service -----------------------------------------------------------------------------------------
async def test_same_theorem_again_is_answered_at_once_without_a_worker(
    shared_redis: RedisServer, namespace: str
) -> None:
    async with serving(shared_redis.url, namespace) as api:
        first = (await api.prove(3)).json()
    async with serving(shared_redis.url, namespace, workers=0) as api:
        again = await api.prove(3, wait_s=0)
        assert again.status_code == 200
        assert (again.json()["cached"], again.json()["attempt"]) == (True, 0)
        assert again.json()["record"] == first["record"]
        assert (await api.prove(3, wait_s=0, cache="ignore")).status_code == 202


async def verified(api: Api) -> float:
    from prover.jobs.statistics import read_statistics

    return (await read_statistics(api.services.store.connection)).totals.get("verifications", 0)


async def test_second_identical_batch_searches_and_verifies_nothing(api: Api) -> None:
    rows = [{"name": f"n{i}", "statement": f"theorem n{i} : {i % 3} to 2"} for i in range(60)]
    rows += [{"name": f"f{i}", "statement": f"theorem f{i} : 9 to {i}"} for i in range(6)]
    body = {"problems": rows, "policy": "scripted:add 1;;done", "budget": {"expansions": 20}}

    async def run() -> list[dict[str, Any]]:
        place = (await api.client.post("/v1/batches", json=body)).headers["location"]
        batch = (await api.client.get(place, params={"wait_s": 60})).json()
        assert (batch["completed"], batch["proved"]) == (66, 60)
        return [json.loads(line) for line in (await api.client.get(f"{place}/results")).text.splitlines()]

    first = await run()
    before = await verified(api)
    second = await run()
    assert await verified(api) == before

    def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{name: value for name, value in row.items() if name != "id"} for row in rows]

    assert plain(second) == plain(first)


async def test_proof_from_the_cache_is_verified_again_if_asked(api: Api) -> None:
    first = (await api.prove(3)).json()
    again = (await api.prove(3, cache="verify")).json()
    assert (again["cached"], again["proved"], again["attempt"]) == (True, True, 1)
    assert again["record"]["search"] == first["record"]["search"]
    metrics = (await api.client.get("/metrics")).text
    assert "prover_reverified_total 1.0" in metrics
    assert "prover_reverification_rejected_total 0.0" in metrics


@pytest.mark.parametrize("asked", [True, False], ids=["on request", "by sampling"])
async def test_wrong_proof_with_a_good_signature_is_found_out(
    shared_redis: RedisServer, namespace: str, asked: bool
) -> None:
    """A stale entry that nothing else tells apart: its tactics do not prove the theorem (any more)."""
    async with serving(shared_redis.url, namespace, reverified=0.0 if asked else 1.0) as api:
        good = await record_of(TRUE)
        search = good.search.model_copy(update={"tactics": ("done",)})
        wrong = good.model_copy(update={"search": search})
        await api.services.proofs.keep(TRUE, wrong)
        body = {"theorem": TRUE.source, "policy": "scripted:sorry", "cache": "verify" if asked else "use"}
        job = (await api.client.post("/v1/proofs", json=body, params={"wait_s": 60})).json()
        assert (job["proved"], job["cached"]) == (False, False)
        assert await api.services.proofs.settled([TRUE], "toy@1") == [None]
        assert "prover_reverification_rejected_total 1.0" in (await api.client.get("/metrics")).text


async def test_redis_that_is_down_is_said_and_verification_goes_on(own_redis: RedisServer, namespace: str) -> None:
    async with serving(own_redis.url, namespace, workers=0) as api:
        assert (await api.client.get("/readyz")).json()["dependencies"]["redis"]["ok"]
        own_redis.kill()
        ready = await api.client.get("/readyz")
        assert (ready.status_code, ready.json()["dependencies"]["redis"]["ok"]) == (503, False)
        refused = await api.prove(wait_s=0)
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:prover:store-unavailable")
        assert int(refused.headers["retry-after"]) > 0
        source = {"source": "theorem t : 0 to 1 := by\n  add 1\n  done"}
        assert (await api.client.post("/v1/verifications", json=source)).json()["accepted"]
        assert "prover_store_up 0.0" in (await api.client.get("/metrics")).text
        assert (await api.client.get("/healthz")).status_code == 200
        own_redis.start()
        assert (await api.prove(wait_s=0)).status_code == 202


async def test_redis_that_may_evict_jobs_is_refused(own_redis: RedisServer, namespace: str) -> None:
    async with serving(own_redis.url, namespace, workers=0) as api:
        await api.services.store.connection.client.config_set("maxmemory-policy", "allkeys-lru")
        ready = (await api.client.get("/readyz")).json()
        assert "may evict jobs" in ready["dependencies"]["redis"]["detail"]
