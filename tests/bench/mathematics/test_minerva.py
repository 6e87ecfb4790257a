"""The paper's rule for MATH agrees with lm-evaluation-harness, item by item."""

from __future__ import annotations

import pytest

from prover.bench.mathematics.equality import Answers, judge_answers
from prover.bench.mathematics.judge.rules import Rule
from tests.bench.mathematics.judge_tables import KINDS, rows

pytest.importorskip("lm_eval", reason="extra [eval]: make test-eval")
pytestmark = [pytest.mark.eval, pytest.mark.filterwarnings("ignore")]
SLOW = ("9**", "10^{10")  # the harness ends them after five seconds


def test_verdicts_are_those_of_the_harness() -> None:
    from lm_eval.tasks.minerva_math.utils import is_equiv, normalize_final_answer

    pairs = [
        (normalize_final_answer(gold), normalize_final_answer(given))
        for table in KINDS.values()
        for gold, given, _ in rows(table)
        if not any(mark in gold + given for mark in SLOW)
    ]
    ours = judge_answers([Answers(gold, (given,), Rule.MINERVA) for gold, given in pairs])
    theirs = [gold == given or bool(is_equiv(gold, given)) for gold, given in pairs]
    assert len(pairs) > 250
    found = [(pair, judgement.right[0]) for pair, judgement in zip(pairs, ours, strict=True)]
    assert found == list(zip(pairs, theirs, strict=True))
