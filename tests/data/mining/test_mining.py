"""Mining with real Lean: statements that say the same again, verified steps, nothing that is held out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from click.testing import CliRunner

from prover.bench.problem_sets import Problem
from prover.cli.main import cli
from prover.core.budget import SearchBudget
from prover.core.held_out import is_held_out
from prover.core.library import Library, LibraryTheorem
from prover.core.proof_state import Closed
from prover.core.theorem import Theorem
from prover.data.mining.documents import mined_documents, step_format
from prover.data.mining.project import ProjectFile, mine_file
from prover.data.mining.statements import LibraryStatement, held_out_names, library_statements, restate
from prover.data.mining.traces import MiningPremises, may_be_mined, mine_problem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.premises.retrieval import PremiseIndex
from prover.policies.scripted import ScriptedPolicy

BUDGET = SearchBudget(expansions=50, tactic_effort=30.0)


def statement_of(library: Library, name: str) -> LibraryStatement:
    theorem = next(theorem for theorem in library.theorems if theorem.name == name)
    return LibraryStatement(name, library.modules[theorem.module][0], theorem.key, ("Init",))


async def mined(
    problem: Problem,
    lean: LeanWasmEnvironment,
    *,
    tactics: list[str] | None = None,
    negatives: int = 0,
    trees: Path | None = None,
) -> dict[str, Any]:
    premises = MiningPremises(lean.library)
    result = await mine_problem(
        problem,
        lean,
        generator=ScriptedPolicy(tactics) if tactics else ClosersPolicy(premises),
        premises=premises,
        budget=BUDGET,
        seed=0,
        negatives=negatives,
        trees=trees,
        cancel=None,
    )
    assert result is not None
    return result


def test_what_states_the_same_as_something_held_out_is_held_out() -> None:
    held_out = next(name for i in range(99) if is_held_out(name := f"Nat.held_out_{i}"))
    free = [name for i in range(99) if not is_held_out(name := f"Nat.free_{i}")]
    rows = [(held_out, "k1"), (free[0], "k1"), (free[1], "k2"), (free[2], "k2"), (free[3], "k3")]
    theorems = tuple(LibraryTheorem(name, 0, key, "Eq", (), 0) for name, key in rows)
    library = Library(modules=(("Init", ()),), symbols=(), theorems=theorems)
    assert held_out_names(library) == {held_out, free[0]}
    assert [s.name for s in library_statements(library, ("Init",))] == [min(free[1], free[2]), free[3]]
    assert [s.name for s in library_statements(library, ("Init",), held_out=True)] == [held_out]


async def test_no_task_over_the_whole_library_is_held_out(lean: LeanWasmEnvironment) -> None:
    library = await lean.library(("Init",))
    tasks = library_statements(library, ("Init",))
    held_out = library_statements(library, ("Init",), held_out=True)
    assert len(tasks) > 15_000
    assert not [task.name for task in tasks if is_held_out(task.name)]
    assert all(is_held_out(task.name) for task in held_out)
    assert not {task.key for task in tasks} & {task.key for task in held_out}


@pytest.mark.parametrize(
    "name",
    [
        "List.length_append",
        "apply_dite",
        "USize.ofBitVec_xor",  # a structure without its type
        "List.reverse_attach",  # a proof printed as ⋯
        "Vector.any_iff_exists",  # a type that has to be found out
        "List.eq_getElem_of_length_eq_three",
    ],
)
async def test_a_statement_says_again_what_the_library_says(lean: LeanWasmEnvironment, name: str) -> None:
    result = await restate(statement_of(await lean.library(("Init",)), name), lean)
    problem = Problem.model_validate(result["row"])
    assert problem.forbid == (name,)
    async with lean.open(Theorem.from_text(problem.statement)) as session:
        (outcome,) = await session.apply(session.initial, [f"exact @{name}"], timeout_s=300)
    assert isinstance(outcome, Closed)


async def test_a_theorem_that_says_something_else_is_no_statement(lean: LeanWasmEnvironment) -> None:
    wanted = statement_of(await lean.library(("Init",)), "List.length_append")
    result = await restate(LibraryStatement("Nat.no_such_name", wanted.module, wanted.key, wanted.imports), lean)
    assert result["row"] is None
    assert "Nat.no_such_name" in result["error"]


async def test_a_verified_proof_becomes_steps_with_what_they_cite(lean: LeanWasmEnvironment, tmp_path: Path) -> None:
    problem = Problem(name="sum_swapped", statement="theorem sum_swapped (a b c : Nat) : a + b + c = b + a + c")
    tactics = ["exact absurd", "rw [Nat.add_comm a b]"]
    result = await mined(problem, lean, tactics=tactics, negatives=5, trees=tmp_path)
    assert result["proved"]
    assert result["verification"]["accepted"]
    (step,) = result["steps"]
    assert step["state"] == "a b c : Nat\n⊢ a + b + c = b + a + c"
    assert step["tactic"] == "rw [Nat.add_comm a b]"
    assert step["premises"] == ["Nat.add_comm"]
    assert [row["tactic"] for row in step["negatives"]] == ["exact absurd"]
    assert 0 < len(step["retrieved"]) <= 16
    assert not [name for name in step["retrieved"] if is_held_out(name)]
    (tree,) = tmp_path.iterdir()
    read = orjson.loads(zstandard.decompress(tree.read_bytes()))
    assert [attempt["status"] for attempt in read["nodes"][0]["attempts"]] == ["rejected", "closed"]


async def test_what_is_not_proved_has_no_steps(lean: LeanWasmEnvironment) -> None:
    problem = Problem(name="wrong", statement="theorem wrong (a : Nat) : a = a + 1")
    result = await mined(problem, lean, tactics=["intro h", "rfl", "sorry"])
    assert not result["proved"]
    assert result["steps"] == []
    bad = await mined(Problem(name="bad", statement="theorem bad : nonsense"), lean, tactics=["rfl"])
    assert bad["error"].startswith("statement: ")


async def test_the_theorem_itself_is_never_its_own_proof(lean: LeanWasmEnvironment) -> None:
    name = "Nat.mul_add_one"
    library = await lean.library(("Init",))
    index = PremiseIndex(library)
    same = index.aliases([name])
    assert not [other for other in same if is_held_out(other)]
    # Neither the name nor `forbid` says what it is: its statement does.
    problem = Problem(name="t", statement="theorem t : ∀ (a b : Nat), a * (b + 1) = a * b + a")
    result = await mined(problem, lean, tactics=[f"exact {other}" for other in sorted(same)])
    assert not result["proved"]
    premises = await MiningPremises(lean.library).for_theorem(
        problem.model_copy(update={"forbid": tuple(same)}).theorem()
    )
    async with lean.open(problem.theorem()) as session:
        offered = premises.for_goal(session.initial.goals[0], 500)
    assert not same & set(offered)
    assert not [other for other in offered if is_held_out(other)]


async def test_a_problem_that_restates_something_held_out_is_left_out(lean: LeanWasmEnvironment) -> None:
    library = await lean.library(("Init",))
    index = PremiseIndex(library)
    kept = held_out_names(library)
    name = next(t.name for t in library.theorems if is_held_out(t.name) and t.name.startswith("Nat.add_"))
    row = (await restate(statement_of(library, name), lean))["row"]
    assert row["split"] == "held-out"
    hidden = Problem.model_validate(row | {"name": "hidden", "forbid": []})
    assert may_be_mined(hidden, kept)  # nothing but its meaning says what it is
    result = await mined(hidden, lean)
    assert result["error"].startswith("held out: ")
    assert not result["proved"]
    assert not may_be_mined(Problem.model_validate(row), kept)
    assert not may_be_mined(Problem.model_validate(row | {"name": "hidden"}), kept)
    assert not may_be_mined(Problem(name="mathd_algebra_10", statement="theorem x : 1 = 1"), kept)
    assert index.stating(index.library.theorems[index.number[name]].key)


PROJECT = """\
namespace Project
def double (n : Nat) := n + n
theorem double_eq (n : Nat) : double n = 2 * n := by
  unfold double
  omega
theorem swap {p q : Prop} (h : p ∧ q) : q ∧ p := by
  constructor
  · exact h.2
  · exact h.1
theorem uses (n : Nat) : double n = n * 2 := by
  rw [double_eq, Nat.mul_comm]
theorem odd (n : Nat) : n = n := by
  first
    | rfl
    | simp
theorem wrong (n : Nat) : n = n + 0 := by
  rw [Nat.no_such_name]
end Project
"""


async def test_proofs_of_a_project_are_followed(lean: LeanWasmEnvironment, tmp_path: Path) -> None:
    (tmp_path / "Project.lean").write_text(PROJECT)
    library = await lean.library(("Init",))
    known = {theorem.name: number for number, theorem in enumerate(library.theorems)}
    result = await mine_file(ProjectFile("Project.lean", tmp_path / "Project.lean"), lean, known)
    steps = {row["name"]: [step["tactic"] for step in row["steps"]] for row in result["theorems"]}
    assert steps == {
        "Project.double_eq": ["unfold double", "omega"],
        "Project.swap": ["constructor", "exact h.2", "exact h.1"],
        "Project.uses": ["rw [double_eq, Nat.mul_comm]"],
        "Project.odd": ["first\n  | rfl\n  | simp"],
        "Project.wrong": [],
    }
    rows = {row["name"]: row for row in result["theorems"]}
    assert rows["Project.swap"]["steps"][1]["state"].startswith("case left\n")
    assert rows["Project.uses"]["steps"][0]["premises"] == ["Nat.mul_comm"]
    assert "Nat.no_such_name" in rows["Project.wrong"]["error"]


async def test_a_file_that_lean_cannot_read_says_why(lean: LeanWasmEnvironment, tmp_path: Path) -> None:
    path = tmp_path / "Bad.lean"
    path.write_text("import Mathlib\ntheorem t (x : ℝ) : x = x := by\n  rfl\n")
    result = await mine_file(ProjectFile("Bad.lean", path), lean, {})
    assert "Mathlib" in result["error"]
    assert result["theorems"] == []


def test_from_mining_to_documents(installation: object, tmp_path: Path) -> None:
    problems = tmp_path / "problems.jsonl"
    rows = [{"name": f"p{i}", "statement": f"theorem p{i} (a b : Nat) : a + b + {i} = b + a + {i}"} for i in range(2)]
    rows.append({"name": "mathd_algebra_10", "statement": "theorem x : 1 = 1"})
    problems.write_text("".join(json.dumps(row) + "\n" for row in rows))
    output = str(tmp_path / "mined")
    arguments = ["mine", "traces", str(problems), "--policy", "scripted:omega", "--output", output]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "1 of 3 problems are held out" in result.output
    assert "proved 2 of 2" in result.output
    again = CliRunner().invoke(cli, arguments)
    assert again.exit_code == 2
    assert "--resume" in again.output
    documents = list(mined_documents(tmp_path / "mined"))
    assert {document.meta["theorem"] for document in documents} == {"p0", "p1"}
    for document in documents:
        assert document.text[document.prompt :] == "omega[/TAC]"
        number = str(document.meta["theorem"])[1:]
        ending = f"⊢ a + b + {number} = b + a + {number}\n[/STATE]\n[TAC]\n"
        assert document.text[: document.prompt].endswith(ending)
    data = str(tmp_path / "data")
    build = ["data", "build", data, "mined", output, "--origin", "test", "--licence", "CC0-1.0"]
    built = CliRunner().invoke(cli, build, catch_exceptions=False)
    assert built.exit_code == 0, built.output


def test_a_run_that_was_killed_goes_on(installation: object, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "prover", "mine", "statements", "--sample", "6", "--output", str(tmp_path / "st")]
    results = tmp_path / "st" / "results.jsonl"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None and (not results.exists() or results.read_text().count("\n") < 2):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = results.read_text()
    before = before[: before.rfind("\n") + 1]
    done = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=True)
    assert results.read_text().startswith(before)
    names = [json.loads(line)["problem"] for line in results.read_text().splitlines()]
    assert len(names) == len(set(names)) == 6
    rows = [json.loads(line) for line in (tmp_path / "st" / "statements.jsonl").read_text().splitlines()]
    assert f"{len(rows)} of 6 theorems state again" in done.stdout
    assert len(rows) >= 5
    assert [row["forbid"] for row in rows] == [[row["name"]] for row in rows]


def test_documents_are_statements_under_their_names_and_steps_that_do_not_just_search(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text(
        json.dumps(
            {
                "problem": "p",
                "row": {"name": "Nat.x", "module": "M", "statement": "theorem library_theorem : 1 = 1"},
                "steps": [
                    {"state": "⊢ 1 = 1", "tactic": "exact?", "premises": []},
                    {"state": "⊢ 1 = 1", "tactic": "rfl", "premises": []},
                ],
            }
        )
        + '\n{"cut'
    )
    texts = [document.text for document in mined_documents(tmp_path, step_format("llmstep"))]
    assert texts[0] == "theorem Nat.x : 1 = 1"
    assert len(texts) == 2
    assert "rfl" in texts[1]
