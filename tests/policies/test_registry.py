"""The table of policies, and those who read it."""

from __future__ import annotations

import re

import pytest

from prover.assembly.isabelle import BUILDERS as FOR_ISABELLE
from prover.assembly.policies import BUILDERS as FOR_LEAN
from prover.errors import InvalidPolicyError
from prover.policies.registry import Assistant, choose, pattern, policies_for
from tests.conftest import ROOT

BUILDERS = {"lean": FOR_LEAN, "isabelle": FOR_ISABELLE}


@pytest.mark.parametrize("assistant", ["lean", "isabelle"])
def test_every_policy_can_be_built(assistant: Assistant) -> None:
    assert set(BUILDERS[assistant]) == {entry.name for entry in policies_for(assistant)}


@pytest.mark.parametrize(
    "name", ["closers", "ranked", "sketch", "scripted:simp;;omega", "scripted:a\nb", "scripted:a:b"]
)
def test_known_names_fit_the_pattern_of_the_schema(name: str) -> None:
    assert choose(name).entry.name == name.partition(":")[0]
    assert re.search(pattern(), name)


@pytest.mark.parametrize(
    "name", ["magic", "", "closers:", "closers:16", "scripted", "scripted:", "scripted: ", "Closers"]
)
def test_unknown_names_are_refused_with_the_names_there_are(name: str) -> None:
    with pytest.raises(InvalidPolicyError, match=re.escape(f"there is no policy {name!r}; there are: closers, ranked")):
        choose(name)
    assert not re.search(pattern(), name)


def test_an_assistant_names_its_own() -> None:
    names = "closers, model, mixture, sketch, scripted:TACTIC;;TACTIC..."
    with pytest.raises(InvalidPolicyError, match=f"there is no policy 'ranked' for Isabelle; there are: {names}$"):
        choose("ranked", "isabelle")
    with pytest.raises(InvalidPolicyError, match="there is no policy 'sketch' for Lean"):
        choose("sketch", "lean")


def test_what_needs_a_model_says_so() -> None:
    with pytest.raises(InvalidPolicyError, match="the policy agent needs a language model"):
        choose("agent", "lean", model=False)


def test_documentation_has_the_table() -> None:
    page = (ROOT / "docs" / "reference" / "policies.md").read_text(encoding="utf-8")
    listed = [line for line in page.splitlines() if line.startswith("| `")]
    assert listed == [
        f"| `{entry.usage}` | {entry.summary} | {entry.only or 'all'} | {'yes' if entry.needs_model else 'no'} |"
        for entry in policies_for()
    ]
