"""Every evaluation that asks a model, against the real vLLM engine, with a model that has learnt the answers.

The paper's mathematics: greedily, by majority, by programs; and formalisation.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("lm_eval", reason="extra [eval]: make test-eval")
pytestmark = [pytest.mark.eval, pytest.mark.filterwarnings("ignore")]  # warnings of the harness and its libraries

from prover.cli.main import cli  # noqa: E402
from prover.policies.llm.prompts.formalise import statement_prompt  # noqa: E402
from prover.policies.llm.prompts.isabelle_dsp import END  # noqa: E402
from tests.bench.mathematics.pupil import PROGRAMS, SOLUTIONS, knowing  # noqa: E402
from tests.conftest import ROOT  # noqa: E402
from tests.models.server import serving  # noqa: E402
from tests.vllm.conftest import HANGS_S, serving_vllm  # noqa: E402

DATA = ROOT / "tests" / "bench" / "mathematics" / "problems"


IN_WORDS = {
    "Adding in the other order gives the same.": ("theorem sum (a b : Nat) : a + b = b + a", "equivalent"),
    "A number times its successor is even.": ("theorem even (n : Nat) : n * (n + 1) % 2 = 0", "equivalent"),
    "Zero is the least number.": ("theorem least (n : Nat) : 0 ≤ n + 1", "not_shown"),
    "Reversing twice changes nothing.": ("theorem twice (xs : Lst Nat) : xs = xs", "does_not_compile"),
}
REFERENCES = (
    "theorem sum (x y : Nat) : x + y = y + x",
    "theorem even (n : Nat) : 2 ∣ n * (n + 1)",
    "theorem least (a b : Nat) (h : a < b) : a * a < b * b",
    "theorem twice (xs : List Nat) : xs.reverse.reverse = xs",
)


def taught(output: Path, answers: Mapping[str, str], *arguments: str) -> list[dict[str, str]]:
    """Return every prompt of an evaluation, and what to answer there."""
    with serving(knowing(answers)) as server:
        evaluated(server.url, output, *arguments)
        prompts = [body["prompt"] for _, body in server.requests]
    ends = [prompt[max(prompt.rfind("Problem:\n"), prompt.rfind("Question: ")) :] for prompt in prompts]
    known = [next(text for words, text in answers.items() if words in end) for end in ends]
    return [{"prompt": prompt, "answer": text} for prompt, text in zip(prompts, known, strict=True)]


def evaluated(url: str, output: Path, *arguments: str) -> dict[str, Any]:
    command = ["eval", *arguments, "--model", url, "--data", str(DATA), "--output", str(output)]
    result = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return dict(json.loads((output / "summary.json").read_text())["benchmarks"])


@pytest.fixture(scope="module")
def pupil(vllm_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Llama of half a million parameters that has learnt an answer to every problem by heart."""
    folder = tmp_path_factory.mktemp("pupil")
    pairs = [
        *taught(folder / "words", SOLUTIONS, "all"),
        *taught(folder / "programs", PROGRAMS, "gsm8k", "math", "--python"),
        *(
            {"prompt": statement_prompt("lean", words, "", ()), "answer": f"{statement}\n{END}"}
            for words, (statement, _) in IN_WORDS.items()
        ),
    ]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    train = ROOT / "research" / "tiny_model" / "train.py"
    sizes = ["--steps", "400", "--batch", "8", "--hidden", "128", "--layers", "2", "--vocabulary", "600"]
    subprocess.run(
        [vllm_python, train, folder / "pairs.jsonl", folder / "tiny-pupil", *sizes], check=True, timeout=HANGS_S
    )
    with serving_vllm(folder / "tiny-pupil", 4096, folder / "vllm.log") as server:
        yield server.url


def test_all_benchmarks_greedily(pupil: str, tmp_path: Path) -> None:
    found = evaluated(pupil, tmp_path, "all")
    assert set(found) == {"gsm8k", "math", "ocw", "mmlu_stem", "sat"}
    assert sum(row["total"] for row in found.values()) == 11
    assert sum(row["correct"] for row in found.values()) >= 6  # 8 of the answers that it was taught are right
    answers = [json.loads(line) for line in (tmp_path / "completions.jsonl").read_text().splitlines()]
    assert len(answers) == 11
    again = evaluated(pupil, tmp_path, "all")
    assert again == found
    assert len((tmp_path / "completions.jsonl").read_text().splitlines()) == 11  # nothing is asked twice


def test_majority_of_samples(pupil: str, tmp_path: Path) -> None:
    found = evaluated(pupil, tmp_path, "all", "--majority", "4")
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert all(len(row["answers"]) == 4 for row in rows)
    assert sum(row["correct"] for row in found.values()) >= 5


def test_programs_run_locked_down(pupil: str, tmp_path: Path) -> None:
    found = evaluated(pupil, tmp_path, "gsm8k", "math", "--python")
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert len(rows) == sum(row["total"] for row in found.values()) == 6
    ended = {row["programs"][0] for row in rows}
    assert ended <= {"ok", "out_of_time", "failed"}
    assert ended > {"ok"}  # it has learnt programs that do what they may not
    assert sum(row["correct"] for row in rows) >= 2  # four of them print the right answer


def test_formalisation_survives_a_kill(pupil: str, tmp_path: Path, installation: object) -> None:
    """Killed with -9 after the first problem, it goes on with --resume and does nothing twice."""
    problems, output = tmp_path / "words.jsonl", tmp_path / "out"
    rows = [
        {"name": words.split()[0], "split": "test", "informal": words, "statement": reference}
        for words, reference in zip(IN_WORDS, REFERENCES, strict=True)
    ]
    problems.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [sys.executable, "-m", "prover", "eval", "formalisation", str(problems), "--model", pupil]
    command += ["--answers", "2", "--temperature", "0", "--effort", "2", "--output", str(output)]
    results = output / "results.jsonl"
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    while not (results.exists() and results.read_text().endswith("\n")):
        assert process.poll() is None, "it ended before its first result"
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = [line for line in results.read_text().splitlines(keepends=True) if line.endswith("\n")]
    assert 1 <= len(before) < len(rows)
    subprocess.run([*command, "--resume"], check=True, timeout=HANGS_S)
    after = results.read_text().splitlines(keepends=True)
    assert after[: len(before)] == before
    found = {row["problem"]: row["outcome"] for row in map(json.loads, after)}
    assert found == {words.split()[0]: outcome for words, (_, outcome) in IN_WORDS.items()}
    assert json.loads((output / "summary.json").read_text())["problems"] == len(rows)
