"""A service whose model is away: jobs go on at once, and have the model when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from prover.assembly.policies import open_policy
from prover.assembly.service_policies import Policies
from prover.errors import LanguageModelError, ModelUnavailableError
from prover.policies.generator import TacticGenerator, notes_of
from prover.policies.scripted import ScriptedPolicy
from prover.settings import ModelSettings, Settings

NOBODY = "http://127.0.0.1:9"


class Opening:
    """Opens a policy: without its model as long as that is away."""

    def __init__(self) -> None:
        self.away = True
        self.opened, self.closed = 0, 0

    @asynccontextmanager
    async def __call__(
        self, name: str | None, *, left_out: Callable[[LanguageModelError], None]
    ) -> AsyncIterator[TacticGenerator]:
        self.opened += 1
        if self.away:
            left_out(ModelUnavailableError("no model server answers"))
        yield ScriptedPolicy(["without" if self.away else "with"])
        self.closed += 1


async def test_policies_are_opened_again_when_the_model_is_back() -> None:
    opening, back = Opening(), asyncio.Event()

    async def answers() -> bool:
        await back.wait()
        opening.away = False
        return True

    policies = Policies(opening, answers, pause_s=0.0)
    without, same = await asyncio.gather(policies.get(None), policies.get(None))
    assert without is same  # several jobs, one question to the model
    assert opening.opened == opening.closed == 1
    back.set()
    while (found := await policies.get(None)) is without:  # noqa: ASYNC110  # nothing tells it: the next job just has it
        await asyncio.sleep(0)
    assert await policies.get(None) is found
    assert (opening.opened, opening.closed) == (2, 1)
    await policies.close()
    assert opening.closed == 2


async def test_closing_ends_the_questions() -> None:
    async def never() -> bool:
        return False

    before = asyncio.all_tasks()
    policies = Policies(Opening(), never, pause_s=0.0)
    await policies.get(None)
    await policies.close()
    assert asyncio.all_tasks() == before


async def test_policy_that_needs_the_model_is_refused_at_once_until_it_is_back() -> None:
    opened, back = 0, asyncio.Event()

    @asynccontextmanager
    async def opening(
        name: str | None, *, left_out: Callable[[LanguageModelError], None]
    ) -> AsyncIterator[TacticGenerator]:
        nonlocal opened
        if name == "model":
            opened += 1
            if not back.is_set():
                raise ModelUnavailableError("no model server answers")
        yield ScriptedPolicy(["exact"])

    async def answers() -> bool:
        await back.wait()
        return True

    policies = Policies(opening, answers, pause_s=0.0)
    for _ in range(3):
        with pytest.raises(ModelUnavailableError, match="no model server answers"):
            await policies.get("model")
    assert opened == 1
    back.set()
    while opened == 1:
        with suppress(ModelUnavailableError):
            await policies.get("model")
        await asyncio.sleep(0)
    await policies.close()


async def test_one_policy_does_not_wait_for_another() -> None:
    never = asyncio.Event()

    @asynccontextmanager
    async def opening(
        name: str | None, *, left_out: Callable[[LanguageModelError], None]
    ) -> AsyncIterator[TacticGenerator]:
        if name == "model":
            await never.wait()
        yield ScriptedPolicy(["exact"])

    async def answers() -> bool:
        return False

    policies = Policies(opening, answers)
    waiting = asyncio.create_task(policies.get("model"))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await policies.get(None)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await policies.close()


@pytest.mark.parametrize("environment", ["lean", "isabelle"])
@pytest.mark.parametrize("name", [None, "mixture"])
async def test_mixture_does_without_a_model_and_says_why(environment: str, name: str | None) -> None:
    settings = Settings(model=ModelSettings(url=NOBODY))
    reasons: list[LanguageModelError] = []
    opening = open_policy(name, settings, without_model=True, environment=environment, left_out=reasons.append)
    async with opening as policy:
        assert any(NOBODY in note for note in notes_of(policy))
    assert len(reasons) == 1


async def test_policy_of_the_model_alone_does_not() -> None:
    settings = Settings(model=ModelSettings(url=NOBODY))
    with pytest.raises(ModelUnavailableError):
        async with open_policy("model", settings, without_model=True):
            pass
