"""Prompt formats: their exact text (golden files), what they leave out, and how they read answers.

After a change that is meant: `pytest tests/policies/test_prompts.py --update-golden`, and read the difference.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prover.errors import InvalidPromptError, PromptTooLongError
from prover.errors import Message as LeanMessage
from prover.models.model import Prompt
from prover.policies.llm.prompts.answers import without_comments
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.lean_code import proof_in_code
from prover.policies.llm.prompts.llemma import llemma_format
from prover.policies.llm.prompts.llemma_isabelle import llemma_isabelle_format
from prover.policies.llm.prompts.prompt import Failure, PromptFormat, Query, characters
from prover.policies.llm.prompts.states import first_goal, goals, normal, target

GOLDEN = Path(__file__).parent.parent / "golden" / "prompts"
HEADER = "import Std\n\nopen Nat"
STATED = f"{HEADER}\n\ntheorem le_of_dvd' (a b : Nat) (h : a ∣ b) : 0 < b → a ≤ b := by"


def failed(proof: str, *errors: tuple[int, int, str]) -> Failure:
    """A proof that a model gave in a fence below a plan, and its errors by line, column and text."""
    code = f"{STATED}\n{textwrap.indent(proof, '  ')}"
    messages = (LeanMessage("error", text, line, column) for line, column, text in errors)
    return Failure(f"A plan.\n\n```lean4\n{code}\n```", code, tuple(messages))


LEAN = Query(
    state="2 goals\ncase inl\nα : Type u_1\ninst✝ : LE α\na b : Nat\nthis : True\nh : a ∣ b\n⊢ 0 < b → a ≤ b\n\n"
    "case inr\na b : Nat\n⊢ a = a",
    theorem=STATED,
    header=HEADER,
    context=f"{HEADER}\n\ntheorem le_of_dvd' (a b : Nat) (h : a ∣ b) : 0 < b → a ≤ b := by\n  rcases h with h | h\n  ",
    premises=("Nat.le_of_dvd : 0 < n → m ∣ n → m ≤ n", "Nat.dvd_refl : ∀ (a : Nat), a ∣ a"),
    informal="A divisor of a positive number is at most that number.",
    failures=(
        failed("intro hb\nomega", (7, 2, "omega could not prove the goal")),
        failed("simp at h", (6, 2, "simp made no progress"), (5, 0, "unsolved goals\na b : Nat\n⊢ 0 < b → a ≤ b")),
    ),
)
ISABELLE = Query(
    state="proof (prove)\nusing this:\n  0 < b\n\ngoal (2 subgoals):\n "
    "1. a dvd b \\<Longrightarrow> a \\<le> b\n 2. a = a",
    theorem='theorem dvd_le:\n  fixes a b :: nat\n  assumes "a dvd b" and "0 < b"\n  shows "a \\<le> b"',
    informal="A divisor of a positive number is at most that number.\n\n### Solution\n\n"
    "Let $b = ka$. As $b > 0$, $k \\geq 1$.",
)
NAMES = sorted(FORMATS)
TACTICS = [name for name in NAMES if not FORMATS[name].whole_proof]
LEAN_TACTICS = [name for name in TACTICS if name not in ("llemma-isabelle", "raw-context")]
LEAN_PROOFS = [name for name in NAMES if FORMATS[name].whole_proof and name != "isabelle-dsp"]
formats = pytest.mark.parametrize("name", NAMES)


def example_query(name: str) -> Query:
    return ISABELLE if "isabelle" in name else LEAN


def shown(prompt: Prompt) -> str:
    if isinstance(prompt, str):
        return f"{prompt}<end>\n"
    return "".join(f"<{message.role}>\n{message.content}<end>\n" for message in prompt)


def text_of(prompt: Prompt) -> str:
    return prompt if isinstance(prompt, str) else "\n".join(message.content for message in prompt)


# --- prompts ---------------------------------------------------------------------------------------------------------


@formats
def test_prompt_is_exactly_this(name: str, request: pytest.FixtureRequest) -> None:
    rendered = shown(FORMATS[name].render(example_query(name)))
    golden = GOLDEN / f"{name}.txt"
    if request.config.getoption("--update-golden"):
        golden.write_text(rendered, encoding="utf-8")
    assert rendered == golden.read_text(encoding="utf-8")


def test_every_golden_file_has_its_format() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(NAMES)


@pytest.mark.parametrize("name", [name for name in TACTICS if name not in ("reprover-byt5", "internlm-step")])
def test_prefix_ends_the_prompt_and_begins_the_tactic(name: str) -> None:
    query = Query(state="⊢ True", context="example : True := by\n  ", prefix="exact True")
    assert text_of(FORMATS[name].render(query)).endswith("exact True")
    assert FORMATS[name].parse(".intro\nsimp", query) == "exact True.intro"


def test_byt5_repeats_the_prefix_itself() -> None:
    query = Query(state="⊢ True", prefix="exact True")
    assert FORMATS["reprover-byt5"].parse("exact <a>True.intro</a>", query) == "exact True.intro"


def test_the_newline_after_the_last_rule_comes_only_with_a_prefix() -> None:
    assert text_of(FORMATS["llemma"].render(Query("⊢ True"))).endswith("Next tactic:\n---")
    assert text_of(FORMATS["llemma"].render(Query("⊢ True", prefix="rw"))).endswith("Next tactic:\n---\nrw")


def test_header_stands_once_whether_or_not_the_theorem_has_it() -> None:
    bare = Query(state="", theorem=LEAN.statement, header=HEADER)
    for name in LEAN_PROOFS:
        text = text_of(FORMATS[name].render(bare))
        assert text.count("import Std") == 1
        assert text == text_of(FORMATS[name].render(Query(state="", theorem=LEAN.theorem, header=HEADER)))


def test_informal_text_cannot_end_its_comment() -> None:
    query = Query(state="", theorem="theorem t : 1 = 1 := by", informal="x -/ #eval 1 /- y")
    assert "-/ #eval" not in text_of(FORMATS["deepseek-v2-cot"].render(query))
    query = Query(state="", theorem='theorem t: "1 = 1"', informal="x *) end (*")
    assert "*) end" not in text_of(FORMATS["isabelle-dsp"].render(query))


# --- states ----------------------------------------------------------------------------------------------------------


def test_state_loses_its_count_and_keeps_cases_and_daggers() -> None:
    assert normal("2 goals\ncase l\nx✝ : Nat\n⊢ x✝ = x✝\n\n\ncase r\n⊢ True\n") == (
        "case l\nx✝ : Nat\n⊢ x✝ = x✝\n\ncase r\n⊢ True"
    )
    assert normal("1 goal\r\n⊢ True") == "⊢ True"


def test_first_goal_loses_case_and_trivial_hypotheses() -> None:
    state = "case h\nthis✝ this : True\nthis_1 : True ∧ p\nthis : True\n⊢ p\n\ncase g\n⊢ q"
    assert first_goal(state) == "this_1 : True ∧ p\n⊢ p"


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("h : p ∧\n    q\n⊢ p →\n    q\n\n⊢ r", "⊢ p →\n    q"),
        ("x : Nat\n| x + 0", "| x + 0"),
        ("17 -> 4", "17 -> 4"),
        ("", ""),
    ],
)
def test_target_is_the_first_goals(state: str, wanted: str) -> None:
    assert target(state) == wanted


# --- limits ----------------------------------------------------------------------------------------------------------

WORDS = st.text(alphabet="ab ∀∧→ℕ✝₁", min_size=1, max_size=30).map(lambda text: f"x{text}x")
HYPOTHESES = st.lists(WORDS.map(lambda text: f"h : {text}\n    continued"), max_size=6)
GOALS = st.builds(
    lambda case, given, wanted: "\n".join([*(["case c"] if case else []), *given, f"⊢ {wanted}"]),
    st.booleans(),
    HYPOTHESES,
    WORDS,
)
STATES = st.lists(GOALS, min_size=1, max_size=3).map("\n\n".join)
QUERIES = st.builds(
    Query,
    state=STATES,
    theorem=WORDS.map(lambda text: f"theorem t : {text} := by"),
    context=st.lists(WORDS, max_size=20).map("\n".join),
    prefix=st.sampled_from(["", "simp"]),
    premises=st.lists(WORDS.map(lambda text: f"p : {text}"), max_size=4).map(tuple),
    informal=WORDS,
    failures=st.lists(WORDS.map(lambda text: failed(text, (1, 0, text))), max_size=2).map(tuple),
)


@settings(deadline=None)
@given(st.sampled_from([name for name in NAMES if name != "raw-context"]), QUERIES, st.integers(0, 3000))
def test_limit_holds_and_the_goal_is_never_cut(name: str, query: Query, limit: int) -> None:
    known = FORMATS[name]
    full = known.render(query)
    try:
        prompt = known.render(query, limit=limit)
    except PromptTooLongError:
        assert characters(full) > limit
        return
    assert characters(prompt) <= limit
    if known.whole_proof:
        assert query.statement in text_of(prompt)
    elif name != "llemma-isabelle":
        assert target(query.state) in text_of(prompt)
    if characters(full) <= limit:
        assert prompt == full


NAMELESS = Query(state="⊢ p", theorem="theorem t : p := by", context="open Nat")


@settings(deadline=None)
@given(st.sampled_from(LEAN_TACTICS), QUERIES)
@example("internlm-step", NAMELESS)
def test_the_least_limit_holds_the_goal_and_nothing_more(name: str, query: Query) -> None:
    known: PromptFormat = replace(llemma_format(), shots=()) if name == "llemma" else FORMATS[name]
    goal = Query(state=target(query.state), prefix=query.prefix, theorem=query.theorem)
    least = characters(known.render(goal))
    assert FORMATS[name].render(query, limit=least) == known.render(goal)
    with pytest.raises(PromptTooLongError):
        FORMATS[name].render(query, limit=least - 1)


@given(st.lists(WORDS, min_size=1, max_size=20), st.integers(1, 200))
def test_context_is_cut_from_its_beginning_in_whole_lines(lines: list[str], limit: int) -> None:
    query = Query(state="", context="\n".join(lines))
    try:
        prompt = FORMATS["raw-context"].render(query, limit=limit)
    except PromptTooLongError:
        assert len(lines[-1]) > limit
        return
    assert characters(prompt) <= limit
    assert query.context == prompt or query.context.endswith(f"\n{prompt}")


def test_what_is_least_useful_is_left_out_first() -> None:
    context = "-- old\n" * 50 + "-- new"
    query = Query(state="a : Nat\nb : Nat\n⊢ a = b\n\n⊢ other", context=context)
    full = characters(FORMATS["ntp-ctx"].render(query))
    less = text_of(FORMATS["ntp-ctx"].render(query, limit=full - 10))
    assert "-- new" in less
    assert less.count("-- old") == 48
    bare = full - len(context)
    assert "other" in text_of(FORMATS["ntp-ctx"].render(query, limit=bare))
    assert "a : Nat\nb : Nat\n⊢ a = b\n[/STATE]" in text_of(FORMATS["ntp-ctx"].render(query, limit=bare - 1))
    assert "[STATE]\nb : Nat\n⊢ a = b\n[/STATE]" in text_of(FORMATS["ntp-ctx"].render(query, limit=bare - 12))


def test_examples_are_left_out_before_hypotheses() -> None:
    llemma = FORMATS["llemma"]
    full = characters(llemma.render(LEAN))
    two = text_of(llemma.render(LEAN, limit=full - 1))
    assert two.count("Tactic state:") == 3
    assert normal(LEAN.state) in two


def test_early_failures_are_left_out_first() -> None:
    goedel = FORMATS["goedel-v2"]
    messages = goedel.render(LEAN, limit=characters(goedel.render(LEAN)) - 1)
    assert len(messages) == 3
    assert "simp at h" in text_of(messages)
    assert "intro hb" not in text_of(messages)


def test_goedel_shows_at_most_eight_errors_and_takes_any_place() -> None:
    places = [(0, 0, "no place"), *((line, 10**line, "wrong") for line in range(9)), (999_999_999, 0, "wrong")]
    query = replace(LEAN, failures=(failed("omega", *places),))
    question = text_of(FORMATS["goedel-v2"].render(query))
    assert question.count("Error message:") == 8
    assert "Error 1:\n\nError message: no place" in question


def test_sketch_that_the_server_stopped_at_is_closed_when_it_is_shown_again() -> None:
    for answer, whole in (("So <sketch>by simp", "So <sketch>by simp</sketch>"), ("by simp", "by simp")):
        query = replace(LEAN, failures=(Failure(answer, "", ()),))
        prompt = FORMATS["stepfun"].render(query)
        assert isinstance(prompt, tuple)
        assert prompt[2].content == whole


def test_isabelle_state_keeps_its_first_subgoal() -> None:
    known = llemma_isabelle_format()
    alone = "goal (2 subgoals):\n 1. a dvd b \\<Longrightarrow> a \\<le> b"
    least = characters(replace(known, shots=()).render(Query(alone)))
    text = known.render(ISABELLE, limit=least)
    assert alone in text
    assert "using this" not in text


def test_byt5_budget_counts_bytes_and_skips_what_does_not_fit() -> None:
    byt5 = FORMATS["reprover-byt5"]
    query = Query(state="⊢ p", premises=("near : p", "long : " + "∀" * 800, "far : q"))
    assert byt5.render(query) == "theorem <a>far</a> : q\n\ntheorem <a>near</a> : p\n\n⊢ p"
    wide = Query(state="x : " + "∀" * 800 + "\n⊢ p")
    assert byt5.render(wide) == "⊢ p"
    with pytest.raises(PromptTooLongError, match="2,300 bytes"):
        byt5.render(Query(state="⊢ " + "∀" * 800))


def test_prompt_too_long_says_how_long() -> None:
    with pytest.raises(PromptTooLongError, match="at least 34 characters for this goal, but may have 20"):
        FORMATS["llmstep"].render(Query("⊢ " + "p" * 15), limit=20)


# --- answers ---------------------------------------------------------------------------------------------------------

LINES = st.lists(st.sampled_from(["omega", "simp [h]", "  exact h.1", "· rfl", "    ring_nf at *"]), max_size=4)
BLOCKS = LINES.map(lambda lines: "\n".join(["intro n", *lines]))


def answered(name: str, block: str) -> str:
    """A model's answer that gives `block`, as its format has it."""
    code = f"{LEAN.theorem}\n{textwrap.indent(block, '  ')}"
    match name:
        case "isabelle-dsp":
            return f"{block}\n\n\nInformal:\n(*### Problem"
        case "deepseek-v2-noncot":
            return f"{textwrap.indent(block, '  ')}\n```\nDone."
        case "kimina":
            return f"<think>First\n```lean4\nby decide\n```\nhm</think>\n```lean4\n{code}\n```\n"
        case "deepseek-v2-cot" | "goedel-v2" | "stepfun":
            return f"### Plan\n\n```lean4\n{LEAN.theorem}\n  sorry\n```\n\n### Proof\n\n```lean4\n{code}\n```"
        case "ntp-st" | "ntp-ctx":
            return f"{block}\n[/TAC]"
        case "llemma" | "llemma-isabelle":
            return f"\n{block}\n---\n\nTactic state:"
        case _:
            return block


@settings(deadline=None)
@given(st.sampled_from(NAMES), BLOCKS)
def test_answers_are_read_as_they_were_meant(name: str, block: str) -> None:
    meant = block.split("\n")[0] if name in ("raw-context", "reprover-vllm") else block
    assert FORMATS[name].parse(answered(name, block), LEAN if FORMATS[name].whole_proof else Query("⊢ p")) == meant


@formats
@pytest.mark.parametrize("block", ["", "  \n ", "sorry", "admit", "exact sorry", "-- nothing\nsorry", "by\n  sorry"])
def test_giving_up_is_no_answer(name: str, block: str) -> None:
    assert FORMATS[name].parse(answered(name, block), LEAN if FORMATS[name].whole_proof else Query("⊢ p")) is None


HOSTILE = [
    "",
    "```",
    "```lean4",
    "```lean4\n",
    "```lean4\n```",
    "``````lean4\n```lean\n```lean4\n",
    "```lean4\n```lean4\nomega\n```\n```",
    "</think></think>",
    "</think>```lean4\nomega\n```</think>",
    "\0",
    "omega\0",
    "omega\ud800",
    "\u202eomega",
    "/-",
    "```lean4\n/- /- -/ theorem t : p := by\n",
    "theorem := by := by",
    ":::",
    ":::" * 100,
    "[/TAC]",
    "---",
    "(" * 1000,
    '"' * 1001,
    "\\" * 1001,
]
PIECES = st.lists(
    st.sampled_from([*HOSTILE, "theorem le_of_dvd' ", ":= by\n  ", "\n", " ", "sorry", "by", "·", "(", "⟨", "\t"]),
    max_size=12,
).map("".join)


@settings(deadline=None)
@given(st.sampled_from(NAMES), PIECES | st.text(max_size=200), st.sampled_from(["", "exact "]))
@example("kimina", "</think>```lean4\nomega\n```</think>", "")
def test_hostile_answers_never_raise(name: str, text: str, prefix: str) -> None:
    query = Query(state=LEAN.state, theorem=LEAN.theorem, prefix=prefix)
    answer = FORMATS[name].parse(text, query)
    assert answer is None or (answer.strip() and "\0" not in answer and "```" not in answer)


@pytest.mark.parametrize("unit", ["\n", '"', "(", "/-", "--\n", "```lean4\n", "</think>", "theorem ", ":= ", "@[a]\n"])
@pytest.mark.parametrize("name", ["llemma", "deepseek-v2-noncot", "kimina"])
def test_a_megabyte_is_read_in_linear_time(name: str, unit: str) -> None:  # otherwise this would take hours
    FORMATS[name].parse(f"```lean4\n{LEAN.theorem}{unit * (1_000_000 // len(unit))}", LEAN)
    FORMATS[name].parse(unit * (1_000_000 // len(unit)), LEAN)


def test_thoughts_after_the_code_do_not_hide_it() -> None:
    assert FORMATS["kimina"].parse("</think>```lean4\nomega\n```</think>", LEAN) == "omega"


def test_bfs_prover_strips_an_echo() -> None:
    bfs = FORMATS["bfs-prover"]
    assert bfs.parse(f"{normal(LEAN.state)}:::omega", LEAN) == "omega"
    assert bfs.parse("omega:::simp", LEAN) == "omega"


@pytest.mark.parametrize(
    ("code", "proof"),
    [
        ("theorem t (n : Nat) : n = n := by\n  cases n\n  · rfl\n  · rfl", "cases n\n· rfl\n· rfl"),
        ("theorem t (n : Nat) : n = n := by rfl", "rfl"),
        ("theorem t (n : Nat) : n = n := by intro\n                                  rfl", "intro\nrfl"),
        ("theorem t (n : Nat) : n = n := by cases n with\n  | zero => rfl\n  | succ => rfl",
         "cases n with\n  | zero => rfl\n  | succ => rfl"),
        ("theorem t (n : Nat)\n    : n = n :=\n  by\n    rfl\n", "rfl"),
        ("theorem t (n : Nat := by exact 0) : n + 0 = n := by\n  simp\n\nend X", "simp"),
        ("lemma a : p := by\n  rfl\n\ntheorem t (n : Nat) : n = n := by\n  simp\n\n/-- no -/\nexample : p := by\n  q",
         "simp"),
        ("/- theorem t : 1 = 1 := by rfl -/\n@[simp] private theorem t (n : Nat) : n = n := by\n  omega", "omega"),
        ("theorem other (n : Nat) : n = n := by\n  omega", "omega"),
        ("intro h\nomega", "intro h\nomega"),
        ("by\n  intro h\n  omega", "intro h\nomega"),
        ("theorem t (n : Nat) : n = n := rfl", "exact rfl"),
        ("theorem t (n : Nat) : n = n", None),
        ("theorem t (n : Nat) : n = n := by", None),
    ],
)  # fmt: skip
def test_only_the_proof_is_taken_from_code(code: str, proof: str | None) -> None:
    assert proof_in_code(code, Query(state="", theorem="theorem t (n : Nat) : n = n := by")) == proof


def test_longer_statement_that_begins_like_ours_is_a_changed_one() -> None:
    code = "theorem t : p ∧ q := by\n  exact h"
    assert proof_in_code(code, Query(state="", theorem="theorem t : p := by")) == "exact h"


def test_raw_continuation_is_not_mistaken_for_the_next_theorem() -> None:
    known, query = FORMATS["deepseek-v2-noncot"], Query(state="", theorem="theorem t : p := by")
    assert known.parse("  exact h\n\ntheorem u : q := by\n  simp", query) == "exact h"
    assert known.parse("theorem t : p := by\n  exact h\n```", query) == "exact h"
    assert known.parse("```lean4\ntheorem t : p := by\n  exact h\n```", query) == "exact h"


@given(st.lists(st.sampled_from(["a", '"', "--", "/-", "-/", "\n", "\\", " ", "'"])).map("".join))
def test_comments_are_blanked_in_place(text: str) -> None:
    bare = without_comments(text)
    assert len(bare) == len(text)
    assert all(b in (a, " ") for a, b in zip(text, bare, strict=True))
    assert bare.count("\n") == text.count("\n")


# --- a user's own examples -------------------------------------------------------------------------------------------

BLOCK = "Tactic state:\n---\nn : Nat\n\n⊢ n = n\n---\nNext tactic:\n---\nrfl\n---\n"


def test_prompt_file_replaces_instruction_and_examples(tmp_path: Path) -> None:
    path = tmp_path / "shots.txt"
    path.write_text(f"Prove.\nThus:\n\n{BLOCK}\n\n{BLOCK}", encoding="utf-8")
    prompt = llemma_format(prompt_file=path).render(Query("⊢ p"))
    question = "Tactic state:\n---\n⊢ p\n---\nNext tactic:\n---"
    assert prompt == f"Prove.\nThus:\n\n{BLOCK}\n{BLOCK}\n{question}"


def test_our_own_prompt_can_be_written_to_a_file_and_read_back(tmp_path: Path) -> None:
    prompt = text_of(llemma_format().render(Query("⊢ p")))
    path = tmp_path / "shots.txt"
    path.write_text(prompt[: prompt.rindex("Tactic state:")], encoding="utf-8")
    assert llemma_format(prompt_file=path) == llemma_format()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: an instruction should stand here, not the end of the file"),
        (BLOCK, "line 1: an instruction should stand here, not `Tactic state:`"),
        ("Prove.\n", "line 2: `Tactic state:` should stand here, not the end of the file"),
        ("Prove.\n\nState:\n---\n", "line 3: `Tactic state:` should stand here, not `State:`"),
        ("Prove.\n\nTactic state:\n⊢ p\n", "line 4: `---` should stand here, not `⊢ p`"),
        ("Prove.\n\nTactic state:\n---\n⊢ p\n", "line 6: `---` should stand here, not the end of the file"),
        ("Prove.\n\nTactic state:\n---\n---\n", "line 5: a proof state should stand here, not `---`"),
        (f"Prove.\n\n{BLOCK}".replace("rfl", ""), "line 11: a tactic should stand here, not ``"),
        (f"Prove.\n\n{BLOCK}more", "line 13: `Tactic state:` should stand here, not `more`"),
        (f"Prove.\n\n{BLOCK}\n" + "Tactic state:\n---\n⊢ p\n---\nNext tactic:\n---", "line 20: `---` should stand"),
        ("Prove.\n\nTactic state:\n---\n\ud800\n---\n", "line 5: not UTF-8 text"),
    ],
)
def test_malformed_prompt_file_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "shots.txt"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InvalidPromptError) as caught:
        llemma_format(prompt_file=path)
    assert f"shots.txt, {message}" in str(caught.value)


def test_prompt_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidPromptError, match="cannot be read"):
        llemma_format(prompt_file=tmp_path / "none.txt")


# --- catalog ---------------------------------------------------------------------------------------------------------


@formats
def test_defaults_make_sense(name: str) -> None:
    known: PromptFormat = FORMATS[name]
    assert known.name == name
    assert known.samples >= 1
    assert known.max_tokens > 0
    assert (known.temperature == 0) == (known.samples == 1) or name == "reprover-byt5"  # beams


def test_goals_of_a_state() -> None:
    assert goals("2 goals\na\n\nb") == ["a", "b"]
