from __future__ import annotations

import json
import math

import pytest

from prover.train.guard import StepAction, StepGuard
from prover.train.recipe import Recovery

RECOVERY = Recovery(window=16, least_losses=8, spike_deviations=6, spike_margin=0.5, patience=3)


def settled() -> StepGuard:
    guard = StepGuard(RECOVERY)
    for i in range(16):
        assert guard.judge(2.0 + 0.01 * (i % 3), 1.0).action is StepAction.APPLY
    return guard


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_skipped_from_the_first_step(value: float) -> None:
    assert StepGuard(RECOVERY).judge(value, 1.0).action is StepAction.SKIP
    assert StepGuard(RECOVERY).judge(1.0, value).action is StepAction.SKIP


def test_a_spike_is_skipped_and_named() -> None:
    judgement = settled().judge(4.0, 1.0)
    assert judgement.action is StepAction.SKIP
    assert "from 2.010 to 4.000" in judgement.reason


def test_noise_and_slow_rise_are_no_spike() -> None:
    guard = settled()
    for i in range(100):
        assert guard.judge(2.0 + 0.02 * i, 1.0).action is StepAction.APPLY


def test_a_start_is_not_judged_by_few_losses() -> None:
    guard = StepGuard(RECOVERY)
    for loss in (2.0, 9.0, 2.0, 9.0):
        assert guard.judge(loss, 1.0).action is StepAction.APPLY


def test_bad_steps_in_a_row_roll_back_and_a_good_one_between_does_not() -> None:
    guard = settled()
    actions = [guard.judge(loss, 1.0).action for loss in (9.0, 9.0, 2.0, math.nan, 9.0, math.nan)]
    skip, apply = StepAction.SKIP, StepAction.APPLY
    assert actions == [skip, skip, apply, skip, skip, StepAction.ROLL_BACK]


def test_spikes_do_not_become_the_norm() -> None:
    guard = settled()
    for _ in range(20):
        guard.judge(9.0, 1.0)
    assert guard.judge(2.0, 1.0).action is StepAction.APPLY
    assert guard.judge(9.0, 1.0).action is StepAction.SKIP


def test_a_checkpoint_is_only_for_clean_steps_and_the_state_survives_json() -> None:
    guard = settled()
    assert guard.clean
    guard.judge(math.nan, 1.0)
    assert not guard.clean
    other = StepGuard(RECOVERY)
    other.load_state_dict(json.loads(json.dumps(guard.state_dict())))
    assert not other.clean
    assert [other.judge(9.0, 1.0).action for _ in range(2)] == [guard.judge(9.0, 1.0).action for _ in range(2)]
