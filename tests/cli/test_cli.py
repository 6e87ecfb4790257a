"""The command line as a user types it: real processes, real Lean, exit statuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest

from prover.core.record import StopReason
from prover.search.trace import SearchTree
from tests.conftest import HUNG_S, ROOT
from tests.models.server import Answer, answer, serving

pytestmark = pytest.mark.usefixtures("installation")
COMMUTES = "theorem t (a b : Nat) : a + b = b + a"


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "prover", *arguments],
        input=stdin, capture_output=True, text=True, timeout=HUNG_S, env=os.environ | environment, check=False,
    )  # fmt: skip


def test_prove_prints_the_proof_on_standard_output() -> None:
    result = run("prove", COMMUTES)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"{COMMUTES} := by\n  ")
    assert result.stderr.startswith("proved t ")
    assert "tier E" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_proof_that_cannot_be_written_is_printed_all_the_same() -> None:
    result = run("prove", COMMUTES, "--output", "/dev/full")
    assert result.returncode == 2
    assert result.stdout.startswith(f"{COMMUTES} := by\n  ")
    assert "/dev/full cannot be written: No space left on device" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_standard_output_on_a_full_disk_is_named() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "prover", "verify", "--help"]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 3
    assert result.stderr == "error: standard output, or a temporary file: No space left on device\n"


def test_json_record_on_standard_output_and_nothing_else() -> None:
    result = run("prove", COMMUTES, "--json", "--seed", "3")
    record = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (0, "")
    assert record["proved"] is True
    assert record["seed"] == 3
    assert record["verification"]["accepted"] is True
    assert record["verification"]["tier"] == "E"
    assert record["environment"].startswith("lean4@4.28.0-pre")
    assert record["schema_version"] == 1


def test_written_proof_verifies_against_its_statement(tmp_path: Path) -> None:
    statement, proved = tmp_path / "statement.lean", tmp_path / "proved.lean"
    statement.write_text(
        "import Std\ndef twice (n : Nat) := n + n\ntheorem t (n : Nat) : twice n = 2 * n := by sorry\n"
    )
    result = run("prove", "--file", str(statement), "--output", str(proved), "--policy", "scripted:unfold twice;;omega")
    assert result.returncode == 0, result.stderr
    assert run("verify", str(proved), "--against", str(statement)).returncode == 0
    assert run("verify", str(proved)).returncode == 0


def test_statement_from_standard_input() -> None:
    assert run("prove", "--file", "-", stdin="theorem t : 2 + 2 = 4").returncode == 0


def test_false_statement_is_refuted() -> None:
    result = run("prove", "theorem t (p : Prop) : p")
    assert result.returncode == 1
    assert result.stderr.startswith("refuted t   false for p = False ")
    assert "theorem refutation (statement : type_of% @_root_.t) : _root_.False := by" in result.stdout


def test_false_statement_is_not_proved() -> None:
    result = run("prove", "theorem t (p : Prop) : p", "--no-refute", "--effort", "2")
    assert result.returncode == 1
    assert result.stderr.startswith("not proved t ")
    assert result.stdout == ""


def test_refuting_alone() -> None:
    result = run("refute", "theorem t (a b : Nat) : a - b + b = a", "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["refutation"]["counterexample"] == {"a": "0", "b": "1"}
    result = run("refute", COMMUTES, "--effort", "0.5")
    assert result.returncode == 1
    assert result.stderr.startswith("not refuted ")


def test_theorem_that_says_nothing_is_proved_and_called_vacuous() -> None:
    statement = "theorem t (n : Nat) (h : n < 3) (k : 5 < n) : n = 17"
    result = run("prove", statement)
    assert result.returncode == 0
    assert result.stderr.startswith("proved t ")
    assert "vacuous   the hypotheses are contradictory" in result.stderr
    result = run("refute", statement, "--json")
    assert result.returncode == 1
    answer = json.loads(result.stdout)
    assert answer["refutation"] is None
    assert answer["contradiction"]["verification"]["accepted"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["prove"], "STATEMENT or --file"),
        (["prove", COMMUTES, "--file", "x"], "STATEMENT or --file"),
        (["prove", "--file", "no-such-file.lean"], "cannot be read"),
        (["prove", "--file", "."], "cannot be read"),
        (["prove", "statement.lean"], "is the name of a file; give --file statement.lean"),
        (["refute", "statement.lean"], "is the name of a file; give --file statement.lean"),
        (["prove", COMMUTES, "--policy", "magic"], "there is no policy 'magic'"),
        (["prove", COMMUTES, "--expansions", "0"], "--expansions"),
        (["prove", COMMUTES, "--timeout", "-1"], "a number of seconds above 0, at most 604,800"),
        (["prove", COMMUTES, "--timeout", "inf"], "a number of seconds above 0, at most 604,800"),
        (["prove", COMMUTES, "--effort", "nan"], "a number of units above 0, at most 604,800"),
        (["prove", COMMUTES, "--tactic-effort", "much"], "a number of units above 0, at most 604,800"),
        (["prove", COMMUTES, "--tree", "no-such-folder/tree.html"], "cannot be written"),
        (["prove", COMMUTES, "--trace", "."], "cannot be written"),
        (["prove", ""], "the statement is empty"),
        (["prove", "theorem t : 1 = \x01"], "control character U+0001"),
        (["prove", "theorem t : foo 1 = 2"], "line 1, column 13"),
        (["verify", "no-such-file.lean"], "cannot be read"),
        (["nonsense"], "No such command"),
        (["setup", "--imports", "a b,;"], "not a list of modules"),
    ],
)
def test_bad_input_gets_a_sentence_and_status_2(arguments: list[str], says: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2, result.stderr
    assert says in result.stderr
    assert sum(line.startswith("error: ") for line in result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr


def test_search_is_written_as_page_and_as_data(tmp_path: Path) -> None:
    page, data = tmp_path / "tree.html", tmp_path / "trace.json"
    result = run("prove", COMMUTES, "--tree", str(page), "--trace", str(data))
    assert result.returncode == 0, result.stderr
    assert f"written to {page}" in result.stderr
    tree = SearchTree.model_validate_json(data.read_text())
    assert tree.proof is not None
    assert tree.record is not None
    assert tree.record.proved
    assert "⊢ a + b = b + a" in tree.nodes[0].goals[0]
    assert "⊢ a + b = b + a" in page.read_text()


def test_search_without_a_proof_is_written_too(tmp_path: Path) -> None:
    data = tmp_path / "trace.json"
    result = run("prove", "theorem t (p : Prop) : p", "--json", "--effort", "2", "--trace", str(data))
    assert (result.returncode, result.stderr) == (1, "")
    tree = SearchTree.model_validate_json(data.read_text())
    assert tree.proof is None
    assert any(attempt.message for attempt in tree.nodes[0].attempts)


def test_bad_statement_leaves_no_page(tmp_path: Path) -> None:
    old, new = tmp_path / "old.html", tmp_path / "new.html"
    old.write_text("as it was")
    for path in (old, new):
        assert run("prove", "theorem t : foo", "--tree", str(path)).returncode == 2
    assert old.read_text() == "as it was"
    assert not new.exists()


def test_error_shows_the_line_and_a_caret() -> None:
    result = run("prove", "theorem t (n : Nat) :\n    n = foo n")
    assert "line 2, column 9" in result.stderr
    assert "      n = foo n\n          ^" in result.stderr


def test_bad_statement_as_json() -> None:
    result = run("prove", "theorem t (x : ℝ) : x = x", "--json")
    answer = json.loads(result.stdout)
    assert result.returncode == 2
    assert answer["error"] == "invalid_theorem"
    assert "Mathlib" in answer["hint"]
    assert answer["messages"][0]["line"] == 1


def test_file_that_is_not_utf8_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "x.lean").write_bytes(b"theorem t : \xff\xfe")
    for command in ("verify", "prove"):
        arguments = [command, "--file"] if command == "prove" else [command]
        result = run(*arguments, str(tmp_path / "x.lean"))
        assert result.returncode == 2
        assert "UTF-8" in result.stderr


def test_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.lean").write_bytes("\ufefftheorem t :\r\n  1 = 1 := rfl\r\n".encode())
    assert run("verify", str(tmp_path / "x.lean")).returncode == 0


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        ("theorem a : 1 = 1 := rfl\nexample : 2 = 2 := by decide", 0, "accepted"),
        ("theorem a : 1 = 1 := by sorry", 1, "sorry"),
        ("theorem a : 1 = 2 := by decide", 1, "line 1, column 25"),
        ("axiom oops : 1 = 2\ntheorem a : 1 = 2 := oops", 1, "axiom oops"),
        ("theorem a : 10 ^ 5 % 7 = 5 := by native_decide", 1, "compiled code"),
        ("def f := 1", 1, "no theorem"),
        ("", 1, "empty"),
        ("theorem a : 1 = 1 := rfl\x00", 1, "U+0000"),
    ],
)
def test_verify_gives_its_verdict(text: str, status: int, says: str) -> None:
    result = run("verify", "-", stdin=text)
    assert (result.returncode, says in result.stderr) == (status, True), result.stderr


def test_verify_prints_an_error_once_and_what_to_do() -> None:
    result = run("verify", "-", stdin="theorem a (n : Nat) : 0 ≤ n := by positivity")
    assert result.returncode == 1
    assert result.stderr.count("unknown tactic") == 1
    assert result.stderr.splitlines()[-1].startswith("rejected")
    assert "prover setup --mathlib" in result.stderr


def test_verify_json_has_verdict_messages_and_axioms() -> None:
    result = run("verify", "-", "--json", stdin="theorem a (p q : Prop) (h : p ↔ q) : p = q := propext h\n#check a")
    verdict = json.loads(result.stdout)
    assert verdict["verdict"] == "accepted"
    assert verdict["axioms"] == ["propext"]
    assert verdict["tier"] == "E"
    assert verdict["messages"][0]["severity"] == "info"


AGAINST = [
    ("same", "theorem t : 1 = 1 := by sorry", "theorem t : 1 = 1 := rfl", 0),
    ("helper lemmas are welcome", "theorem t : 1 = 1", "theorem h : 1 = 1 := rfl\ntheorem t : 1 = 1 := h", 0),
    ("other statement", "theorem t : 1 = 1 := by sorry", "theorem t : 2 = 2 := rfl", 1),
    ("other name", "theorem t : 1 = 1 := by sorry", "theorem u : 1 = 1 := rfl", 1),
    ("still sorry", "theorem t : 1 = 1 := by sorry", "theorem t : 1 = 1 := by sorry", 1),
    ("other definition", "def f := 1\ntheorem t : f = f", "def f := 2\ntheorem t : f = f := rfl", 1),
    ("other import", "theorem t : 1 = 1", "import Std\ntheorem t : 1 = 1 := rfl", 1),
    ("statement is no statement", "theorem t : 1 =", "theorem t : 1 = 1 := rfl", 2),
    ("statement has a proof", "theorem t : 1 = 1 := rfl", "theorem t : 1 = 1 := rfl", 2),
    ("one of two", "theorem t : 1 = 1 := sorry\ntheorem u : 2 = 2 := sorry", "theorem t : 1 = 1 := rfl", 1),
]


@pytest.mark.parametrize(
    ("statement", "proof", "status"), [row[1:] for row in AGAINST], ids=[row[0] for row in AGAINST]
)
def test_verify_against_a_statement(statement: str, proof: str, status: int, tmp_path: Path) -> None:
    (tmp_path / "statement.lean").write_text(statement)
    result = run("verify", "-", "--against", str(tmp_path / "statement.lean"), stdin=proof)
    assert result.returncode == status, result.stderr


def test_verify_shows_what_fills_an_open_definition(tmp_path: Path) -> None:
    (tmp_path / "statement.lean").write_text("abbrev answer : Nat := sorry\ntheorem t : answer = 3 * 7 := by sorry\n")
    proof = "abbrev answer : Nat := 3 * 7\ntheorem t : answer = 3 * 7 := rfl\n"
    arguments = ["verify", "-", "--against", str(tmp_path / "statement.lean")]
    result = run(*arguments, stdin=proof)
    assert result.returncode == 0, result.stderr
    assert "answer := 3 * 7" in result.stderr
    verdict = json.loads(run(*arguments, "--json", stdin=proof).stdout)
    assert verdict["definitions"] == [{"name": "answer", "value": "3 * 7"}]


@pytest.mark.parametrize("skipped", ["", "set_option debug.skipKernelTC true in\n"], ids=["elaborator", "kernel"])
def test_proof_that_runs_out_of_time_is_not_said_to_be_wrong(skipped: str) -> None:
    text = f"{skipped}theorem t : (List.range 300000).foldl (fun a b => (a + b) % 1000) 0 = 0 := by decide +kernel"
    result = run("verify", "-", "--timeout", "4", stdin=text)
    assert result.returncode == 3
    assert result.stderr.startswith("timed out")
    assert "rejected" not in result.stderr
    assert "--timeout" in result.stderr


def test_missing_lean_is_a_machine_fault_with_the_command_that_helps(tmp_path: Path) -> None:
    result = run("prove", COMMUTES, PROVER_CACHE_DIR=str(tmp_path))
    assert result.returncode == 3
    assert "run: prover setup" in result.stderr


def test_doctor_finds_all_well() -> None:
    result = run("doctor")
    assert result.returncode == 0, result.stdout
    assert "`theorem doctor : 2 + 2 = 4` verified" in result.stdout
    for extra in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]:
        assert f"[{extra}]" in result.stdout or extra in {"dev", "browser", "clients", "research", "deploy"}


def test_doctor_says_what_mends(tmp_path: Path) -> None:
    result = run("doctor", "--json", PROVER_CACHE_DIR=str(tmp_path), PROVER_CASHE_DIR="x")
    assert result.returncode == 3
    wrong = {finding["name"]: finding for finding in json.loads(result.stdout)["findings"] if not finding["ok"]}
    assert wrong["lean"]["mend"] == "prover setup"
    assert "PROVER_CASHE_DIR" in wrong["settings"]["text"]


@pytest.mark.parametrize("url", ["none", "small"])
def test_doctor_knows_models_that_no_server_has(url: str) -> None:
    findings = json.loads(run("doctor", "--json", PROVER_MODEL__URL=url).stdout)["findings"]
    (found,) = [finding for finding in findings if finding["name"] == "model"]
    assert found["ok"], found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupt_is_prompt_and_tidy(number: signal.Signals, tmp_path: Path) -> None:
    asked, over = threading.Event(), threading.Event()

    def think(path: str, body: dict[str, Any]) -> Answer:
        asked.set()  # by a search that is under way
        over.wait()
        return answer()

    trace = tmp_path / "t.json"
    command = [sys.executable, "-m", "prover", "prove", COMMUTES, "--policy", "model", "--timeout", "86400"]
    with serving(think) as model:
        with subprocess.Popen(
            [*command, "--model", model.url, "--trace", str(trace)], stderr=subprocess.PIPE, text=True
        ) as process:
            assert asked.wait(HUNG_S)
            process.send_signal(number)
            assert process.stderr is not None
            said = process.stderr.read()
            assert process.wait(timeout=HUNG_S) == 130
        over.set()
    assert "cancelled" in said
    tree = SearchTree.model_validate_json(trace.read_text())
    assert tree.record is not None
    assert tree.record.search.stop is StopReason.CANCELLED


def test_help_names_every_command() -> None:
    result = run("--help")
    assert result.returncode == 0
    for command in ("prove", "verify", "fill", "setup", "doctor"):
        assert f"  {command} " in result.stdout
        assert run(command, "--help").returncode == 0


def test_five_lines_of_python() -> None:
    code = f"from prover import prove\nrecord = prove({COMMUTES!r})\nprint(record.proved, record.search.tactics)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=HUNG_S)
    assert result.stdout.startswith("True (")


def test_bad_setting_is_named() -> None:
    result = run("prove", COMMUTES, PROVER_LEAN_HEARTBEATS="many")
    assert result.returncode == 2
    assert "lean_heartbeats" in result.stderr
    assert "Traceback" not in result.stderr
