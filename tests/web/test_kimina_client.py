"""The published client against our server."""

from __future__ import annotations

import asyncio
import sys
import typing

import pytest
import typing_extensions

from prover.core.distribution import install_line
from tests.web.test_kimina import ENDLESS, FALSE, GOOD, REJECTED, SORRY

with pytest.MonkeyPatch.context() as patch:
    if sys.version_info < (3, 12):  # its 0.2.1 means Python 3.12 there
        patch.setattr(typing, "TypedDict", typing_extensions.TypedDict)
    kimina_client = pytest.importorskip("kimina_client", reason=install_line("clients"))
pytestmark = pytest.mark.filterwarnings("default")


async def test_it_classifies_every_kind_of_answer(url: str) -> None:
    client = kimina_client.KiminaClient(api_url=url)
    codes = {
        "valid": GOOD,
        "lean_error": FALSE,
        "sorry": SORRY,
        "timeout_error": ENDLESS,
        **{f"rejected {name}": code for name, code in REJECTED.items()},
    }
    snippets = [kimina_client.Snippet(id=name, code=code) for name, code in codes.items()]
    found = await asyncio.to_thread(client.check, snippets, timeout=20, show_progress=False)
    statuses = {result.id: result.analyze().status.value for result in found.results}
    for name, status in statuses.items():
        assert status in {"sorry", "lean_error"} if name.startswith("rejected") else status == name, statuses
    assert statuses.keys() == codes.keys()


async def test_it_asks_for_health(url: str) -> None:
    client = kimina_client.KiminaClient(api_url=url)
    assert await asyncio.to_thread(client.health) == {"status": "ok"}


async def test_its_older_reading_of_a_sorry(url: str) -> None:
    from kimina_client.proof_utils import has_error_response

    client = kimina_client.KiminaClient(api_url=url)
    found = await asyncio.to_thread(client.check, [SORRY, REJECTED["quiet sorry"]], show_progress=False)
    for result in found.results:
        assert has_error_response(result.response, accept_sorry=False)
