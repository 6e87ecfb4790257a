"""schemathesis against the real application: nothing that fits (or nearly fits) its description gives a 500."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prover.core.theorem import Theorem
from prover.environments.toy import ToyEnvironment
from prover.proving.formalise import Formaliser
from prover.web.routes import formalisations
from tests.e2e.conftest import Api, serving
from tests.e2e.redis_server import RedisServer
from tests.policies.models import SpeakingModel, says

# Not content_type_conformance: what is not even HTTP (control characters in headers) is refused by the server's parser,
# in plain text. That our own errors are problem+json is checked in test_rest.
CHECKS = ("not_a_server_error", "status_code_conformance", "response_schema_conformance")


@pytest.fixture
async def api(shared_redis: RedisServer, namespace: str) -> AsyncIterator[Api]:
    """The service with the routes that need a model, and a model that states what the toy can read."""
    model = SpeakingModel(says("theorem t : 2 to 4", "theorem t"))
    formaliser = Formaliser(ToyEnvironment(), model, language="lean", read=Theorem.from_text)
    router = formalisations.router(formaliser, reading_s=60.0)
    async with serving(shared_redis.url, namespace, routers=(router,)) as api:
        yield api


async def test_generated_requests_get_answers_as_described(api: Api, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", f"{api.url}/openapi.json", "--checks", ",".join(CHECKS), "--phases", "fuzzing"),
        *("--max-examples", "10", "--seed", "1", "--no-color", "--suppress-health-check", "all"),
        *("--include-path-regex", "^/(v1|healthz|readyz|metrics)", "--request-timeout", "20"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-6000:]
