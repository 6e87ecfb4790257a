"""Reading answers out of texts."""

from __future__ import annotations

import pytest

from prover.bench.mathematics.answers import choice_in, final_answer, final_choice, hashed_number, last_box, last_line
from prover.bench.mathematics.benchmarks import PROGRAMS, WORDS, asked
from prover.errors import InvalidProblemSetError

SENTENCE = "So it is.\nFinal Answer: The final answer is {}. I hope it is correct."


def test_answers_are_read_out_of_texts() -> None:
    assert final_answer(SENTENCE.format("$3.5$")) == "$3.5$"
    assert final_answer("so $x = \\boxed{\\frac{1}{2}}$.") == "\\frac{1}{2}"
    assert final_choice(SENTENCE.format("(C)")) == "C"
    assert final_choice("The answer is A") == ""
    assert final_answer("**Final Answer:**\nThe final answer is $5$.") == "$5$"
    assert final_answer("Final Answer: The final answer is $5$.\n\nHere is another one.") == "$5$"
    assert final_answer("<think>Final Answer: The final answer is $4$.</think>\\boxed{5}") == "5"
    assert last_line("1\n 2 \n\n") == "2"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It is 7.\n#### $1,234.", "1234"),
        ("It is 7.", ""),
        (r"#### \$29", "29"),
        ("#### **29**", "29"),
        ("#### - 5", "-5"),
        ("#### −5", "-5"),
        ("#### $-5", "-5"),
        ("#### -$5", "-5"),
        ("####29", "29"),
        (r"#### \boxed{29}", "29"),
        ("#### $29$", "29"),
        ("#### 29 dollars", "29"),
        ("#### 5 + 24 = 29", "29"),
        ("#### x = **-3**", "-3"),
        ("#### 1/2", "1/2"),
        ("#### 0.50", "0.50"),
        ("#### .5", ".5"),
        ("#### twenty-nine", "29"),
        ("#### 12%", "12"),
        ("#### 7\nno\n#### 8", "8"),
        ("#### 1 000", "1000"),
        ("#### 1{,}000", "1000"),
        ("####\n29", "29"),
        ("#### $29.00", "29.00"),
        ("#### USD 29", "29"),
        ("#### I do not know", ""),
        ("#### minus 5", "-5"),
        ("#### Rs.500", "500"),
        ("#### 5 in 2 days", "5"),
        ("#### a 20-year-old", "20"),
        ("#### 5 =", "5"),
        ("#### 10^3", "10^3"),
        ("#### 5 million", "5 million"),
        ("#### 1e3", "1e3"),
        ("#### 5 or 6", "5 or 6"),
        ("#### 1,2,3", "1,2,3"),
        ("#### 2½", "2½"),
        ("#### **2 1/2**", "2 1/2"),
        ("#### $\\frac{1}{2}$", "$\\frac{1}{2}$"),
    ],
)
def test_number_behind_the_hashes(text: str, number: str) -> None:
    assert hashed_number(text) == number


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("I think (C)", "C"),
        ("I think it is C.", "C"),
        ("I am sure: B", "B"),
        ("(A)", "A"),
        ("A", "A"),
        ("a", "A"),
        ("b)", "B"),
        ("Ｂ", "B"),
        ("B, since A is too small", "B"),
        ("B) A and C", "B"),
        ("A is correct", "A"),
        ("The answer is (D), not (A)", "D"),
        ("(C) is wrong; (D)", "D"),
        ("(A) and (B)", ""),
        ("A or B", ""),
        ("(A), (B)", ""),
        ("both A and B", ""),
        ("neither (A) nor (B)", ""),
        ("not A", ""),
        (r"\boxed{D}", "D"),
        (r"\text{(B)}", "B"),
        (r"$\textbf{(B)}\ 12$", "B"),
        ("**B**", "B"),
        ("B. oxygen", "B"),
        ("(c)", "C"),
        ("f(a) is smallest for (b)", "B"),
        ("C: 12", "C"),
        ("(C) because (A) is too small", "C"),
        ("not (A) but (D)", "D"),
        ("A triangle has three sides, so C", "C"),
        ("option B", "B"),
        ("I", "I"),
        ("I do not know", ""),
        ("Amsterdam", ""),
        ("", ""),
    ],
)
def test_letter_of_a_choice(text: str, letter: str) -> None:
    assert choice_in(text) == letter
    if text:
        assert final_choice(SENTENCE.format(text)) == letter


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        (r"\boxed{1} and \boxed{a{b}c", ""),
        (r"so \boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"so \fbox{5}", "5"),
        (r"so $x = \boxed 5$.", "5"),
        (r"so \boxed 5. Done", "5"),
        (r"$\boxed\frac12$", r"\frac12"),
        (r"\boxed {7}", "7"),
        (r"\boxed{1}, then \fbox{2}", "2"),
        (r"\fbox{1}, then \boxed{2}", "2"),
        ("no box", ""),
        (r"\boxed{}", ""),
        (r"\framebox{3}", "3"),
        (r"\boxed{\left\{x\right.}", r"\left\{x\right."),
        (r"\boxed{\{1,2\}}", r"\{1,2\}"),
    ],
)
def test_last_box(text: str, inside: str) -> None:
    assert last_box(text) == inside


def test_rows_without_an_answer_are_refused_by_name() -> None:
    rows = [{"problem": "p", "solution": "so \\fbox{5}"}, {"problem": "q", "solution": "no box"}]
    kept, refused = asked(WORDS["math"], rows)
    assert ([row["expected"] for row in kept], refused) == (["5"], ["1"])
    with pytest.raises(InvalidProblemSetError, match="last box of `solution`"):
        asked(WORDS["math"], rows[1:])
    with pytest.raises(InvalidProblemSetError, match="behind `####`"):
        asked(PROGRAMS["gsm8k"], [{"question": "q", "answer": "seven"}])


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("gsm8k", {"problem": "p", "solution": "s"}, "no answer; its columns are: problem, solution"),
        ("math", {"problem": "p"}, "no solution; its columns are: problem"),
        ("mmlu_stem", {"question": "q", "choices": ["1", "2"]}, "no answer or Answer"),
        ("sat", {"Prompt": "q", "Answer": "A"}, "no problem or question or Question"),
        ("ocw", {"problem": "p", "solution": "s"}, "no answer"),
        ("math", {"problem": 3, "answer": "4"}, "is no text but int"),
        ("math", {"problem": ["q"], "answer": "4"}, "is no text but list"),
        ("math", {"problem": "q", "answer": ["4", "5"]}, "is no text but list"),
        ("math", {"problem": "q", "answer": True}, "is no text but bool"),
        ("ocw", {"problem": "q", "answer": {"value": 4}}, "is no text but dict"),
        ("gsm8k", {"question": "  ", "answer": "#### 4"}, "no problem or question"),
        ("mmlu_stem", {"question": "q", "choices": {"text": ["1"]}, "answer": "A"}, "no list but dict"),
        ("mmlu_stem", {"question": "q", "choices": ["1", "2"], "answer": 2}, "no row of MMLU-STEM has an answer"),
        ("mmlu_stem", {"question": "q", "choices": ["1", "2"], "answer": "C"}, "no row of MMLU-STEM has an answer"),
    ],
)
def test_columns_that_are_not_there_are_named(name: str, row: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidProblemSetError, match=message):
        asked(WORDS[name], [row])


def test_an_answer_may_be_a_number() -> None:
    (kept,), _ = asked(WORDS["math"], [{"problem": "q", "answer": 0}])
    assert kept["expected"] == "0"


def test_choices_are_part_of_the_question_and_their_answers_are_letters() -> None:
    row = {"Question": "Which?", "Possible Answers": "(A) 1, (B) 2", "Answer": "B"}
    (kept,), _ = asked(WORDS["sat"], [row])
    assert (kept["problem"], kept["expected"]) == ("Which?\n(A) 1, (B) 2", "B")
    (kept,), _ = asked(WORDS["mmlu_stem"], [{"question": "Which?", "choices": ["1", "2"], "answer": 0}])
    assert (kept["problem"], kept["expected"]) == ("Which?\n(A) 1 (B) 2", "A")
    assert len(WORDS["mmlu_stem"].hub[1]) == 18


@pytest.mark.parametrize(
    "unit", [" ", "* ", "$", "(", "not A ", "A or ", "9 ", "1,", "-", "\\boxed{", "\\text{A}", "= "]
)
def test_long_texts_are_read_in_linear_time(unit: str) -> None:  # otherwise this would take hours
    text = unit * (300_000 // len(unit))
    hashed_number(f"#### {text}x")
    final_choice(f"Final Answer: The final answer is {text}x. I hope it is correct.")
