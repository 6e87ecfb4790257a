"""Assembles the service: the store, the parts of the API, a worker."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from fastapi import APIRouter
from pydantic import SecretStr

from prover.assembly.concurrency import concurrency
from prover.assembly.environments import check_environment, lean_library, open_environment
from prover.assembly.formaliser import formaliser
from prover.assembly.models import encoder, language_model, model_answers, why_unusable
from prover.assembly.policies import open_policy
from prover.assembly.service_policies import DefaultPolicy, Policies
from prover.core.budget import SearchBudget
from prover.environments.cached import CachedEnvironment
from prover.environments.environment import ProofEnvironment
from prover.environments.holes import FileEnvironment
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.machine_limits import share
from prover.errors import InvalidSettingError, StoreError
from prover.jobs.attempt import AttemptContext
from prover.jobs.queue import JobQueue
from prover.jobs.store import JobStore, StoreLimits
from prover.jobs.worker import Worker
from prover.policies.learned import SHIPPED
from prover.policies.learned.premise_order import in_learned_order
from prover.policies.premises.retrieval import PremiseSource
from prover.proving.premises import PremiseFinder
from prover.proving.suggest import Suggester
from prover.settings import RedisSettings, ServeSettings, Settings
from prover.storage.accepted_proofs import ProofCache
from prover.storage.cache import Cache
from prover.storage.connection import RedisConnection
from prover.storage.redis_cache import RedisCache
from prover.web.compat import kimina, leancopilot, llmstep
from prover.web.keys import KeyRing
from prover.web.limits import RequestLimits
from prover.web.routes import formalisations, premises, tactics
from prover.web.services import Services

logger = logging.getLogger(__name__)


def with_redis(settings: Settings, url: str) -> Settings:
    """Return the settings with the address of Redis filled in."""
    return settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": SecretStr(url)})})


def connect(settings: RedisSettings) -> RedisConnection:
    """Return a connection to the Redis of the jobs. Nothing is sent yet. Raises StoreError if none is configured."""
    if settings.url is None:
        raise StoreError("set PROVER_REDIS__URL (`prover serve` starts its own Redis if it is unset)")
    return RedisConnection(settings.url.get_secret_value(), namespace=settings.namespace)


def redis_cache(settings: RedisSettings) -> RedisCache:
    """Return the cache that all processes share."""
    url = settings.cache_url or settings.url
    if url is None:
        raise StoreError("set PROVER_REDIS__URL")
    connection = RedisConnection(url.get_secret_value(), namespace=settings.namespace, timeout_s=2.0, retries=1)
    return RedisCache(connection, ttl_s=settings.cache_ttl_s, entry_bytes=settings.cache_entry_bytes)


def proof_cache(cache: Cache, signing_key: SecretStr | None, data_dir: Path) -> ProofCache:
    """Return the cache of records, signed with the configured key or else the one in the data directory."""
    if signing_key is None:
        return ProofCache(cache, _own_key(data_dir / "signing.key"))
    if len(signing_key.get_secret_value()) < 16:
        raise InvalidSettingError("PROVER_REDIS__SIGNING_KEY has fewer than 16 characters")
    return ProofCache(cache, signing_key.get_secret_value().encode())


def _own_key(path: Path) -> bytes:
    """Return this machine's key, created on first use. Two processes that create it at once get the same key."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        if not path.exists():
            new.touch(mode=0o600)
            new.write_bytes(secrets.token_bytes(32))
            with suppress(FileExistsError):
                os.link(new, path)
            new.unlink()
        return path.read_bytes()
    except OSError as error:
        logger.warning(
            "the key that signs cached proofs cannot be kept in %s (%s): this process does not accept the cached "
            "proofs of others, nor they its own; set PROVER_REDIS__SIGNING_KEY, the same for all, "
            "or make the folder of PROVER_SERVE__DATA_DIR writable",
            path,
            error.strerror,
        )
        return secrets.token_bytes(32)


def store_limits(settings: ServeSettings) -> StoreLimits:
    """Return the limits of the store."""
    return StoreLimits(settings.max_queued, settings.retention_s, settings.events_retention_s)


def request_limits(settings: ServeSettings) -> RequestLimits:
    """Return the limits of requests."""
    return RequestLimits(
        body_bytes=settings.max_body_bytes,
        batch_bytes=settings.max_batch_bytes,
        batch=settings.max_batch,
        wait_s=settings.max_wait_s,
        streams=settings.max_streams,
        verifications=settings.verifications,
        budget=SearchBudget(
            effort=settings.max_effort,
            tactic_effort=settings.max_effort,
            timeout_s=settings.max_timeout_s,
            tactic_timeout_s=settings.max_timeout_s,
            expansions=settings.max_expansions,
            candidates=settings.max_candidates,
        ),
    )


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Give what the routes share."""
    keys = KeyRing.from_file(settings.serve.keys_file) if settings.serve.keys_file else KeyRing()
    store = JobStore(connect(settings.redis), store_limits(settings.serve))
    cache = redis_cache(settings.redis)
    environment = open_environment(settings.environment, settings, patient=True)
    try:
        yield Services(
            store=store,
            proofs=proof_cache(cache, settings.redis.signing_key, settings.serve.data_dir),
            environment=environment,
            environment_name=settings.environment,
            keys=keys,
            check_environment=lambda: check_environment(settings.environment, settings),
            check_model=partial(why_unusable, settings.model) if language_model(settings.model) else None,
            limits=request_limits(settings.serve),
            cors_origins=settings.serve.cors_origins,
            verify_timeout_s=settings.verify_timeout_s,
            reverified=settings.redis.reverified,
        )
    finally:
        await environment.close()
        await cache.close()
        await store.close()


@asynccontextmanager
async def open_clients(settings: Settings) -> AsyncIterator[list[APIRouter]]:
    """Give the routes that suggest tactics and formalise problems, and those for the clients of other tools.

    They have a proof assistant of their own, so that verifications do not wait for suggestions. Clients of other tools
    speak Lean: with another assistant, their routes are missing.
    """
    async with AsyncExitStack() as stack:
        environment = open_environment(settings.environment, settings, patient=True)
        stack.push_async_callback(environment.close)
        # Of other assistants the library is not known as data.
        library = PremiseSource(lean_library(settings)) if settings.environment == "lean" else None
        opening = partial(
            open_policy, settings=settings, without_model=True, environment=settings.environment, library=library
        )
        policies = Policies(opening, partial(model_answers, settings.model))
        stack.push_async_callback(policies.close)
        suggester = Suggester(environment, DefaultPolicy(policies))
        model = language_model(settings.model)
        if model is not None:
            stack.push_async_callback(model.close)
        routes = [
            tactics.router(suggester),
            formalisations.router(
                formaliser(settings, environment, model),
                reading_s=settings.verify_timeout_s,
                name=settings.environment,
            ),
        ]
        if library is not None:
            routes.append(premises.router(PremiseFinder(environment, in_learned_order(library, SHIPPED))))
        if isinstance(environment, FileEnvironment):
            vectors = encoder(settings.encoder)
            stack.push_async_callback(vectors.close)
            routes += [llmstep.router(suggester), leancopilot.router(suggester, vectors), kimina.router(environment)]
        yield routes


@asynccontextmanager
async def open_worker(settings: Settings) -> AsyncIterator[Worker]:
    """Give a worker that is ready to run."""
    cache = redis_cache(settings.redis)
    queue = JobQueue(
        connect(settings.redis),
        store_limits(settings.serve),
        lease_s=settings.worker.lease_s,
        attempts=settings.worker.attempts,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(queue.close)
        stack.push_async_callback(cache.close)
        environment = settings.environment
        opening_policy = partial(
            open_policy, settings=settings, environment=environment, cache=cache, without_model=True
        )
        policies = Policies(opening_policy, partial(model_answers, settings.model))
        stack.push_async_callback(policies.close)
        opening = partial(open_environment, environment, settings, nice=settings.worker.nice, patient=True)

        def opened() -> ProofEnvironment:
            assistant = opening()
            if settings.worker.warm and isinstance(assistant, LeanWasmEnvironment):
                assistant.start_ahead(("Init",))
            return CachedEnvironment(assistant, cache)

        context = AttemptContext(
            environment=opened,
            policy=policies.get,
            proofs=proof_cache(cache, settings.redis.signing_key, settings.serve.data_dir),
            verify_timeout_s=settings.verify_timeout_s,
            reverified=settings.redis.reverified,
        )
        yield Worker(
            queue,
            context,
            concurrency=concurrency(settings.worker, share(), embedded=environment == "lean"),
            retry_s=settings.worker.retry_s,
            drain_s=settings.worker.drain_s,
            sums=_Deltas(cache).take,
            alive_file=settings.worker.alive_file,
        )


class _Deltas:
    """The cache's hits and misses since they were last taken."""

    def __init__(self, cache: RedisCache) -> None:
        self._cache = cache
        self._taken: dict[str, int] = {}

    def take(self) -> Mapping[str, float]:
        """Return what to add to the totals, by name."""
        now = {
            f"cache_{what}:{kind}": getattr(counts, what)
            for kind, counts in self._cache.counts.items()
            for what in ("hits", "misses")
        }
        added = {name: float(count - self._taken.get(name, 0)) for name, count in now.items()}
        self._taken = now
        return {name: count for name, count in added.items() if count}
