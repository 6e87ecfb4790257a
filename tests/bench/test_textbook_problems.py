"""The textbook statements: what is shipped and what is kept are alike, disjoint, and all have a proof."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from prover.bench.problem_sets import TEXTBOOK, core_path, read_problems, shipped
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from tests.bench.reference_proofs import rejected

KEPT_PATH = core_path().with_name("textbook_kept.jsonl")


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


SHIPPED = rows_of(shipped()[TEXTBOOK])
KEPT = rows_of(KEPT_PATH)
CORE_ROWS = rows_of(core_path())
PRACTICE = rows_of(core_path().with_name("practice.jsonl"))
KINDS = sorted({row["kind"] for row in SHIPPED})


def stated(row: dict[str, Any]) -> tuple[str, str]:
    return row.get("header", ""), row["statement"].split(row["name"], 1)[1]


def test_the_set_is_read_by_its_name_and_the_kept_third_only_as_a_file() -> None:
    assert [problem.name for problem in read_problems("textbook")] == [row["name"] for row in SHIPPED]
    assert KEPT_PATH not in shipped().values()
    assert [problem.name for problem in read_problems(str(KEPT_PATH))] == [row["name"] for row in KEPT]


@pytest.mark.parametrize(("rows", "split", "of_a_kind"), [(SHIPPED, "textbook", 10), (KEPT, "kept", 5)])
def test_ten_kinds_and_half_of_each_set_hard(rows: list[dict[str, Any]], split: str, of_a_kind: int) -> None:
    assert {row["split"] for row in rows} == {split}
    assert Counter(row["kind"] for row in rows) == dict.fromkeys(KINDS, of_a_kind)
    assert len(KINDS) == 10
    difficulties = Counter(row["difficulty"] for row in rows)
    assert set(difficulties) == {"easy", "medium", "hard"}
    assert difficulties["hard"] * 2 == len(rows)


@pytest.mark.parametrize("same", [lambda row: row["name"], stated], ids=["name", "statement"])
def test_no_problem_occurs_twice_in_the_sets(same: Any) -> None:
    counts = Counter(same(row) for row in SHIPPED + KEPT + CORE_ROWS + PRACTICE)
    assert [key for key, count in counts.items() if count > 1] == []


def test_the_kept_third_was_drawn_and_not_chosen() -> None:
    chance = random.Random(0)
    drawn: set[str] = set()
    for kind, hard in product(KINDS, (False, True)):
        names = sorted(
            row["name"] for row in SHIPPED + KEPT if row["kind"] == kind and (row["difficulty"] == "hard") is hard
        )
        drawn.update(chance.sample(names, round(len(names) / 3)))
    assert drawn == {row["name"] for row in KEPT}


@pytest.mark.lean
@pytest.mark.parametrize("kind", KINDS)
async def test_every_statement_has_a_proof(lean: LeanWasmEnvironment, kind: str) -> None:
    rows = [row for row in SHIPPED + KEPT if row["kind"] == kind]
    assert await rejected(lean, rows, proof="proof") == []


async def test_what_is_for_practice_is_read_and_of_the_same_kinds(lean: LeanWasmEnvironment) -> None:
    assert {row["kind"] for row in PRACTICE} == set(KINDS)
    for row in PRACTICE:
        async with lean.open(Theorem.from_text(f"{row.get('header', '')}\n\n{row['statement']}")) as session:
            assert session.initial.goals, row["name"]
