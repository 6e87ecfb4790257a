"""Redis: connections, scripts and keys. The only module that sets up the client library."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from prover.errors import InvalidSettingError, StoreError

LAYOUT = 1
"""Part of every key, so that data in another format is never read."""
TIMEOUT_S = 5.0
RETRIES = 4


class RedisConnection:
    """One Redis (or one node of a cluster) and our keys in it."""

    def __init__(self, url: str, *, namespace: str = "prover", timeout_s: float = TIMEOUT_S, retries: int = RETRIES):
        """Prepare; nothing is connected yet. Raises InvalidSettingError for text that is no address."""
        backoff = ExponentialWithJitterBackoff(cap=1.0, base=0.05)
        try:
            self.client: Redis = Redis.from_url(
                url,
                protocol=2,
                decode_responses=False,
                socket_timeout=timeout_s,
                socket_connect_timeout=timeout_s,
                max_connections=512,
                # A broken connection is opened again; a Redis that hangs is not retried.
                retry=Retry(backoff, retries, supported_errors=(RedisConnectionError,)),
                health_check_interval=30,
            )
        except ValueError as error:
            example = "for example: redis://HOST:6379/0 or unix:///run/redis.sock"
            raise InvalidSettingError(f"the address of Redis: {error}; {example}") from error
        self.prefix = f"{{{namespace}}}:{LAYOUT}:"  # braces: all keys are in one slot of a cluster
        self._scripts: dict[str, Any] = {}

    def key(self, *parts: str) -> str:
        """Return a key with our prefix."""
        return self.prefix + ":".join(parts)

    async def run(self, script: str, *arguments: str | bytes | float) -> Any:
        """Run one of the scripts in lua/.

        Raises:
            StoreError: Redis cannot be reached, or it refuses.
        """
        if script not in self._scripts:
            self._scripts[script] = self.client.register_script(_source("common") + _source(script))
        return await self.call(self._scripts[script](keys=[self.prefix], args=arguments))

    async def call(self, work: Any) -> Any:  # the client's own types are too wide: here it is bytes, awaited
        """Await a reply of Redis. Raises StoreError if there is none."""
        try:
            return await work
        except ResponseError as error:
            raise StoreError(f"Redis refuses: {error}") from error
        except (TimeoutError, RedisError, OSError) as error:
            raise StoreError(f"Redis cannot be reached: {error}") from error

    async def ping(self) -> None:
        """Raise StoreError unless Redis answers and is configured to keep jobs."""
        await self.call(self.client.ping())
        policy = await self.eviction()
        if policy.startswith("allkeys"):
            raise StoreError(
                f"Redis may evict jobs (maxmemory-policy {policy}): set volatile-lru, or use a separate Redis"
            )

    async def eviction(self) -> str:
        """Return the eviction policy of Redis, or `unknown` if it does not reveal it."""
        try:
            answer: dict[Any, Any] = await self.client.config_get("maxmemory-policy")
        except RedisConnectionError as error:
            raise StoreError(f"Redis cannot be reached: {error}") from error
        except (RedisError, OSError):  # managed services forbid CONFIG
            return "unknown"
        return next((_text(value) for value in answer.values()), "unknown")

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()


def _source(script: str) -> str:
    return files("prover.jobs").joinpath("lua", f"{script}.lua").read_text(encoding="utf-8") + "\n"


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def as_text(values: Sequence[bytes | None]) -> list[str | None]:
    """Decode values from Redis."""
    return [None if value is None else value.decode() for value in values]
