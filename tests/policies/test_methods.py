"""The methods of a first course: each closes the example that the documentation has of it, and Lean verifies that."""

from __future__ import annotations

import re

import pytest

from prover.core.proof_state import Closed
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.arithmetic.templates import TEMPLATES
from prover.policies.automation.closers import METHODS, ClosersPolicy
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "reference" / "methods.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## (?P<source>[a-z ]+)\n.*?^```lean\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = [(found["source"], found["text"]) for found in SECTION.finditer(PAGE)]


def test_every_method_has_an_example() -> None:
    sources = [source for source, _ in EXAMPLES]
    assert set(METHODS) <= set(sources) <= {*METHODS, *TEMPLATES}
    assert len(set(sources)) == len(sources) == PAGE.count("\n## ")


@pytest.mark.parametrize(("source", "text"), EXAMPLES, ids=[source for source, _ in EXAMPLES])
async def test_the_example_is_proved_by_this_method(lean: LeanWasmEnvironment, source: str, text: str) -> None:
    theorem = Theorem.from_text(text)
    async with ClosersPolicy().for_theorem(theorem) as policy, lean.open(theorem) as session:
        candidates = policy.candidates(session.initial.goals[0])
        tactics = [candidate.tactic for candidate in candidates if candidate.source == source]
        assert tactics
        outcomes = await session.apply(session.initial, tactics, timeout_s=300)
        closing = [tactic for tactic, outcome in zip(tactics, outcomes, strict=False) if outcome == Closed()]
        assert closing, outcomes
    verification = await lean.check(theorem, closing[:1], timeout_s=300)
    assert verification.accepted, verification.reason
