"""What is held out for evaluation, and that no shipped manifest of training data has any of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import prover
from prover.core.held_out import is_held_out, is_minif2f, normalised, states_minif2f
from prover.data.corpora.manifest import Manifest
from prover.policies.learned import SHIPPED

MANIFESTS = sorted(Path(prover.__file__).parent.rglob("manifests/*.json"))


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_nothing_held_out_is_in_a_shipped_manifest(path: Path) -> None:
    manifest = Manifest.read(path)
    theorems = [theorem for record in manifest.sources.values() for theorem in record.theorems]
    assert theorems
    assert not [t for t in theorems if int(hashlib.sha256(t.encode()).hexdigest(), 16) % 10 == 0]
    assert not [t for t in theorems if is_held_out(t)]
    assert manifest.problems(list(manifest.sources)) == []


def test_a_manifest_is_shipped() -> None:
    assert MANIFESTS


@pytest.mark.parametrize("name", sorted(path.name for path in SHIPPED.glob("*.json")))
def test_nothing_held_out_is_in_the_orders_that_ship(name: str) -> None:
    theorems = json.loads((SHIPPED / name).read_text(encoding="utf-8"))["about"]["theorems"]
    assert len(theorems) > 50
    assert not [t for t in theorems if is_held_out(t)]


def test_a_tenth_of_the_library_is_held_out_by_name(shared_data: Path) -> None:
    names = [
        json.loads(line)["name"] for line in (shared_data / "lean_library_theorems.jsonl").read_text().splitlines()
    ]
    held_out = [name for name in names if is_held_out(name)]
    assert held_out == [n for n in names if int(hashlib.sha256(n.encode()).hexdigest(), 16) % 10 == 0]
    assert 0.08 < len(held_out) / len(names) < 0.12


def test_all_of_minif2f_is_held_out_by_name_and_by_statement(shared_data: Path) -> None:
    rows = [json.loads(line) for line in (shared_data / "minif2f_core_public.jsonl").read_text().splitlines()]
    published = json.loads((shared_data / "llemma_published.json").read_text())["theorems"]
    assert len(rows) > 100
    assert all(is_minif2f(row["name"]) and is_minif2f("Some.other.name", row["statement"]) for row in rows)
    assert all(is_minif2f("x", row["original_statement"]) for row in rows)
    assert len(published) == 244
    assert all(is_minif2f(name) for name in published)


def test_statements_are_alike_up_to_name_layout_and_ways_of_writing() -> None:
    one = "theorem mathd (n : ℕ) (h₀ : n = 2)\n    : n + 0 = 2 := by\n  sorry"
    assert normalised(one) == normalised("/- doc -/ lemma other (n : Nat) (h0 : n=2) : n + 0 = 2 -- end")
    assert normalised(one) != normalised("theorem mathd (n : ℕ) (h₀ : n = 3) : n + 0 = 2")
    assert normalised("theorem t (h : (x := 3) = 4) : let y := 2; y = 2 := rfl") != ""
    assert not is_minif2f("Nat.add_comm", "theorem Nat.add_comm (a b : Nat) : a + b = b + a")


def test_a_file_that_states_a_problem_is_recognised(shared_data: Path) -> None:
    row = json.loads((shared_data / "minif2f_core_public.jsonl").read_text().splitlines()[0])
    text = row["statement"].replace(row["name"], "renamed")
    assert states_minif2f(f"theorem fine : 1 = 1 := rfl\n\n{text} := by\n  simp\n\nlemma last : 2 = 2 := rfl")
    assert not states_minif2f("theorem fine : 1 = 1 := rfl")
