"""`prover fill` as a user types it, and its library function: real processes, real Lean, real files."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from prover.core.proof_state import Closed
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.policies.automation.closers import ClosersPolicy
from prover.policies.scripted import ScriptedPolicy
from prover.proving.fill import FillReport, fill_source
from prover.proving.verify import verify_source
from tests.cli.running import wait_for_lean
from tests.conftest import HUNG_S

pytestmark = pytest.mark.usefixtures("installation")

DRAFT = """/-! sorry -/
def twice (n : Nat) : Nat := n + n -- sorry
notation "N" => Nat
namespace A
section
variable (k : N)
theorem two : twice k = 2 * k := by sorry
lemma both (p q : Prop) (hp : p) (hq : q) : p ∧ q := by
  have h : p := sorry
  constructor
  · sorry -- sorry
  · have : q := by sorry
    exact this
theorem steps : (fun x : Nat => x + 0) = id := by
  funext x
  calc x + 0 = x := sorry
    _ = id x := by sorry
theorem word : "sorry".length = 5 := sorry
end
instance : Inhabited {n : N // 0 < n} := ⟨⟨1, sorry⟩⟩
end A
"""
HARD = "theorem flt (a b c n : Nat) (h : n > 2) (ha : a > 0) (hb : b > 0) : a ^ n + b ^ n ≠ c ^ n := by sorry\n"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "prover", "fill", *arguments],
        capture_output=True, text=True, timeout=HUNG_S, env=os.environ, check=False,
    )  # fmt: skip


async def fill(lean: LeanWasmEnvironment, text: str, *tactics: str) -> FillReport:
    generator = ScriptedPolicy(tactics) if tactics else ClosersPolicy()
    return await fill_source(text, environment=lean, generator=generator)


def test_a_draft_is_filled_and_verified_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "draft.lean"
    path.write_text(DRAFT)
    path.chmod(0o640)
    result = run(str(path))
    assert result.returncode == 0, result.stderr
    assert "7 of 7 filled" in result.stderr or "8 of 8 filled" in result.stderr
    assert "verified" in result.stderr
    filled = path.read_text()
    pieces = re.split(r"(?<=:= )sorry|(?<=by )sorry|(?<=· )sorry|(?<=1, )sorry", DRAFT)
    assert re.fullmatch("(.*)".join(map(re.escape, pieces)), filled, re.DOTALL)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["draft.lean"]
    before = path.stat().st_mtime_ns
    again = run(str(path))
    assert (again.returncode, path.read_text(), path.stat().st_mtime_ns) == (0, filled, before)
    assert "there is no `sorry`" in again.stderr


def test_a_false_hole_stays_and_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "x.lean"
    path.write_text("theorem a (n : Nat) : n = n := by sorry\ntheorem b (n : Nat) : n = n + 1 := by\n  sorry\n")
    result = run(str(path), "--expansions", "3", "--policy", "scripted:rfl;;simp")
    assert result.returncode == 1
    assert path.read_text() == "theorem a (n : Nat) : n = n := by rfl\ntheorem b (n : Nat) : n = n + 1 := by\n  sorry\n"
    assert "3:3 in b:\n  n : Nat\n  ⊢ n = n + 1" in result.stderr
    assert "false   its goal is false for n = 0" in result.stderr
    assert "1 of 2 filled, 1 left" in result.stderr


async def test_a_hole_is_called_false_only_if_its_whole_goal_is_printed(lean: LeanWasmEnvironment) -> None:
    text = """def twice (n : Nat) : Nat := n + n
theorem a (x : Nat) (h : x > 3) : x * 2 > 6 := by
  let n := x + 1
  have hn : n * 1 > 4 := by sorry
  omega
theorem b (m : Nat) (h : 0 < m) : twice m < 3 ∨ m = m := by
  left
  sorry
"""
    report = await fill(lean, text, "fail")
    defined, false = report.holes
    assert defined.refutation is None
    assert false.refutation is not None
    assert re.fullmatch(r"its goal is false for m = [2-9]", false.reason or "")


def test_check_only_lists(tmp_path: Path) -> None:
    path = tmp_path / "x.lean"
    path.write_text("theorem a (n : Nat) : n = n := by sorry\ndef d : Nat := sorry\n")
    result = run(str(path), "--check", "--json")
    report = json.loads(result.stdout)
    assert (result.returncode, report["written"], report["filled"]) == (1, None, 0)
    assert [(h["line"], h["column"], h["kind"], h["filled"]) for h in report["holes"]] == [
        (1, 35, "tactic", False),
        (2, 16, "term", False),
    ]
    assert report["holes"][0]["goal"] == "n : Nat\n⊢ n = n"
    assert "data" in report["holes"][1]["reason"]
    assert path.read_text().count("sorry") == 2


def test_output_leaves_the_file_alone(tmp_path: Path) -> None:
    path, out = tmp_path / "x.lean", tmp_path / "y.lean"
    path.write_text("theorem a : 1 = 1 := sorry")
    result = run(str(path), "--output", str(out), "--json", "--policy", "scripted:rfl;;simp")
    report = json.loads(result.stdout)
    assert (result.returncode, path.read_text(), out.read_text()) == (
        0, "theorem a : 1 = 1 := sorry", "theorem a : 1 = 1 := by rfl",
    )  # fmt: skip
    assert report["complete"] is True
    assert report["holes"][0]["tactics"] == ["rfl"]
    assert report["verification"]["accepted"] is True


@pytest.mark.parametrize("end", ["", "\r\n"])
def test_line_ends_and_byte_order_mark_are_kept(end: str, tmp_path: Path) -> None:
    path, link = tmp_path / "x.lean", tmp_path / "link.lean"
    before = f"\ufefftheorem a (p : Prop) : p → p := by\r\n  sorry -- ∀\r\nexample : 1 = 1 := by sorry{end}"
    path.write_bytes(before.encode())
    link.symlink_to(path)
    assert run(str(link), "--policy", "scripted:intro h;;exact h;;rfl").returncode == 0
    expected = before.replace("  sorry", "  intro h\r\n  exact h").replace("by sorry", "by rfl")
    assert path.read_bytes() == expected.encode()
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"theorem t : 1 = := by sorry", "line 1, column 1"),
        (b"theorem t : foo 1 := by sorry\n", "line 1, column 13"),
        (b"import Mathlib\ntheorem t : 1 = 1 := by sorry", "Mathlib"),
        (b"theorem t : 1 = 1 := by sorry \xff", "UTF-8"),
        (b"-- " + b"x" * 1_100_000, "at most 1,000,000"),
        (b"theorem t : 1 = 1 := by sorry \x01", "U+0001"),
        (None, "cannot be read"),
    ],
)
def test_bad_input_gets_a_sentence_and_status_2(content: bytes | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x.lean"
    if content is not None:
        path.write_bytes(content)
    result = run(str(path))
    assert result.returncode == 2, result.stderr
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert content is None or path.read_bytes() == content


def test_a_folder_and_bad_options_are_bad_input(tmp_path: Path) -> None:
    assert run(str(tmp_path)).returncode == 2
    assert run(str(tmp_path / "x.lean"), "--check", "--output", "y").returncode == 2
    (tmp_path / "x.lean").write_text("")
    assert run(str(tmp_path / "x.lean"), "--policy", "magic").returncode == 2
    assert run(str(tmp_path / "x.lean")).returncode == 0


def test_interrupt_leaves_the_file_alone_and_reports(tmp_path: Path, installation: Installation) -> None:
    path = tmp_path / "x.lean"
    path.write_text("theorem a : 1 = 1 := by sorry\n" + HARD)
    before = path.read_bytes()
    command = [sys.executable, "-m", "prover", "fill", str(path), "--timeout", "86400", "--expansions", "1000000"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        wait_for_lean(process)
        assert process.stderr is not None
        said = process.stderr.readline()  # the first hole has been tried, the second has begun
        process.send_signal(signal.SIGINT)
        said += process.stderr.read()
        assert process.wait(timeout=HUNG_S) == 130
    assert path.read_bytes() == before
    assert "filled   " in said
    assert "is as it was" in said


async def test_every_filled_file_verifies(lean: LeanWasmEnvironment) -> None:
    report = await fill(lean, DRAFT)
    assert report.complete
    assert (await verify_source(Theorem.from_text(report.source), lean, timeout_s=300)).accepted


async def test_neighbours_on_one_line_and_under_one_another(lean: LeanWasmEnvironment) -> None:
    text = (
        "theorem a (p : Prop) : (p → p) ∧ (p → p) ∧ (p → p) := ⟨sorry, by sorry, by first | sorry | trivial⟩\n"
        "theorem b (p : Prop) : (p → p) ∧ (p → p) := by\n  constructor\n  sorry\n  sorry\n"
        "theorem c (p : Prop) : (p → p) ∧ (p → p) := by constructor <;> sorry\n"
        "theorem d (p : Prop) : (p → p) ∧ (p → p) := by\n  constructor\n  all_goals sorry\n"
        "theorem e (p : Prop) : p → p := by\n  have h : p → p := sorry; exact h\n"
    )
    for tactics in (("intro h", "exact h"), ("intro\n| h => exact h",)):
        report = await fill(lean, text, *tactics)
        assert report.complete, [hole.reason for hole in report.holes]


async def test_a_hole_next_to_one_that_stays_is_filled(lean: LeanWasmEnvironment) -> None:
    text = (
        "theorem t (n : Nat) : n = n + 1 := by\n  have h : n = n := sorry\n  have g : n = n + 2 := by sorry\n  sorry\n"
    )
    report = await fill(lean, text, "rfl")
    assert [hole.filled for hole in report.holes] == [True, False, False]
    assert report.source == text.replace(":= sorry", ":= by rfl")
    assert not report.complete


async def test_false_is_never_filled_whatever_the_header_says(lean: LeanWasmEnvironment) -> None:
    headers = [
        'macro "omega" : tactic => `(tactic| sorry)\nmacro "simp" : tactic => `(tactic| exact sorryAx _)',
        "macro_rules | `(tactic| rfl) => `(tactic| sorry)",
        "axiom oops : 1 = 2",
    ]
    for header in headers:
        report = await fill(lean, f"{header}\ntheorem t : 1 = 2 := by sorry\n", "omega", "simp", "rfl", "exact oops")
        assert not report.holes[-1].filled, header
        assert report.source.endswith("theorem t : 1 = 2 := by sorry\n")


async def test_forged_terms_and_theorems_are_not_verified(lean: LeanWasmEnvironment) -> None:
    opened = "import Lean\nopen Lean Elab Command Tactic Meta\n"
    report = await fill(lean, f"{opened}theorem t : 1 = 2 := by sorry", "exact by_elab return mkConst ``True.intro")
    assert not report.holes[0].filled
    forge = """elab "forge" : command => modifyEnv fun env =>
  match Environment.addDeclCore env 0 (.thmDecl
      { name := `bad, levelParams := [], type := mkConst ``False, value := mkConst ``True.intro }) none false with
    | .ok env => env
    | .error _ => env
forge
"""
    report = await fill(lean, f"{opened}{forge}theorem t : 1 = 2 := by sorry", "exact bad.elim")
    assert not report.complete


async def test_a_redefined_sorry_is_still_a_hole(lean: LeanWasmEnvironment) -> None:
    text = "macro_rules | `(tactic| sorry) => `(tactic| trivial)\ntheorem t : 1 = 1 := by sorry\n"
    report = await fill(lean, text, "rfl")
    assert [hole.filled for hole in report.holes] == [False, True]


async def test_names_of_the_file_and_ambiguous_notation_do_not_get_in_the_way(lean: LeanWasmEnvironment) -> None:
    text = (
        "theorem «prover hole» : 1 = 1 := by sorry\n"
        'infixl:65 " ⊕⊕ " => fun (a b : Prop) => a ∧ b\n'
        'infixl:65 " ⊕⊕ " => fun (a b : Nat) => a + b\n'
        "theorem t : (3 : Nat) ⊕⊕ (have : 1 = 1 := sorry; 2) = 5 := rfl\n"
        "theorem u (p : Prop) (h : p) : p ⊕⊕ True := ⟨sorry, by sorry⟩\n"
    )
    report = await fill(lean, text, "rfl", "assumption", "trivial")
    assert report.complete, [hole.reason for hole in report.holes]
    assert len(report.holes) == 4


async def test_hidden_sorries_are_counted(lean: LeanWasmEnvironment) -> None:
    report = await fill(lean, "theorem t : 1 = 2 := sorryAx _ false\n", "rfl")
    assert (report.holes, report.sorries, report.complete) == ((), 1, False)


async def test_axioms_of_the_file_are_not_verified_away(lean: LeanWasmEnvironment) -> None:
    text = "axiom oops : 1 = 2\ntheorem base : 1 = 2 := oops\ntheorem t : 1 = 2 := by sorry\n"
    report = await fill(lean, text, "exact base")
    assert not report.complete
    assert report.verification is None or "oops" in (report.verification.reason or "")


async def test_a_filling_that_breaks_the_file_is_undone(
    lean: LeanWasmEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = lean.check_file
    text = "theorem a : 1 = 1 := by sorry\ntheorem b : 2 = 2 := by sorry\n"

    async def breaks(source: Theorem, *, timeout_s: float, original: Theorem) -> object:
        bad = source.source.replace("theorem b : 2 = 2 := by rfl", "theorem b : 2 = 3 := by rfl")
        return await real(Theorem.from_text(bad), timeout_s=timeout_s)

    monkeypatch.setattr(lean, "check_file", breaks)
    report = await fill(lean, text, "rfl")
    assert [hole.filled for hole in report.holes] == [True, False]
    assert report.source == text.replace("1 = 1 := by sorry", "1 = 1 := by rfl")
    assert "breaks the file" in (report.holes[1].reason or "")


async def test_code_that_runs_in_the_file_does_no_harm(lean: LeanWasmEnvironment) -> None:
    text = '#eval 1 + 1\n#check sorry\ntheorem t : 1 = 1 := by sorry\n#eval IO.println "sorry"\n'
    report = await fill(lean, text, "rfl")
    assert [hole.filled for hole in report.holes] == [False, True]
    async with lean.open(Theorem.from_text("theorem t : True")) as session:
        (outcome,) = await session.apply(session.initial, ["trivial"], timeout_s=300)
        assert isinstance(outcome, Closed)


async def test_proof_of_several_lines_leaves_no_blank_behind(lean: LeanWasmEnvironment) -> None:
    text = "theorem t (p q : Prop) : q ∧ p ↔ p ∧ q := by\n  constructor\n  case mp => sorry\n  case mpr => sorry\n"
    generator = ScriptedPolicy(["intro g", "cases g", "constructor", "assumption"])
    report = await fill_source(text, environment=lean, generator=generator)
    assert report.complete, report
    assert any(len(hole.tactics) > 1 for hole in report.holes)
    assert [line for line in report.source.split("\n") if line != line.rstrip()] == []
