"""The attacks one after the other in one process, in random order: none matters to the next.

A round of `make test-attacks` is all of them, in an order of its own. Elsewhere it is a few, drawn likewise.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator

import pytest

from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from tests.attacks.test_attacks import (
    ATTACKS,
    FILE_ATTACKS,
    HARMS,
    PUBLIC_ATTACKS,
    Attack,
    FileAttack,
    attack_by_a_file,
    attack_verification,
    verify_honest_proof,
)

ROUNDS = int(os.environ.get("ATTACK_ROUNDS", "0"))
FEW = 24
INIT = ("Init",)
ALL: list[Attack | FileAttack] = [*ATTACKS, *PUBLIC_ATTACKS, *FILE_ATTACKS]


def order_of(number: int) -> list[Attack | FileAttack]:
    """The attacks of one round: all, or a few that take no time."""
    draw = random.Random(number)
    if ROUNDS:
        return draw.sample(ALL, len(ALL))
    return draw.sample([attack for attack in ALL if not attack.id.startswith(HARMS)], FEW)


@pytest.fixture(scope="module")
async def one_process(installation: Installation) -> AsyncIterator[LeanWasmEnvironment]:
    environment = LeanWasmEnvironment(installation)
    yield environment
    await environment.close()


async def process_id(lean: LeanWasmEnvironment) -> int:
    (process,) = lean._checkers._idle[INIT]
    return (await process).pid


@pytest.mark.parametrize("number", range(ROUNDS or 1))
async def test_no_attack_matters_to_the_next(one_process: LeanWasmEnvironment, number: int) -> None:
    await verify_honest_proof(one_process)
    before, failed, last = await process_id(one_process), [], "an honest proof"
    for attack in order_of(number):
        try:
            if isinstance(attack, Attack):
                await attack_verification(one_process, attack)
            else:
                await attack_by_a_file(one_process, attack)
        except AssertionError as error:
            failed.append(f"{attack.id}, after {last}: {error}")
        last = attack.id
    await verify_honest_proof(one_process)
    assert not failed, "\n".join(failed)
    assert await process_id(one_process) == before
