"""The second textbook statements: two halves drawn by chance, new, and each with a proof."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from prover.bench.problem_sets import core_path
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from tests.bench.reference_proofs import rejected

FOLDER = core_path().parent
OLDER = ("core", "textbook", "textbook_kept", "practice")


def rows_of(name: str) -> list[dict[str, Any]]:
    text = Path(FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


PRACTICE = rows_of("practice_second")
KEPT = rows_of("kept_second")
KINDS = sorted({row["kind"] for row in PRACTICE})


def stated(row: dict[str, Any]) -> str:
    """Return the definitions and the statement without its name, however they are spaced."""
    return " ".join((row.get("header", "") + row["statement"].split(row["name"], 1)[1]).split())


@pytest.mark.parametrize(("rows", "split"), [(PRACTICE, "practice"), (KEPT, "kept")], ids=["practice", "kept"])
def test_five_statements_of_each_kind(rows: list[dict[str, Any]], split: str) -> None:
    assert {row["split"] for row in rows} == {split}
    assert len(KINDS) == 10
    assert Counter(row["kind"] for row in rows) == dict.fromkeys(KINDS, 5)


def test_the_halves_were_drawn_and_not_chosen() -> None:
    chance = random.Random(2026)
    drawn: set[str] = set()
    for kind in KINDS:
        names = sorted(row["name"] for row in PRACTICE + KEPT if row["kind"] == kind)
        chance.shuffle(names)
        drawn.update(names[:5])
    assert drawn == {row["name"] for row in PRACTICE}


@pytest.mark.parametrize("same", [lambda row: row["name"], stated], ids=["name", "statement"])
def test_no_statement_is_in_an_older_set(same: Any) -> None:
    counts = Counter(same(row) for row in PRACTICE + KEPT)
    assert [key for key, count in counts.items() if count > 1] == []
    assert counts.keys() & {same(row) for name in OLDER for row in rows_of(name)} == set()


@pytest.mark.lean
@pytest.mark.parametrize("kind", KINDS)
async def test_every_statement_has_a_proof(lean: LeanWasmEnvironment, kind: str) -> None:
    rows = [row for row in PRACTICE + KEPT if row["kind"] == kind]
    assert await rejected(lean, rows, proof="proof") == []
