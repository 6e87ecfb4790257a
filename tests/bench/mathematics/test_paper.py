"""The paper's protocol: prompts out of its authors' files, stops, extraction, samples. The files here are made up."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from prover.bench.mathematics.benchmarks import asked
from prover.bench.mathematics.judge.rules import Rule
from prover.bench.mathematics.paper import authors_files, paper_benchmarks
from prover.errors import InstallationError, InvalidProblemSetError
from tests.bench.test_compare import serving

EXAMPLE = "Problem:\nOne?\n\nSolution:\nFinal Answer: The final answer is $1$. I hope it is correct."
SOLUTION = "\n\n# solution in Python:"
FILES = {
    "gsm8k": 'import re\nPROMPT=r"""Q: Two \\$?\nA: The answer is 2."""\nANS = re.compile("x")\n',
    "minerva_math": f'NL_PROMPT=r"""{EXAMPLE}"""\n',
    "ocw_courses": f'NL_PROMPT = r"""{EXAMPLE.replace("Final Answer", "Final answer")}"""\n',
    "hendrycks_test_cot": f'MCQA_PROMPT = r"""{EXAMPLE}"""\n',
    "math_sat_cot": f'MCQA_PROMPT = r"""{EXAMPLE}"""\n',
    "python_gsm": f"PAL_PROMPT = '''\nQ: Three?{SOLUTION}\n\n\n\n\n\nQ: {{question}}{SOLUTION}\n'''.strip() \n",
}  # fmt: skip
WORDS, PROGRAMS = paper_benchmarks(FILES), paper_benchmarks(FILES, programs=True)


def test_prompts_are_the_authors_with_the_problem_behind() -> None:
    assert WORDS["gsm8k"].prompt("Seven?", []) == "Q: Two \\$?\nA: The answer is 2.\n\nQ: Seven?\nA:"
    assert WORDS["math"].prompt("Seven?", []) == f"{EXAMPLE}\n\nProblem:\nSeven?\n\nSolution:"
    assert WORDS["ocw"].prompt("Seven?", []).endswith("correct.\n\nProblem:\nSeven?\nSolution:")
    assert PROGRAMS["gsm8k"].prompt("Seven?", []) == (
        "Q: Three?\n\n# solution in Python:\n\n\n\n\n\nQ: Seven?\n\n# solution in Python:"
    )
    assert set(PROGRAMS) == {"gsm8k"}


def test_options_stand_in_the_prompt_as_the_authors_write_them() -> None:
    (row,), _ = asked(WORDS["mmlu_stem"], [{"question": "Which?", "choices": ["1", "2", "3", "4"], "answer": 3}])
    assert row["expected"] == "D"
    assert row["problem"] == (
        "Which?\nWhat of the following is the right choice? Explain your answer.\n(A) 1, (B) 2, (C) 3, (D) 4"
    )
    (row,), _ = asked(WORDS["sat"], [{"Question": "Which?", "Possible Answers": "A) 1; B) 2", "Answer": "B"}])
    assert row["problem"].endswith("Explain your answer.\nA) 1; B) 2")
    assert row["expected"] == "B"
    assert WORDS["sat"].split == "train"


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("gsm8k", " 3 + 4 = 7. The answer is 7.", "7"),
        ("gsm8k", " The answer is -7.", ""),
        ("gsm8k", " The answer is $7.", ""),
        ("gsm8k", "#### 7", ""),
        ("ocw", "Final answer: The final answer is $t^2$. ", "$t^2$"),
        ("ocw", "Final Answer: The final answer is $t^2$. ", ""),
        ("mmlu_stem", "Final Answer: The final answer is (B). ", "B"),
        ("mmlu_stem", "Final Answer: The final answer is B. ", ""),
        ("sat", "Final Answer: The final answer is (E). ", ""),
        ("sat", "It is (B).", ""),
    ],
)
def test_only_the_authors_form_of_an_answer_is_read(name: str, text: str, answer: str) -> None:
    assert WORDS[name].answer(text) == answer


def test_samples_and_temperatures_are_those_of_the_paper() -> None:
    assert {name: (each.majority_k, each.voting_temperature) for name, each in WORDS.items()} == {
        "gsm8k": (100, 0.6), "math": (256, 0.6), "ocw": (100, 0.6), "mmlu_stem": (16, 0.3), "sat": (16, 0.3),
    }  # fmt: skip
    assert {each.stop for each in WORDS.values()} == {("\n\n",), ("I hope it is correct.",)}
    assert (WORDS["math"].rule, WORDS["gsm8k"].rule, WORDS["ocw"].rule) == (Rule.MINERVA, None, Rule.CLOSE)


@pytest.mark.eval
def test_math_is_normalised_by_minervas_rules_and_nothing_but_the_sentence_counts() -> None:
    pytest.importorskip("lm_eval", reason="extra [eval]")
    assert WORDS["math"].answer("so $x=\\boxed{5}$") == ""
    assert WORDS["math"].answer("Final Answer: The final answer is $x = 5\\text{ cm}$. ") == "5"
    (row,), _ = asked(WORDS["math"], [{"problem": "?", "solution": "\\boxed{\\frac12}"}])
    assert row["expected"] == "\\frac{1}{2}"


def test_authors_files_have_to_be_what_was_pinned(tmp_path: Path) -> None:
    pin = {"repository": "o/r", "commit": "c" * 40, "files": {"t/a.py": hashlib.sha256(b"A = 'x'\n").hexdigest()}}
    with serving({f"/o/r/{'c' * 40}/t/a.py": b"A = 'x'\n"}) as url:
        assert authors_files(tmp_path, pin=pin, files=url) == {"a": "A = 'x'\n"}
    assert authors_files(tmp_path, pin=pin, files="http://nobody.invalid") == {"a": "A = 'x'\n"}
    (path,) = tmp_path.rglob("a.py")
    path.write_text("A = 'y'\n", encoding="utf-8")
    with pytest.raises(InstallationError, match="not what was pinned"):
        authors_files(tmp_path, pin=pin, files="http://nobody.invalid")


def test_a_text_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InstallationError, match=r"gsm8k\.py has no text PROMPT"):
        paper_benchmarks({**FILES, "gsm8k": "PROMPT = print('x')\n"})


@pytest.mark.parametrize("row", [{"question": "q"}, {"question": "q", "answer": ["#### 5"]}])
def test_a_row_without_an_answer_is_an_error_there_too(row: dict[str, object]) -> None:
    with pytest.raises(InvalidProblemSetError, match="answer"):
        asked(WORDS["gsm8k"], [row])
