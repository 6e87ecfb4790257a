"""`prover eval`, from the command to the figures, against a real HTTP server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prover.cli.main import cli
from tests.bench.mathematics.pupil import PROGRAMS, SOLUTIONS, knowing
from tests.models.server import Server, serving

pytest.importorskip("lm_eval", reason="extra [eval]: make test-eval")
pytestmark = pytest.mark.eval
DATA = Path(__file__).parent / "problems"


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")


def call(server: Server, *arguments: object) -> Any:
    command = ["eval", *map(str, arguments), "--model", server.url, "--data", str(DATA)]
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
    assert "maj@100" in result.output


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
