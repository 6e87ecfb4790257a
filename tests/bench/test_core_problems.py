"""The shipped problems: every theorem has a proof that Lean accepts, every canary a refutation."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from prover.bench.problem_sets import CORE, core_path, read_problems
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from tests.bench.reference_proofs import rejected

ROWS: list[dict[str, Any]] = [json.loads(line) for line in core_path().read_text(encoding="utf-8").splitlines()]
THEOREMS = [row for row in ROWS if row["split"] == "core"]
CANARIES = [row for row in ROWS if row["split"] == "canary"]
KINDS = sorted({row["kind"] for row in THEOREMS})


def test_the_set_is_what_it_says() -> None:
    assert len(read_problems(CORE)) == len(ROWS) == len(THEOREMS) + len(CANARIES)
    assert len(THEOREMS) >= 150
    assert len(CANARIES) >= 15
    assert {row["difficulty"] for row in THEOREMS} == {"easy", "medium", "hard"}
    assert min(Counter(row["kind"] for row in THEOREMS).values()) >= 8
    statements = Counter((row.get("header", ""), row["statement"].split(row["name"], 1)[1]) for row in ROWS)
    assert [statement for statement, count in statements.items() if count > 1] == []


@pytest.mark.lean
@pytest.mark.parametrize("kind", KINDS)
async def test_every_theorem_has_a_proof(lean: LeanWasmEnvironment, kind: str) -> None:
    rows = [row for row in THEOREMS if row["kind"] == kind]
    assert await rejected(lean, rows, proof="proof") == []


@pytest.mark.lean
async def test_every_canary_is_false(lean: LeanWasmEnvironment) -> None:
    negated = [
        row | {"statement": negation(row["statement"]), "refutation": f"exact {row['refutation']}"} for row in CANARIES
    ]
    assert await rejected(lean, negated, proof="refutation") == []


def negation(statement: str) -> str:
    """`theorem name binders : type` as `theorem name : ¬ (∀ binders, type)`."""
    name, _, rest = statement.removeprefix("theorem ").partition(" ")
    depth = 0
    for i, character in enumerate(rest):
        depth += (character in "([{") - (character in ")]}")
        if character == ":" and not depth:
            binders, conclusion = rest[:i].strip(), rest[i + 1 :].strip()
            return f"theorem {name} : ¬ ({f'∀ {binders}, ' if binders else ''}{conclusion})"
    raise AssertionError(f"no type in {statement}")
