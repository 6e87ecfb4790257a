"""A service whose model is away: jobs go on at once, and have the model when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

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

    policies = Policies(Opening(), never, pause_s=0.0)
    await policies.get(None)
    await policies.close()
    assert len(asyncio.all_tasks()) == 1


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
