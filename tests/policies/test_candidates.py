"""What the arithmetic templates make of goals of many shapes, as recorded.

`goals.jsonl` has the goals as the embedded Lean gives them, some with the file that they are from. A change of what is
proposed shows in the difference of `candidates.jsonl`, which `--update-golden` writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from prover.core.proof_state import Goal, Hypothesis
from prover.core.theorem import Theorem
from prover.policies.arithmetic.templates import TEMPLATES
from prover.policies.automation.closers import METHODS, ClosersPolicy
from prover.policies.automation.priors import ONE_LINERS
from prover.policies.header import Header
from prover.proving.shortening.simpler import simpler
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "golden" / "arithmetic"
LONGEST = 240


def goals() -> Iterator[tuple[Goal, ClosersPolicy]]:
    without_header = ClosersPolicy()
    for line in (FOLDER / "goals.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        hypotheses = tuple(Hypothesis(h["name"], h["head"], h["term"]) for h in row["hypotheses"])
        constants = tuple(row["definitions"])
        instances = tuple(row.get("instances", ()))
        goal = Goal(row["text"], row["target"], hypotheses, constants, row["term"], instances=instances)
        header = Header.of(Theorem.from_text(row["file"])) if "file" in row else None
        yield goal, ClosersPolicy(header=header) if header else without_header


def shortened(tactic: str) -> str:
    """The beginning of a long tactic, and a digest of all of it."""
    digest = hashlib.sha256(tactic.encode()).hexdigest()[:12]
    return tactic if len(tactic) <= LONGEST else f"{tactic[:LONGEST]}… ({len(tactic)} characters, {digest})"


def test_candidates_are_as_recorded(request: pytest.FixtureRequest) -> None:
    lines = [
        json.dumps(
            [goal.text.rpartition("⊢ ")[2], c.source, shortened(c.tactic), round(c.logprob, 4), c.effort],
            ensure_ascii=False,
        )
        for goal, closers in goals()
        for c in closers.candidates(goal)
        if c.source not in ONE_LINERS
    ]
    path = FOLDER / "candidates.jsonl"
    if request.config.getoption("--update-golden"):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines == path.read_text(encoding="utf-8").splitlines()


def test_every_template_is_recorded() -> None:
    recorded = {json.loads(line)[1] for line in (FOLDER / "candidates.jsonl").read_text(encoding="utf-8").splitlines()}
    assert {*TEMPLATES, *METHODS, "operations"} == recorded


def test_every_template_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "closers.md").read_text(encoding="utf-8")
    assert [name for name in TEMPLATES if f"\n| `{name}` |" not in page] == []


def test_every_candidate_can_be_made_shorter() -> None:
    """Whatever a policy writes is read when its proof is made shorter."""
    tactics = {candidate.tactic for goal, closers in goals() for candidate in closers.candidates(goal)}
    assert len(tactics) > 1000
    for tactic in tactics:
        assert tactic not in list(simpler(tactic))
