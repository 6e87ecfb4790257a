"""The protocol of the Llemma paper: its authors' prompts, stops, ways to read answers, numbers of samples.

The prompts are not ours and not part of this package. They are taken, as text, out of the authors' files at one commit,
which are fetched once and have to have the right digest. Source: wellecks/lm-evaluation-harness, lm_eval/tasks.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from prover.bench.mathematics.answers import MISSING
from prover.bench.mathematics.benchmarks import PROGRAMS, WORDS, Benchmark, Row, options, question, text_of
from prover.bench.mathematics.judge.rules import Rule
from prover.bench.pinned import FILES, Pins, pinned_files
from prover.errors import InstallationError

PIN = Path(__file__).with_name("authors.json")
END = "I hope it is correct."
ASKED = "What of the following is the right choice? Explain your answer."
_NUMBER = re.compile(r"The answer is (\d+)")
_HASHES = re.compile(r"#### (-?[0-9.,]+)")
_CHOICE = re.compile(r"Final Answer: The final answer is \(([ABCD])\).")


def authors_files(cache_dir: Path, *, pin: Pins | None = None, files: str = FILES) -> dict[str, str]:
    """Return the authors' files by name, fetched if they are not there.

    Raises:
        InstallationError: they cannot be fetched, or are not what was pinned.
    """
    return pinned_files(pin or json.loads(PIN.read_text(encoding="utf-8")), cache_dir / "prompts", files=files)


def paper_benchmarks(files: Mapping[str, str], *, programs: bool = False) -> dict[str, Benchmark]:
    """Return the benchmarks as the authors ran them. `files`: theirs by name, see `authors_files`."""
    if programs:
        few_shot, between = _text(files, "python_gsm", "PAL_PROMPT").split("Q: {question}")
        return {
            "gsm8k": replace(
                PROGRAMS["gsm8k"], few_shot=few_shot.rstrip("\n"), before="\n\n\n\nQ: ", between=between, stop=("Q:",),
                after="\nprint(solution())",
            )
        }  # fmt: skip
    minerva = _closing("Final Answer: The final answer is")
    return {
        "gsm8k": replace(
            WORDS["gsm8k"], few_shot=_text(files, "gsm8k", "PROMPT"), before="Q: ", between="\nA:", stop=("\n\n",),
            expected=_gold_number, answer=_number, rule=None,
        ),
        "math": replace(
            WORDS["math"], few_shot=_text(files, "minerva_math", "NL_PROMPT"), stop=(END,), rule=Rule.MINERVA,
            expected=lambda row: _normal(WORDS["math"].expected(row)), answer=lambda text: _normal(minerva(text)),
        ),
        "ocw": replace(
            WORDS["ocw"], few_shot=_text(files, "ocw_courses", "NL_PROMPT"), stop=(END,), between="\nSolution:",
            answer=_closing("Final answer: The final answer is"),
        ),
        "mmlu_stem": _of_choices("mmlu_stem", _text(files, "hendrycks_test_cot", "MCQA_PROMPT")),
        "sat": _of_choices("sat", _text(files, "math_sat_cot", "MCQA_PROMPT")),
    }  # fmt: skip


def _of_choices(name: str, few_shot: str) -> Benchmark:
    return replace(
        WORDS[name],
        few_shot=few_shot,
        problem=_with_options,
        between="\nSolution:",
        stop=(END,),
        answer=_choice,
        voting_temperature=0.3,
    )


def _text(files: Mapping[str, str], file: str, name: str) -> str:
    """Return the text that a file of theirs assigns to a name. Nothing of it is run."""
    for node in ast.parse(files[file]).body:
        match node:
            case ast.Assign([ast.Name(found)], ast.Constant(str() as text)) if found == name:
                return text
            case ast.Assign([ast.Name(found)], ast.Call(ast.Attribute(ast.Constant(str() as text)))) if found == name:
                return text.strip()
    raise InstallationError(f"{file}.py has no text {name}")


def _closing(sentence: str) -> Callable[[str], str]:
    """Return what reads the answer in a closing sentence: nothing else counts, and it stands on one line."""
    pattern = re.compile(re.escape(sentence) + r"(.*?). " + re.escape(END))

    def answer(text: str) -> str:
        found = pattern.search(text + END)
        return found[1].strip() if found else MISSING

    return answer


def _number(text: str) -> str:
    found = _NUMBER.search(text)
    return found[1] if found else MISSING


def _gold_number(row: Row) -> str:
    found = _HASHES.search(text_of(row, "answer"))
    return found[1].replace(",", "") if found else MISSING


def _choice(text: str) -> str:
    found = _CHOICE.search(text)
    return found[1] if found else MISSING


def _with_options(row: Row) -> str:
    """Return question, the authors' sentence, and the options: a data set's own text, or `(A) ..., (B) ...`."""
    choices = options(row)
    if not isinstance(choices, str):
        choices = ", ".join(f"({letter}) {choice}" for letter, choice in zip("ABCD", choices, strict=False))
    return f"{question(row)}\n{ASKED}\n{choices}" if choices else f"{question(row)}\n{ASKED}"


def _normal(answer: str) -> str:
    """Return an answer by Minerva's rules, which lm-evaluation-harness has."""
    from lm_eval.tasks.minerva_math.utils import normalize_final_answer

    return str(normalize_final_answer(answer)) if answer else MISSING
