"""Files of a Lean project: their `sorry`s through the REPL, with a real Lean's answers."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prover.core.proof_state import Advanced, Closed, GaveUp, Rejected
from prover.core.theorem import Theorem
from prover.environments.lean_repl.environment import LeanProjectEnvironment
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidTheoremError
from prover.policies.scripted import ScriptedPolicy
from prover.proving.fill import FillReport, fill_source
from tests.environments.lean_repl.projects import command_line_project, standin_project
from tests.environments.lean_repl.repl import PANIC, serving

DRAFT = """/-! sorry -/
def twice (n : Nat) : Nat := n + n -- sorry
notation "N" => Nat
namespace A
section
variable (k : N)
/-- twice -/
theorem two : twice k = 2 * k := by sorry
theorem both (p q : Prop) (hp : p) (hq : q) : p ∧ q := by
  have h : p := sorry
  constructor
  · sorry -- sorry
  · have : q := by sorry
    exact this
theorem word : "sorry".length = 5 := sorry
end
instance : Inhabited {n : N // 0 < n} := ⟨⟨1, sorry⟩⟩
end A
"""
TACTICS = ("assumption", "rfl", "decide", "unfold twice; omega")


@pytest.fixture(scope="module")
async def project(lean: LeanWasmEnvironment) -> AsyncIterator[LeanProjectEnvironment]:
    async with serving(lean) as command:
        environment = standin_project(command)
        yield environment
        await environment.close()


async def fill(project: LeanProjectEnvironment, text: str, *tactics: str) -> FillReport:
    return await fill_source(text, environment=project, generator=ScriptedPolicy(tactics))


async def test_draft_is_filled_and_verified_and_nothing_else_changes(project: LeanProjectEnvironment) -> None:
    report = await fill(project, DRAFT, *TACTICS)
    assert [(h.line, h.kind, h.declaration) for h in report.holes] == [
        (8, "tactic", "A.two"), (10, "term", "A.both"), (12, "tactic", "A.both"), (13, "tactic", "A.both"),
        (15, "term", "A.word"), (17, "term", "instance"),
    ]  # fmt: skip
    assert all(hole.filled for hole in report.holes), [hole.reason for hole in report.holes]
    assert report.complete
    verification = report.verification
    assert verification is not None
    assert verification.tier == "A"
    names = {"A.two", "A.both", "A.word", "A.prover_instance_5", "twice"}
    assert {theorem.name for theorem in verification.theorems} == names
    kept = [line for line in DRAFT.splitlines() if "sorry" not in line]
    assert [line for line in report.source.splitlines() if line in kept] == kept


MATCHING = """theorem pred (n : Nat) : (match n with | 0 => 0 | k + 1 => k) = n - 1 := by
  sorry
theorem both (n : Nat) (h : 0 < n) : (match n with | 0 => 0 | k + 1 => k) < n ∧ True := by
  constructor
  · sorry
  · exact sorry
def one : Nat := sorry
"""


async def test_holes_of_statements_with_pattern_matches_are_filled_by_whole_commands(
    project: LeanProjectEnvironment,
) -> None:
    report = await fill(project, MATCHING, "cases n <;> simp_all", "trivial")
    assert [(h.line, h.kind, h.filled) for h in report.holes] == [
        (2, "tactic", True), (5, "tactic", True), (6, "term", True), (7, "term", False),
    ]  # fmt: skip
    assert "sorry" not in report.source.partition("def one")[0]


async def test_open_goals_of_a_hole_are_told_by_a_whole_command(project: LeanProjectEnvironment) -> None:
    async with project.open_file(Theorem.from_text(MATCHING)) as file, file.open(file.holes[0]) as session:
        (split,) = await session.apply(session.initial, ["cases n"], timeout_s=60)
        assert isinstance(split, Advanced)
        assert len(split.state.goals) == 2
        wrong, left = await session.apply(split.state, ["· skip", "rfl"], timeout_s=60)
        assert isinstance(wrong, Rejected)
        assert isinstance(left, Advanced)
        (closed,) = await session.apply(left.state, ["rfl"], timeout_s=60)
        assert isinstance(closed, Closed)


async def test_every_outcome_is_told_apart_in_a_hole(project: LeanProjectEnvironment) -> None:
    text = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := by\n  have h : p := hp\n  sorry\n"
    async with project.open_file(Theorem.from_text(text)) as file:
        (hole,) = file.holes
        async with file.open(hole) as session:
            tactics = ["constructor", "exact nothing", "sorry", "theorem u : True", "exact ⟨h, hq⟩"]
            outcomes = await session.apply(session.initial, tactics, timeout_s=300)
        assert [type(outcome) for outcome in outcomes] == [Advanced, Rejected, GaveUp, Rejected, Closed]
        assert (await file.fits([(0, "exact ⟨h, hq⟩")])).problem is None
        assert (await file.fits([(0, "exact ⟨hq, h⟩")])).problem
        assert "may not stand" in ((await file.fits([(0, "exact ⟨h, hq⟩\n#eval 1")])).problem or "")


async def test_hole_is_reached_again_after_a_crash(project: LeanProjectEnvironment) -> None:
    text = (
        "theorem a (p : Prop) (h : p) : p := by sorry\ntheorem b (p q : Prop) (hp : p) (hq : q) : p ∧ q := by sorry\n"
    )
    async with project.open_file(Theorem.from_text(text)) as file, file.open(file.holes[1]) as session:
        (split,) = await session.apply(session.initial, ["constructor"], timeout_s=300)
        assert isinstance(split, Advanced)
        outcomes = await session.apply(split.state, [f"exact {PANIC}", "all_goals assumption"], timeout_s=300)
        assert [type(outcome) for outcome in outcomes] == [Rejected, Closed]
        trial = await file.fits([(1, "constructor <;> assumption")])
        assert (trial.problem, trial.sorries) == (None, 0)


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        ("def f : Nat := sorry", "data"),
        ("theorem t : True := trivial\n#check (sorry : Nat)", "in no proof"),
        ('macro "todo" : tactic => `(tactic| sorry)', "in no proof"),
        ("theorem t : True := by first | trivial | sorry", "never elaborates"),
    ],
)
async def test_what_is_no_proof_says_so(project: LeanProjectEnvironment, text: str, obstacle: str) -> None:
    async with project.open_file(Theorem.from_text(text)) as file:
        assert obstacle in (file.holes[-1].obstacle or "")


@pytest.mark.parametrize(
    "text",
    [
        "theorem t (n : Nat) : n = n := by\n  cases n with\n  | zero => rfl\n  | succ k => sorry",
        "theorem t : (n : Nat) → n = n\n  | 0 => rfl\n  | k + 1 => sorry",
        "theorem t (n : Nat) : n = n ∧ True := by\n  constructor\n  sorry\n  trivial",
        "theorem t (n : Nat) : n = n := by first | (skip; sorry) | rfl",
    ],
)
async def test_lean_is_asked_whether_a_tactic_or_a_term_stands_there(
    project: LeanProjectEnvironment, text: str
) -> None:
    report = await fill(project, f"{text}\n", "rfl")
    assert report.complete, [hole.reason for hole in report.holes]


async def test_errors_of_the_file_come_with_their_places(project: LeanProjectEnvironment) -> None:
    text = "theorem a : 1 = 1 := by sorry\ntheorem b : foo 1 := by sorry\n"
    with pytest.raises(InvalidTheoremError) as error:
        async with project.open_file(Theorem.from_text(text)):
            pass
    assert [(m.line, m.column) for m in error.value.messages if m.severity == "error"] == [(2, 12)]


async def test_file_that_was_cut_in_a_wrong_place_is_read_whole(project: LeanProjectEnvironment) -> None:
    text = (
        'syntax "twice " term ppLine "end" : term\nmacro_rules | `(twice $t end) => `($t + $t)\n'
        "theorem t : (twice 1\nend) = 2 := by sorry\ntheorem u : twice 1\nend = 2 := by sorry\n"
    )
    report = await fill(project, text, "rfl")
    assert report.complete, [hole.reason for hole in report.holes]
    assert report.source == text.replace("sorry", "rfl")


async def test_no_cheat_fills_a_hole(project: LeanProjectEnvironment) -> None:
    header = 'macro "omega" : tactic => `(tactic| sorry)\naxiom oops : 1 = 2\n'
    report = await fill(
        project, f"{header}theorem t : 1 = 2 := by sorry\n", "omega", "exact oops", "exact sorryAx _", "native_decide"
    )
    assert not report.complete
    text = "axiom oops : 1 = 2\ninstance : Inhabited {n : Nat // 1 = 2} := ⟨⟨1, sorry⟩⟩\n"
    report = await fill(project, text, "exact oops")
    assert not report.complete


async def test_untrusted_file_with_syntax_of_its_own_is_not_verified(project: LeanProjectEnvironment) -> None:
    text = Theorem.from_text('notation "N" => Nat\ntheorem t : (1 : N) = 1 := rfl\n')
    refused = await project.check_file(text, timeout_s=300)
    assert (refused.accepted, refused.reason) == (False, "`notation` could change what Lean reports")
    assert (await project.check_file(text, timeout_s=300, original=text)).accepted
    assert (await project.check_file(Theorem.from_text("def x := 1"), timeout_s=300)).accepted


async def test_command_fills_a_file_of_the_project(lean: LeanWasmEnvironment, tmp_path: Path) -> None:
    async with serving(lean) as command:
        folder, settings = command_line_project(tmp_path, command)
        draft = folder / "Draft.lean"
        draft.write_text("theorem a (p : Prop) (h : p) : p := by sorry\ntheorem b (n : Nat) : n = n + 1 := sorry\n")
        result = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "prover", "fill", str(draft), "--environment", "lean-project", "--project",
             str(folder), "--policy", "scripted:assumption;;rfl", "--json"],
            env=settings, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert result.returncode == 1, result.stderr
    report = json.loads(result.stdout)
    assert report["environment"].startswith("lean4@4.24.0+mine@")
    assert [hole["filled"] for hole in report["holes"]] == [True, False]
    assert draft.read_text().startswith("theorem a (p : Prop) (h : p) : p := by assumption\n")
