"""`prover grade`: the verdict as an exit status, and what was compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from prover.cli.main import cli

pytest.importorskip("math_verify", reason="extra [grade]")


def grade(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["grade", *arguments], standalone_mode=False)


@pytest.mark.parametrize(
    ("benchmark", "gold", "answer", "status"),
    [
        ("math", "3\\frac12", "3.5", 0),
        ("math", "so \\fbox{5}", "Final Answer: The final answer is $5$. I hope it is correct.", 0),
        ("math", "12", "1 2", 1),
        ("math", "12", "who knows", 1),
        ("math", "", "5", 2),
        ("math", "5", "", 2),
        ("math", "5", "a long text\nwithout an answer", 2),
        ("gsm8k", "29", "29 in all.\n#### \\$29", 0),
        ("gsm8k", "12 + 17 = 29\n#### 29", "29", 0),
        ("gsm8k", "29", "#### 28", 1),
        ("gsm8k", "29", "#### none", 2),
        ("ocw", "12 \\mathrm{~cm}", "12", 0),
        ("ocw", "1.6e-19", "0", 1),
        ("mmlu_stem", "C", "I think (C)", 0),
        ("mmlu_stem", "2", "C", 0),
        ("sat", "(B)", "Final Answer: The final answer is (A). I hope it is correct.", 1),
        ("sat", "B", "no letter", 2),
        ("sat", "²", "B", 2),
        ("math", "5", "The answer is $5$.", 0),
    ],
)
def test_status_says_the_verdict(benchmark: str, gold: str, answer: str, status: int) -> None:
    result = grade(benchmark, "--gold", gold, "--answer", answer)
    assert (result.exception, result.return_value) == (None, status), result.output
    assert result.output.startswith(("correct", "wrong", "unreadable")[status])


def test_it_says_what_it_compared() -> None:
    result = grade(
        "math", "--gold", "52_8", "--answer", "Well.\nFinal Answer: The final answer is $528$. I hope it is correct."
    )
    assert "52_8   read as 52 in base 8" in result.output
    assert "$528$   read as 528" in result.output
    data = json.loads(grade("math", "--gold", "52_8", "--answer", "528", "--json").output)
    assert data == {
        "verdict": "wrong", "gold": "52_8", "answer": "528", "gold_read": "52 in base 8", "answer_read": "528",
        "reason": "",
    }  # fmt: skip


def test_programs_are_text_or_files(tmp_path: Path) -> None:
    assert grade("math", "--gold", "x=4", "--program", "print(2 + 2)").return_value == 0
    file = tmp_path / "answer.py"
    file.write_text("```python\nprint(5)\n```\n", encoding="utf-8")
    assert grade("math", "--gold", "4", "--program", str(file)).return_value == 1
    assert "there is no file" in str(grade("math", "--gold", "4", "--program", str(tmp_path / "none.py")).exception)
    silent = grade("gsm8k", "--gold", "4", "--program", "1 / 0")
    assert silent.return_value == 2
    assert "ZeroDivisionError" in silent.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["math", "--gold", "4"], "either --answer or --program"),
        (["math", "--gold", "4", "--answer", "4", "--program", "4"], "either --answer or --program"),
        (["sat", "--gold", "A", "--program", "print('A')"], "--program is for gsm8k and math"),
    ],
)
def test_bad_use_is_told(arguments: list[str], message: str) -> None:
    assert message in str(grade(*arguments).exception)
