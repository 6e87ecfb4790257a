"""schemathesis against the real application: nothing that fits (or nearly fits) its description gives a 500."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.service.conftest import Api

# Not content_type_conformance: what is not even HTTP (control characters in headers) is refused by the server's parser,
# in plain text. That our own errors are problem+json is checked in test_rest.
CHECKS = ("not_a_server_error", "status_code_conformance", "response_schema_conformance")


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
