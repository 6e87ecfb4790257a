from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prover.environments.syntax.isabelle import commands
from prover.environments.syntax.isabelle.plain_text import plain_text
from prover.environments.syntax.isabelle.screening import header_problem, proof_problem
from prover.environments.syntax.isabelle.sketches import pieces, with_sorry
from prover.environments.syntax.isabelle.tokens import Kind, OuterSyntaxError, tokens, without_comments
from tests.environments.syntax.attacks import ATTACKS, HONEST


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_not_tried(name: str) -> None:
    assert proof_problem(ATTACKS[name]) is not None


@pytest.mark.parametrize("name", HONEST)
def test_honest_proof_is_tried(name: str) -> None:
    assert proof_problem(HONEST[name]) is None


@pytest.mark.parametrize("text", ["sorry", "oops", "proof - show ?thesis sorry qed", "sledgehammer", r"\<proof>"])
def test_leaving_something_open_is_giving_up(text: str) -> None:
    problem = proof_problem(text)
    assert problem is not None
    assert problem.gives_up
    assert proof_problem(text, gaps=True) is None


def test_gaps_excuse_nothing_else() -> None:
    assert proof_problem("sorry ML_val \\<open>1\\<close>", gaps=True) is not None


@pytest.mark.parametrize("word", sorted(commands.OUTSIDE - commands.GIVING_UP))
def test_no_command_of_a_theory_passes_in_any_place(word: str) -> None:
    for text in (word, f"by simp {word} x", f"by (simp){word}", f'by simp\n{word}: "x"', f"proof - {word} qed"):
        assert proof_problem(text) is not None, text


def test_commands_of_proofs_are_no_commands_of_theories() -> None:
    assert not commands.PROOF & commands.OUTSIDE
    assert commands.GOALS <= commands.OUTSIDE


@pytest.mark.parametrize(
    "header",
    [
        r"ML \<open>1\<close>",
        'axiomatization where bad: "False"',
        'lemma a: "False" sorry',
        r"lemma a: True by (tactic \<open>all_tac\<close>)",
        r"text \<open>@{ML \<open>1\<close>}\<close>",
        "context begin",
        "end",
        r"oracle o = \<open>I\<close>",
        "declare [[quick_and_dirty]]",
        'definition "x = <apply to top level state>"',
    ],
)
def test_header_may_not_cheat(header: str) -> None:
    assert header_problem(header) is not None


def test_header_may_define() -> None:
    assert header_problem('definition f :: "nat" where "f = 1"\n\nlemma h: "f = 1" by (simp add: f_def)') is None
    assert header_problem('context begin definition "a = True" end') is None


LEXEMES = [
    "lemma",
    "sorry",
    " ",
    "\n",
    '"',
    "`",
    "(*",
    "*)",
    r"\<open>",
    r"\<close>",
    "x",
    "by",
    ".",
    "1",
    r"\<and>",
    "'",
    "{",
    "?",
    '\\"',
    r"\<comment>",
    "é",
]


@given(st.lists(st.sampled_from(LEXEMES), max_size=30).map("".join))
def test_tokens_are_the_text_and_hide_no_word(text: str) -> None:
    """Outside of quotations and comments every run of letters begins a token or goes on in one that begins with one."""
    try:
        found = tokens(text)
    except OuterSyntaxError:
        return
    assert "".join(token.text for token in found) == text
    for token in found:
        if token.kind not in (Kind.WORD, Kind.STRING, Kind.BACKQUOTED, Kind.CARTOUCHE, Kind.COMMENT):
            assert "lemma" not in token.text
            assert "sorry" not in token.text


@given(st.lists(st.sampled_from(LEXEMES), max_size=30).map("".join))
def test_comments_are_gone_and_lines_stay(text: str) -> None:
    try:
        bare = without_comments(text)
    except OuterSyntaxError:
        return
    assert bare.count("\n") == text.count("\n")
    assert all(token.kind is not Kind.COMMENT for token in tokens(bare))


COMMENTED = [
    "by (*é*) simp",
    'by ― ‹@{ML ‹OS.Process.exit 0›} sorry \\ " (*› simp',
    r"by \<comment>\<open>x\<close>simp",
    "by (* ― ‹ *) simp",
]


@pytest.mark.parametrize("text", COMMENTED)
def test_nothing_of_a_comment_is_left(text: str) -> None:
    assert plain_text(text).split() == ["by", "simp"]


@given(st.lists(st.sampled_from(LEXEMES), max_size=30).map("".join))
def test_what_is_judged_is_ascii_without_comments(text: str) -> None:
    try:
        plain = plain_text(text)
    except OuterSyntaxError:
        return
    assert plain.isascii()
    assert plain_text(plain) == plain
    assert (proof_problem(text) is None) == (proof_problem(plain) is None)


def test_sketch_is_cut_at_its_gaps() -> None:
    sketch = 'proof -\n  have "sorry = 1" sledgehammer\n  (* sorry *)\n  then show ?thesis sorry\nqed'
    assert pieces(sketch) == ['proof -\n  have "sorry = 1"', "then show ?thesis", "qed"]
    assert with_sorry(sketch).count("sledgehammer") == 0
