"""`prover eval`, from the command to the figures, against a real HTTP server."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prover.bench.mathematics import paper
from prover.cli.main import cli
from tests.bench.mathematics.pupil import PROGRAMS, SOLUTIONS, knowing
from tests.bench.mathematics.test_paper import FILES
from tests.models.server import Server
from tests.models.server import serving as serving_with

pytest.importorskip("lm_eval", reason="extra [eval]: make test-eval")
pytestmark = pytest.mark.eval
DATA = Path(__file__).parent / "problems"
serving = partial(serving_with, context=1 << 20)  # room for a few-shot prompt and its answer


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")


def call(server: Server, *arguments: object) -> Any:
    data = [] if "--data" in arguments else ["--data", str(DATA)]
    command = ["eval", *map(str, arguments), "--model", server.url, *data]
    return CliRunner().invoke(cli, command, standalone_mode=False)


def lines(folder: Path) -> dict[str, dict[str, Any]]:
    rows = map(json.loads, (folder / "results.jsonl").read_text().splitlines())
    return {f"{row['benchmark']}/{row['name']}": row for row in rows}


@pytest.mark.filterwarnings("ignore")  # of the harness and its libraries
def test_benchmarks_are_asked_scored_and_put_beside_the_published_ones(tmp_path: Path) -> None:
    with serving(knowing(SOLUTIONS)) as server:
        result = call(server, "all", "--output", tmp_path)
        assert result.exception is None, result.output
        asked = [body for _, body in server.requests]
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert {name: (c["correct"], c["total"]) for name, c in summary["benchmarks"].items()} == {
        "gsm8k": (2, 3), "math": (2, 3), "ocw": (2, 2), "mmlu_stem": (1, 2), "sat": (1, 1),
    }  # fmt: skip
    assert summary["benchmarks"]["math"]["by_level"]["Level 1"]["correct"] == 2
    assert {row["correct"] for name, row in lines(tmp_path).items() if name in {"gsm8k/1", "math/2"}} == {False}
    assert all(body["temperature"] == 0 and body["n"] == 1 for body in asked)
    few_shot = next(body["prompt"] for body in asked if "A train has" in body["prompt"])
    assert few_shot.count("Question: ") == 6
    assert few_shot.endswith("can be used?\nAnswer:")
    assert "Llemma 34B" in result.output
    assert "51.5" in result.output
    assert "66.7" in result.output


@pytest.mark.filterwarnings("ignore")
def test_majority_asks_once_for_all_samples_and_goes_on_where_it_was(tmp_path: Path) -> None:
    with serving(knowing(SOLUTIONS, wrong=2)) as server:
        result = call(server, "gsm8k", "--majority", 5, "--output", tmp_path)
        assert result.exception is None, result.output
        assert [body["n"] for _, body in server.requests] == [5, 5, 5]
        assert {body["temperature"] for _, body in server.requests} == {0.6}
        assert call(server, "gsm8k", "--majority", 5, "--output", tmp_path).exception is None
        assert len(server.requests) == 3
    counts = json.loads((tmp_path / "summary.json").read_text())["benchmarks"]["gsm8k"]
    assert (counts["correct"], counts["single"]) == (2, 0.4)
    assert lines(tmp_path)["gsm8k/0"]["answers"] == ["945", "945", "945", "0", "1"]
    assert "maj@100, here maj@5" in " ".join(result.output.split())


@pytest.mark.filterwarnings("ignore")
def test_programs_run_in_the_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(knowing(PROGRAMS)) as server:
        result = call(server, "gsm8k", "math", "--python", "--workers", 2, "--output", tmp_path)
    assert result.exception is None, result.output
    rows = lines(tmp_path)
    assert {name: (row["correct"], row["programs"][0]) for name, row in rows.items()} == {
        "gsm8k/0": (True, "ok"),
        "gsm8k/1": (True, "ok"),
        "gsm8k/2": (False, "out_of_time"),
        "math/0": (True, "ok"),
        "math/1": (False, "failed"),
        "math/2": (True, "ok"),
    }
    assert "GSM8k+Python" in result.output


@pytest.mark.filterwarnings("ignore")
def test_a_prompt_that_was_too_long_is_asked_again(tmp_path: Path) -> None:
    short = True

    def behave(path: str, body: dict[str, Any]) -> Any:
        if short and "rope of 45" in body["prompt"][-200:]:
            message = "This model's maximum context length is 100 tokens. However, you requested 200 tokens"
            return 400, {"error": {"message": message, "type": "BadRequestError", "code": 400}}
        return knowing(SOLUTIONS)(path, body)

    with serving(behave) as server:
        result = call(server, "gsm8k", "--output", tmp_path)
        assert result.exception is None, result.output
        assert "1 prompt too long" in result.output
        short = False
        again = call(server, "gsm8k", "--output", tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["prompts_too_long"], summary["answers_reused"]) == (0, 2)
    assert summary["benchmarks"]["gsm8k"]["correct"] == 2
    assert "2 problems not asked again" in again.output


@pytest.mark.filterwarnings("ignore")
def test_rows_without_an_answer_are_refused_and_said(tmp_path: Path) -> None:
    rows = [
        {"problem": "Simplify $\\sqrt{18}$.", "solution": "\\fbox{$3\\sqrt{2}$}"},
        {"problem": "?", "solution": "none"},
    ]
    (tmp_path / "math").mkdir()
    (tmp_path / "math" / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with serving(knowing(SOLUTIONS)) as server:
        result = call(server, "math", "--output", tmp_path / "out", "--data", tmp_path)
    assert result.exception is None, result.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["benchmarks"]["math"]["total"] == summary["benchmarks"]["math"]["correct"] == 1
    assert summary["rows_refused"] == {"math": ["1"]}
    assert "math: 1 row without an answer refused: 1" in result.output


@pytest.mark.filterwarnings("ignore")
def test_the_papers_protocol_has_its_authors_prompts_and_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin: dict[str, Any] = {"repository": "o/r", "commit": "c" * 40, "files": {}}
    folder = tmp_path / "cache" / "prompts" / ("c" * 12)
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / f"{name}.py").write_text(text)
        pin["files"][f"{name}.py"] = hashlib.sha256(text.encode()).hexdigest()
    (tmp_path / "pin.json").write_text(json.dumps(pin))
    monkeypatch.setattr(paper, "PIN", tmp_path / "pin.json")
    monkeypatch.setenv("PROVER_CACHE_DIR", str(tmp_path / "cache"))
    spoken = {**SOLUTIONS, "A train has 12 cars": " 960 - 15. The answer is 945. \n\nQ: more"}
    with serving(knowing(spoken)) as server:
        result = call(
            server, "gsm8k", "math", "mmlu_stem", "--protocol", "paper-majority", "--output", tmp_path / "out"
        )
        assert result.exception is None, result.output
        asked = {body["prompt"][-40:]: body for _, body in server.requests}
    assert {(body["n"], body["temperature"]) for body in asked.values()} == {(100, 0.6), (256, 0.6), (16, 0.3)}
    assert all(body["prompt"].startswith(("Q: Two", "Problem:\nOne?")) for body in asked.values())
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["samples_of"] == {"gsm8k": 100, "math": 256, "mmlu_stem": 16}
    assert {name: count["correct"] for name, count in summary["benchmarks"].items()} == {
        "gsm8k": 1, "math": 2, "mmlu_stem": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["sat", "--python"], "--python is for gsm8k and math"), (["gsm8k", "--shots"], "problem")],
)
def test_bad_input_is_told(arguments: list[str], message: str, tmp_path: Path) -> None:
    if arguments[-1] == "--shots":
        (tmp_path / "shots.jsonl").write_text('{"question": "q"}\n')
        arguments = [*arguments, str(tmp_path / "shots.jsonl")]
    with serving(knowing({})) as server:
        result = call(server, *arguments)
    assert result.return_value == 2 or "--python" in str(result.exception)
    assert message in result.output + str(result.exception)


@pytest.mark.filterwarnings("ignore")
def test_any_text_is_kept_and_a_file_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    odd = {**SOLUTIONS, "A train has 12 cars": " a\u2028b\x85c\n#### 945", "Rosa picks 1,200": "#### ½"}
    with serving(knowing(odd)) as server:
        assert call(server, "gsm8k", "--output", tmp_path).exception is None
        kept = tmp_path / "completions.jsonl"
        kept.write_bytes(kept.read_bytes()[:-3] + "é".encode()[:1])
        for asked in (4, 4):
            assert call(server, "gsm8k", "--output", tmp_path).exception is None
            assert len(server.requests) == asked
        broken = [line for line in kept.read_text(errors="replace").split("\n") if not line.endswith("}")]
        assert len(broken) == 2  # what was cut off, and nothing behind the last line
    assert lines(tmp_path)["gsm8k/0"]["correct"]


def test_a_row_that_is_no_row_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "gsm8k").mkdir()
    for text in ("5\n", "[1, 2]\n", '"q"\n', "\x00\n", "", '{"question": ["q"], "answer": "#### 5"}\n'):
        (tmp_path / "gsm8k" / "test.jsonl").write_text(text)
        with serving(knowing(SOLUTIONS)) as server:
            result = call(server, "gsm8k", "--output", tmp_path / "out", "--data", tmp_path)
            assert (result.exception, result.return_value, server.requests) == (None, 2, []), (text, result.output)
