"""What a verification looks like in an answer."""

from __future__ import annotations

from typing import Any

import pytest

from prover.core.record import DefinitionShown, Verification
from prover.web.schemas import VerificationView


@pytest.mark.parametrize(
    ("members", "verdict"),
    [
        ({"accepted": True}, "accepted"),
        ({"accepted": False, "reason": "the proof uses sorry"}, "rejected"),
        ({"accepted": False, "reason": "ran out of time", "timed_out": True}, "timed_out"),
    ],
)
def test_answer_has_one_of_three_verdicts(members: dict[str, Any], verdict: str) -> None:
    verification = Verification(environment="toy", **members)
    shown = VerificationView.model_validate(verification.model_dump()).model_dump(mode="json")
    assert (shown["verdict"], verification.verdict) == (verdict, verdict)
    assert "verdict" not in verification.model_dump()


def test_answer_has_the_definitions_that_the_proof_chose() -> None:
    answer = DefinitionShown(name="answer", value="21")
    verification = Verification(accepted=True, environment="toy", definitions=(answer,))
    shown = VerificationView.model_validate(verification.model_dump()).model_dump(mode="json")
    assert shown["definitions"] == [{"name": "answer", "value": "21"}]
